package report

import (
	"fmt"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
)

// runnerHead are the columns of the runners' table; the first three and the
// last are words.
var runnerHead = []string{
	"runner", "segment", "state", "accepted", "rejected", "not sent", "late p99", "put p99", "CPU", "memory", "reports", "where",
}

// runnerRows are the runners of a fleet; none where one machine made the load.
func runnerRows(d *record.Data) [][]string {
	var rows [][]string
	for _, r := range d.Run.Runners {
		reports := judge.Count(int64(r.Frames))
		if r.Missing > 0 {
			reports += fmt.Sprintf(" (%d lost)", r.Missing)
		}
		rows = append(rows, []string{
			fmt.Sprint(r.Number), r.Segment, string(r.State),
			judge.Count(r.Accepted), judge.Count(r.Rejected), judge.Count(r.NotSent), milliseconds(r.LatenessP99), milliseconds(r.PutP99),
			fmt.Sprintf("%.2f", r.CPU), fmt.Sprintf("%.0f MB", float64(r.RSSBytes)/1e6), reports, r.Where,
		})
	}
	return rows
}

// runnerNotices are what runners were told and how those that died did.
func runnerNotices(d *record.Data) []fact {
	var all []fact
	for _, r := range d.Run.Runners {
		name := fmt.Sprintf("runner %d", r.Number)
		for _, n := range r.Notices {
			all = append(all, fact{name, n})
		}
		if trouble := r.Trouble(len(d.Run.Runners)); trouble != "" {
			all = append(all, fact{name, trouble})
		}
	}
	return all
}

func milliseconds(d *time.Duration) string {
	if d == nil {
		return "–"
	}
	return judge.Number(float64(d.Microseconds())/1000, "ms")
}

func (t *text) runners(d *record.Data) {
	rows := runnerRows(d)
	if len(rows) == 0 {
		return
	}
	tab := table{align: "rllrrrrrrrrl"}
	tab.add(runnerHead...)
	for _, row := range rows {
		tab.add(row...)
	}
	t.section("RUNNERS  (CPU: cores, mean; memory: at most; late: start of calls)")
	for _, l := range tab.lines() {
		t.line("  " + l)
	}
	for _, n := range runnerNotices(d) {
		t.wrapped(n.Name+": "+n.Value, "    ")
	}
}

func (m *markdown) runners(d *record.Data) {
	rows := runnerRows(d)
	if len(rows) == 0 {
		return
	}
	m.line("## Runners")
	m.row(runnerHead...)
	m.rule("--:", "---", "---", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "---")
	for _, row := range rows {
		m.row(row...)
	}
	m.list(runnerNotices(d))
}
