package report

import (
	"fmt"
	"io"

	"weir/internal/judge"
	"weir/internal/record"
)

// Window writes the verdicts on a window of somebody else's load.
func Window(w io.Writer, d *record.Data, v judge.Verdict, o TextOptions) error {
	t := newText(o)
	t.head(d, v)
	t.line(fmt.Sprintf("window %s to %s UTC, no load of weir's", v.Targets[0].Window[0].Format("2006-01-02 15:04"), v.Targets[0].Window[1].Format("15:04")))
	t.targets(v)
	t.section("RESULT")
	t.sentence(fmt.Sprintf("%s: %s.", v.Overall, v.Reason))
	for _, warning := range v.Warnings {
		t.sentence("warning: " + warning)
	}
	for _, note := range v.Notes {
		t.sentence("note: " + note)
	}
	t.sentence(d.Run.ClockSaid())
	_, err := io.WriteString(w, t.b.String())
	return err
}
