package load

import (
	"slices"
	"strings"
	"testing"
)

func TestDatadogByItsName(t *testing.T) {
	for given, want := range map[string]string{
		"run --out datadog s.js":                      "run --out dogstatsd s.js",
		"run -o datadog=addr=a:1,tags=test json s.js": "run -o dogstatsd=addr=a:1,tags=test json s.js",
		"run --out=datadog --out json=datadog":        "run --out=dogstatsd --out json=datadog",
		"run datadog --tag out=datadog":               "run datadog --tag out=datadog",
	} {
		if got := withDatadog(strings.Fields(given)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}
