package cloudwatch

import (
	"slices"
	"strings"
	"unicode"

	"weir/internal/emulator/wire"
)

// filterPattern is an unstructured filter pattern ("Filter pattern syntax", User
// Guide, read 2026-11-22): terms that must all be in a message, ?terms of which
// one must be, -terms that must not be. Terms are case-sensitive and found
// anywhere in the message. The zero value matches every message.
type filterPattern struct {
	all, some, none []string
}

func (p filterPattern) matches(message string) bool {
	contained := func(term string) bool { return strings.Contains(message, term) }
	missing := func(term string) bool { return !contained(term) }
	return !slices.ContainsFunc(p.all, missing) &&
		!slices.ContainsFunc(p.none, contained) &&
		(len(p.some) == 0 || slices.ContainsFunc(p.some, contained))
}

func parseFilterPattern(text string) (filterPattern, error) {
	var p filterPattern
	text = strings.TrimSpace(text)
	if text != "" && strings.ContainsRune("{[%", rune(text[0])) {
		return p, invalidPattern("the embedded CloudWatch Logs has terms only, no JSON ({…}), space-delimited ([…]) or regular-expression (%…%) patterns")
	}
	for text != "" {
		into := &p.all
		switch text[0] {
		case '-':
			into, text = &p.none, text[1:]
		case '?':
			into, text = &p.some, text[1:]
		}
		term, rest, err := cutTerm(text)
		if err != nil {
			return filterPattern{}, err
		}
		*into = append(*into, term)
		text = strings.TrimSpace(rest)
	}
	return p, nil
}

// cutTerm cuts a word or a quoted phrase off the beginning of text. A word may
// hold letters, digits and underscores only.
func cutTerm(text string) (term, rest string, err error) {
	if phrase, quoted := strings.CutPrefix(text, `"`); quoted {
		return cutPhrase(phrase)
	}
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		end = len(text)
	}
	term = text[:end]
	odd := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }
	if term == "" || strings.ContainsFunc(term, odd) {
		return "", "", invalidPattern("Invalid character(s) in term '" + term + "': a term other than letters, digits and underscores must be in double quotes")
	}
	return term, text[end:], nil
}

// cutPhrase reads up to the closing quote; a backslash keeps the next character.
func cutPhrase(text string) (phrase, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], nil
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", invalidPattern("a quoted phrase has no end")
}

func invalidPattern(reason string) error {
	return &wire.Error{Code: "InvalidParameterException", Message: "Invalid filter pattern: " + reason + "."}
}
