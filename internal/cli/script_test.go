package cli

import "testing"

// Lines as k6 v2.2.0 wrote them.
func TestFirstException(t *testing.T) {
	const (
		info   = `time="2026-11-23T06:11:07Z" level=info msg="kinesis: records go to http://127.0.0.1:33187"` + "\n"
		output = `time="2026-11-23T06:11:07Z" level=error msg="the output is full" output=json` + "\n"
		thrown = `time="2026-11-23T06:11:07Z" level=error msg="ReferenceError: \"x\" is not defined\n\tat default (file:///bad.js:3:36(2))\n" executor=per-vu-iterations hint="script exception" scenario=default source=stacktrace` + "\n"
		bare   = `time="2026-11-23T06:11:08Z" level=error msg=second executor=per-vu-iterations scenario=default` + "\n"
	)
	for log, want := range map[string]string{
		"":                                     "",
		info + output:                          "",
		info + output + thrown + thrown:        `ReferenceError: "x" is not defined at default (file:///bad.js:3:36(2))`,
		bare + thrown:                          `ReferenceError: "x" is not defined at default (file:///bad.js:3:36(2))`,
		"\x00 torn" + thrown[:len(thrown)-130]: "",
	} {
		if got := firstException(log); got != want {
			t.Errorf("%q: %q, want %q", log, got, want)
		}
	}
}
