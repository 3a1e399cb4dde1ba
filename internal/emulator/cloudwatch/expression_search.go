package cloudwatch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"weir/internal/quota"
)

// A search, in falling order of precedence (search-expression-syntax, User
// Guide, read 2026-11-22):
//
//	{Namespace, Dimension, …}   the metrics of exactly these dimensions
//	term | "exact term" | Property=term | Property="exact term" | (search)
//	NOT
//	AND, or nothing
//	OR

// Limits of a search.
const (
	maxSearchChars   = 1024
	searchesBack     = 14 * 24 * time.Hour // metrics without points since then aren't found
	defaultSearching = 300                 // seconds of a period
)

// search is SEARCH(query, statistic[, period]).
func search(e *evaluation, args []operand) (operand, error) {
	query, stat, period := args[0], args[1], int64(defaultSearching)
	if query.kind != kindText || stat.kind != kindText {
		return operand{}, errors.New("the query and the statistic must be texts")
	}
	if len(args) == 3 {
		if period = int64(args[2].number); args[2].kind != kindNumber || !validPeriod(period) {
			return operand{}, errors.New("the period must be 1, 5, 10, 20, 30 or a multiple of 60 seconds")
		}
	}
	if _, ok := parseStatistic(stat.text); !ok {
		return operand{}, fmt.Errorf("%s is not a statistic that the embedded CloudWatch has", stat.text)
	}
	matches, err := parseSearch(query.text)
	if err != nil {
		return operand{}, err
	}
	w, err := newWindow(e.in.StartTime, e.in.EndTime, period)
	if err != nil {
		return operand{}, err
	}
	since := e.store.options.Now().Add(-searchesBack).Unix()
	found := e.store.list(func(m metric, over span) bool { return over.newest >= since && matches(m) })
	if len(found) > quota.GetMetricDataMaxQueries {
		return operand{}, fmt.Errorf("the search finds more than %d metrics", quota.GetMetricDataMaxQueries)
	}
	var list []timeSeries
	for _, m := range found {
		list = append(list, e.store.readStat(&metricStat{Metric: m, Period: period, Stat: stat.text}, w))
	}
	return severalOf(list), nil
}

// matcher tells whether a search finds a metric.
type matcher func(metric) bool

func parseSearch(text string) (matcher, error) {
	if len(text) > maxSearchChars {
		return nil, fmt.Errorf("the search is longer than %d characters", maxSearchChars)
	}
	schema, rest, err := parseSchema(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	p := &searchParser{words: splitSearch(strings.TrimLeft(rest, ", "))}
	if len(p.words) == 0 {
		if schema == nil {
			return nil, errors.New("the search is empty")
		}
		return schema, nil
	}
	terms, err := p.or()
	switch {
	case err != nil:
		return nil, err
	case len(p.words) > 0:
		return nil, fmt.Errorf("unexpected %q in the search", p.words[0])
	case schema == nil:
		return terms, nil
	}
	return func(m metric) bool { return schema(m) && terms(m) }, nil
}

// parseSchema reads {Namespace, Dimension, …}, if the text begins with it.
func parseSchema(text string) (schema matcher, rest string, err error) {
	inside, braced := strings.CutPrefix(text, "{")
	if !braced {
		return nil, text, nil
	}
	inside, rest, closed := strings.Cut(inside, "}")
	if !closed {
		return nil, "", errors.New("the search's { is not closed")
	}
	var names []string
	for part := range strings.SplitSeq(inside, ",") {
		names = append(names, strings.Trim(strings.TrimSpace(part), `"`))
	}
	want := names[1:]
	slices.Sort(want)
	return func(m metric) bool {
		var have []string
		for _, d := range m.Dimensions {
			have = append(have, d.Name)
		}
		slices.Sort(have)
		return m.Namespace == names[0] && slices.Equal(have, want)
	}, rest, nil
}

// splitSearch cuts terms apart. A quoted one keeps its opening quote, and a
// property its equals sign: MetricName="x" is [MetricName= "x].
func splitSearch(text string) (words []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`()"=`, r) })
		switch {
		case text[0] == '"':
			exact, rest := cutQuoted(text[1:])
			words, text = append(words, `"`+exact), rest
			continue
		case n == 0:
			n = 1
		case n < 0:
			n = len(text)
		case text[n] == '=':
			n++
		}
		words, text = append(words, text[:n]), text[n:]
	}
	return words
}

