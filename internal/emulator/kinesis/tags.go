package kinesis

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/internal/quota"
)

// tag is one tag as the lists give it.
type tag struct{ Key, Value string }

// listTags are tags in the order of their keys; not nil.
func listTags(tags map[string]string) []tag {
	out := []tag{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, tag{key, tags[key]})
	}
	return out
}

// newTags checks the tags of a request, of which there must be one at least.
func (v *validation) newTags(tags map[string]string) {
	switch {
	case tags == nil:
		v.required("tags")
	case len(tags) == 0:
		v.violate("'{}'", "tags", "Member must have length greater than or equal to 1")
	default:
		v.tags(tags)
	}
}

// tags checks the lengths of keys and values.
func (v *validation) tags(tags map[string]string) {
	shown := make([]string, 0, len(tags))
	longKey, longValue := false, false
	for _, t := range listTags(tags) {
		shown = append(shown, t.Key+"="+t.Value)
		longKey = longKey || t.Key == "" || utf8.RuneCountInString(t.Key) > quota.MaxTagKeyChars
		longValue = longValue || utf8.RuneCountInString(t.Value) > quota.MaxTagValueChars
	}
	value := "'{" + strings.Join(shown, ", ") + "}'"
	if longKey {
		v.violate(value, "tags", fmt.Sprintf("Map keys must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 1]", quota.MaxTagKeyChars))
	}
	if longValue {
		v.violate(value, "tags", fmt.Sprintf("Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 0]", quota.MaxTagValueChars))
	}
}

// tagKeys checks the keys to remove.
func (v *validation) tagKeys(keys []string) {
	switch n := len(keys); {
	case keys == nil:
		v.required("tagKeys")
	case n == 0:
		v.violate("'[]'", "tagKeys", "Member must have length greater than or equal to 1")
	case n > quota.MaxTags:
		v.violate("'["+strings.Join(keys, ", ")+"]'", "tagKeys", fmt.Sprintf("Member must have length less than or equal to %d", quota.MaxTags))
	}
	for i := range keys {
		v.text(fmt.Sprintf("tagKeys.%d.member", i+1), &keys[i], "", 1, quota.MaxTagKeyChars)
	}
}

// withTags are old and added tags together, too many of which are an error.
func withTags(old, added map[string]string, resource string) (map[string]string, error) {
	all := make(map[string]string, len(old)+len(added))
	maps.Copy(all, old)
	maps.Copy(all, added)
	if len(all) > quota.MaxTags {
		return nil, invalidArgument(fmt.Sprintf("Failed to add tags to %s because it cannot have more than %d tags associated with it.", resource, quota.MaxTags))
	}
	return all, nil
}

func withoutTags(old map[string]string, keys []string) map[string]string {
	rest := maps.Clone(old)
	maps.DeleteFunc(rest, func(key, _ string) bool { return slices.Contains(keys, key) })
	return rest
}
