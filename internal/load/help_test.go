package load

import (
	"strings"
	"testing"
)

func TestAsksHelp(t *testing.T) {
	for args, want := range map[string]bool{
		"": true, "help run": true, "run --help": true, "-h": true, "run -u 5 script.js": false, "run -- --help": false, "version": false,
	} {
		if got := asksHelp(strings.Fields(args)); got != want {
			t.Errorf("k6 %s: %v", args, got)
		}
	}
}

func TestRenamedHelp(t *testing.T) {
	const help = "Usage:\n  weir run [flags]\n\nUse \"weir [command] --help\" for more.\n"
	const want = "Usage:\n  weir k6 run [flags]\n\nUse \"weir k6 [command] --help\" for more.\n"
	if got := renamed(help, "weir", "weir k6"); got != want {
		t.Error(got)
	}
}