// cutQuoted reads to the closing quote; a backslash takes the next character as
// it is.
func cutQuoted(text string) (inside, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:]
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}

type searchParser struct{ words []string }

func (p *searchParser) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *searchParser) take(word string) bool {
	if p.peek() != word || len(p.words) == 0 {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *searchParser) or() (matcher, error) {
	left, err := p.and()
	for err == nil && p.take("OR") {
		var right matcher
		one := left
		right, err = p.and()
		left = func(m metric) bool { return one(m) || right(m) }
	}
	return left, err
}

func (p *searchParser) and() (matcher, error) {
	left, err := p.not()
	for err == nil && len(p.words) > 0 && p.peek() != "OR" && p.peek() != ")" {
		p.take("AND")
		var right matcher
		one := left
		right, err = p.not()
		left = func(m metric) bool { return one(m) && right(m) }
	}
	return left, err
}

func (p *searchParser) not() (matcher, error) {
	if p.take("NOT") {
		inner, err := p.not()
		return func(m metric) bool { return !inner(m) }, err
	}
	return p.term()
}

func (p *searchParser) term() (matcher, error) {
	word := p.peek()
	if word == "" || word == ")" || word == "=" {
		return nil, errors.New("the search lacks a term")
	}
	p.words = p.words[1:]
	if word == "(" {
		inner, err := p.or()
		if err == nil && !p.take(")") {
			err = errors.New("a parenthesis of the search is not closed")
		}
		return inner, err
	}
	property, named := strings.CutSuffix(word, "=")
	if named {
		if word = p.peek(); word == "" || strings.HasPrefix(word, "(") || word == ")" {
			return nil, fmt.Errorf("the search lacks a term for %s", property)
		}
		p.words = p.words[1:]
	}
	return func(m metric) bool { return slices.ContainsFunc(m.texts(property, named), termOf(word)) }, nil
}

// texts are what a term is compared with: everything of the metric, or the
// property that is named.
func (m metric) texts(property string, named bool) (texts []string) {
	if !named || property == "Namespace" {
		texts = append(texts, m.Namespace)
	}
	if !named || property == "MetricName" {
		texts = append(texts, m.MetricName)
	}
	for _, d := range m.Dimensions {
		if !named {
			texts = append(texts, d.Name)
		}
		if !named || property == d.Name {
			texts = append(texts, d.Value)
		}
	}
	return texts
}

// termOf is the comparison with one term: a quoted one with the whole text,
// another with consecutive tokens of it.
func termOf(word string) func(text string) bool {
	if exact, quoted := strings.CutPrefix(word, `"`); quoted {
		return func(text string) bool { return text == exact }
	}
	want := tokens(word)
	return func(text string) bool {
		have := tokens(text)
		for i := range have {
			if len(want) > 0 && i+len(want) <= len(have) && slices.Equal(have[i:i+len(want)], want) {
				return true
			}
		}
		return strings.EqualFold(strings.Join(have, ""), strings.Join(want, ""))
	}
}

// tokens cuts a name where a capital begins a word, where digits begin or end,
// and at everything else that is no letter: SDBFailure-2 is sdb, failure, 2.
func tokens(name string) (list []string) {
	runes := []rune(name)
	class := func(i int) rune {
		switch r := runes[i]; {
		case unicode.IsUpper(r):
			return 'A'
		case unicode.IsLower(r):
			return 'a'
		case unicode.IsDigit(r):
			return '0'
		}
		return ' '
	}
	start := 0
	flush := func(end int) {
		if end > start {
			list = append(list, strings.ToLower(string(runes[start:end])))
		}
		start = end
	}
	for i := range runes {
		switch here := class(i); {
		case here == ' ':
			flush(i)
			start = i + 1
		case i > start && here != class(i-1) && (here != 'a' || class(i-1) != 'A'):
			flush(i)
		case i > start+1 && here == 'a' && class(i-1) == 'A' && class(i-2) == 'A':
			flush(i - 1) // SDBFailure: the F belongs to the word that follows
		}
	}
	flush(len(runes))
	return list
}
