package push

import (
	"fmt"
	"slices"
	"strings"
)

// defaultTags are the tags of samples that reach a service unless the user
// names others: few values each, whatever the load.
var defaultTags = []string{"test", "stream", "function", "scenario", "cause"}

// unbounded are tags with ever new values. Each value of each is a series of
// its own, to be paid for and of use to nobody.
var unbounded = []string{"run", "run_id", "runid", "testid", "test_run_id", "vu", "iter", "url", "ip"}

// otherValue stands for the values of combinations beyond the bound.
const otherValue = "other"

// tag is a name and value.
type tag struct{ name, value string }

// parseTags reads names with + between them; empty is the default.
func parseTags(text string) ([]string, error) {
	if text == "" {
		return defaultTags, nil
	}
	names := strings.Split(text, "+")
	for _, name := range names {
		if name == "" || name[0] == ':' || !ascii(name) {
			return nil, fmt.Errorf("%q is no tag's name: write for example test+scenario", name)
		}
		if slices.Contains(unbounded, strings.ToLower(name)) {
			return nil, fmt.Errorf("tag %s has a new value in every run, VU or request: each would be a metric of its own", name)
		}
	}
	return names, nil
}

// bounds keeps the series that reach a service few: only chosen tags, and of
// their combinations only the first most. It has one owner.
type bounds struct {
	names []string
	most  int
	known map[string]bool // combinations seen, by key
}

func newBounds(names []string, most int) *bounds {
	return &bounds{names: names, most: most, known: map[string]bool{}}
}

// of is what remains of a sample's tags, and a key that tells combinations
// apart. A tag without a value is left out.
func (b *bounds) of(metric string, tags map[string]string) (kept []tag, key string) {
	for _, name := range b.names {
		if v := tags[name]; v != "" {
			kept = append(kept, tag{name, v})
		}
	}
	key = seriesKey(metric, kept)
	if b.known[key] || len(b.known) < b.most {
		b.known[key] = true
		return kept, key
	}
	for i := range kept {
		kept[i].value = otherValue
	}
	return kept, seriesKey(metric, kept)
}

// beyond reports whether the combination was met only after the bound.
func (b *bounds) beyond(key string) bool { return !b.known[key] }

func seriesKey(metric string, tags []tag) string {
	var key strings.Builder
	key.WriteString(metric)
	for _, t := range tags {
		key.WriteString("\x00" + t.name + "\x00" + t.value)
	}
	return key.String()
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
