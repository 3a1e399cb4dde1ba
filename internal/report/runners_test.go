package report

import (
	"strings"
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
)

// What is known of a fleet's runners stands in every format, a dead one's share
// in the verdict's reason too.
func TestRunners(t *testing.T) {
	last := time.Date(2026, 11, 22, 12, 0, 9, 0, time.UTC)
	d := &record.Data{Run: record.Run{Status: record.Complete, Runners: []record.Runner{
		{Number: 1, Segment: "0:1/2", Share: 0.5, State: record.RunnerFinished, Accepted: 5000, LatenessP99: new(3 * time.Millisecond), Frames: 20, RSSBytes: 80e6, CPU: 0.25, Notices: []string{"the spot instance is to be taken away at 12:02:00"}},
		{Number: 2, Segment: "1/2:1", Share: 0.5, State: record.RunnerDied, Reason: "signal: killed", Where: "pod weir-2", Accepted: 2000, Frames: 9, Last: last},
	}, Steps: []record.Step{{Judged: true, EndEx: 10000, Start: last.Add(-9 * time.Second), End: last}}}}
	v := judge.Judge(d, judge.Options{})
	const died = "runner 2 of 2 (segment 1/2:1, 50 % of the load) died: signal: killed; its share is unknown from 12:00:09 on"
	if v.Overall != judge.Unknown || !strings.Contains(v.Reason, died) {
		t.Errorf("%s: %s", v.Overall, v.Reason)
	}
	var text, html, markdown strings.Builder
	if err := Text(&text, d, v, TextOptions{Width: 1000}); err != nil {
		t.Fatal(err)
	}
	if err := HTML(&html, d, v); err != nil {
		t.Fatal(err)
	}
	if err := Markdown(&markdown, d, v); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"text": text.String(), "html": html.String(), "markdown": markdown.String()} {
		for _, want := range []string{"5 000", "3 ms", "80 MB", "0.25", "pod weir-2", "taken away at 12:02:00", "its share is unknown from 12:00:09 on"} {
			if !strings.Contains(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(got), want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
}
