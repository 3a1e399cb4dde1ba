package observe

import (
	"context"
	"fmt"
	"time"

	"weir/internal/pipeline"
	"weir/internal/plan"
	"weir/internal/record"
)

// WindowPeriod is the resolution of a window: what AWS's own metrics have.
const WindowPeriod = time.Minute

// windowPages bounds the pages of REPORT lines that are read of a window: at
// 10 000 lines or 1 MiB each, some two million lines.
const windowPages = 200

// Window reads what a pipeline under somebody else's load shows of itself in
// [from, to), whole minutes: its metrics by the minute and, with logs, its
// function's REPORT lines. It makes no load and changes nothing. Logs that can't
// be read are a note; metrics that can't are an error.
func Window(ctx context.Context, a pipeline.Address, from, to time.Time, logs bool) (*record.Data, error) {
	a.Resolution = WindowPeriod
	found, err := Describe(ctx, a)
	if err != nil {
		return nil, err
	}
	d := &record.Data{Run: record.Run{
		Format: record.Format, ID: a.Stream, Test: plan.Test{Name: "window"}, Watched: true, Status: record.Complete,
		Started: from, LoadStart: from, LoadEnd: to, Ended: to, Pipeline: found,
		Steps: []record.Step{{Judged: true, Start: from, End: to}},
	}}
	vended := NewVended(a)
	if err := vended.WatchShards(ctx, found); err != nil {
		d.Run.Notes = append(d.Run.Notes, fmt.Sprintf("the shard-level metrics were not read: %v", err))
	}
	if d.Series, err = vended.Read(ctx, from, to); err != nil {
		return nil, err
	}
	d.Run.Reading.MetricCalls, d.Run.Reading.Metrics = vended.Took()
	if logs && a.Function != "" {
		readReports(ctx, a, &d.Run)
	}
	return d, nil
}

// readReports adds the window's REPORT lines to the run.
func readReports(ctx context.Context, a pipeline.Address, run *record.Run) {
	l := NewReportReader(a, run.Started)
	l.until, l.pages = run.Ended, windowPages
	var tally reportTally
	err := l.Read(ctx, func(message string) {
		if inv, ok := ParseReport(message); ok {
			tally.add(inv)
		}
	})
	run.Reports = tally.reports()
	run.Reading.LogCalls, run.Reading.LogLines, run.Reading.LogBytes = l.took.Calls, l.took.Lines, l.took.Bytes
	switch {
	case err != nil:
		run.Notes = append(run.Notes, fmt.Sprintf("the REPORT lines were not all read: %v", err))
	case l.cut:
		err = fmt.Errorf("only the first %d lines, up to %s, were read", l.took.Lines, l.newest.UTC().Format("15:04:05"))
	}
	if err != nil && run.Reports != nil {
		run.Reports.CutShort = err.Error()
	}
}
