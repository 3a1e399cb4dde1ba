package doctor

import (
	"fmt"
	"time"

	"weir/internal/quota"
)

// update is the command that changes the mapping.
func (m *Mapping) update(arguments string) string {
	return "aws lambda update-event-source-mapping --uuid " + m.UUID + " " + arguments
}

func mappingState(f *Facts) []Finding {
	m := f.Mapping
	switch {
	case m == nil:
		return nil
	case m.State != "Enabled" && m.State != "Updating":
		return []Finding{{
			ID: "mapping-state", Severity: Blocker, What: "the event source mapping is " + m.State,
			Why: "nothing reads the stream: records wait until they expire", Fix: m.update("--enabled"),
		}}
	case len(m.LastResult) > 7 && m.LastResult[:7] == "PROBLEM":
		return []Finding{{
			ID: "mapping-problem", Severity: Warning, What: "the mapping's last result: " + m.LastResult,
			Why: "its shards may be stuck on a batch that fails: a test would begin behind a backlog",
			Fix: "aws logs tail /aws/lambda/" + f.Function.Name + " --since 1h",
		}}
	}
	return nil
}

func (m *Mapping) endless() bool { return m.RetryAttempts < 0 && m.MaxRecordAge <= 0 }

// endlessRetries is Lambda's default.
func endlessRetries(f *Facts) []Finding {
	m := f.Mapping
	if m == nil || !m.endless() {
		return nil
	}
	blocked := 24 * time.Hour
	if f.Stream != nil && f.Stream.RetentionHours > 0 {
		blocked = time.Duration(f.Stream.RetentionHours) * time.Hour
	}
	return []Finding{{
		ID: "endless-retries", Severity: Warning, What: "the mapping retries a failed batch until its records expire (Lambda's default)",
		Why: fmt.Sprintf("one poison record blocks its shard for %.0f h, and what waits behind it for as long expires unread", blocked.Hours()),
		Fix: m.update("--maximum-retry-attempts 3 --maximum-record-age-in-seconds 3600 --bisect-batch-on-function-error --destination-config OnFailure={Destination=QUEUE_ARN}"),
	}}
}

// silentDrop is the opposite of endless retries.
func silentDrop(f *Facts) []Finding {
	m := f.Mapping
	if m == nil || m.endless() || m.OnFailure != "" {
		return nil
	}
	return []Finding{{
		ID: "silent-drop", Severity: Warning, What: "the mapping gives batches up, and has no on-failure destination",
		Why: "records are lost, and nothing says which", Fix: m.update("--destination-config OnFailure={Destination=QUEUE_ARN}"),
	}}
}

func wholeBatchRetried(f *Facts) []Finding {
	m := f.Mapping
	if m == nil || m.BatchSize == 1 || m.Bisect || m.ReportsFailures {
		return nil
	}
	return []Finding{{
		ID: "whole-batch", Severity: Warning, What: fmt.Sprintf("one bad record fails and repeats its whole batch of up to %d", m.BatchSize),
		Why: "the good ones are processed again each time, and given up together with the bad one",
		Fix: m.update("--bisect-batch-on-function-error") + ", or report batch item failures",
	}}
}

func filtered(f *Facts) []Finding {
	m := f.Mapping
	if m == nil || m.Filters == 0 {
		return nil
	}
	return []Finding{{
		ID: "filter", Severity: Warning, What: fmt.Sprintf("the mapping has %d filter patterns", m.Filters),
		Why: "records that don't match are dropped without a trace, and data that isn't JSON always is",
		Fix: "give records that pass: weir run --payload-file events.ndjson, or --template",
	}}
}

func ageBeyondRetention(f *Facts) []Finding {
	m := f.Mapping
	if m == nil || f.Stream == nil || f.Stream.RetentionHours == 0 {
		return nil
	}
	kept := time.Duration(f.Stream.RetentionHours) * time.Hour
	if m.MaxRecordAge <= kept {
		return nil
	}
	return []Finding{{
		ID: "age-beyond-retention", Severity: Warning, What: fmt.Sprintf("the mapping tries records up to an age of %v, the stream keeps them %v", m.MaxRecordAge, kept),
		Why: "they expire first, and don't reach the on-failure destination",
		Fix: m.update(fmt.Sprintf("--maximum-record-age-in-seconds %d", int(kept.Seconds()/2))),
	}}
}

func startsAtLatest(f *Facts) []Finding {
	m := f.Mapping
	if m == nil || m.StartingPosition != "LATEST" {
		return nil
	}
	return []Finding{{
		ID: "latest", Severity: Note, What: "the mapping started at LATEST",
		Why: "what is put while it is made or enabled, some minutes, is never read (lambda/latest/dg/with-kinesis)",
		Fix: "for a test make the mapping with --starting-position TRIM_HORIZON",
	}}
}

// fewRecordsPerEvent is a batch that can never be full.
func fewRecordsPerEvent(f *Facts) []Finding {
	m := f.Mapping
	if m == nil || f.Load.RecordBytes == 0 {
		return nil
	}
	most := recordsPerEvent(f.Load.RecordBytes)
	if m.BatchSize <= most {
		return nil
	}
	return []Finding{{
		ID: "batch-never-full", Severity: Note, What: fmt.Sprintf("a batch of %d records of %d B doesn't fit in the 6 MB of an invocation", m.BatchSize, f.Load.RecordBytes),
		Why: fmt.Sprintf("data travels in base64: %d records do", most), Fix: m.update(fmt.Sprintf("--batch-size %d", max(most, 1))),
	}}
}

// latencyTarget is weir's target for record latency (plan.DefaultTargets).
const latencyTarget = 2 * time.Second

// AgeFloor is the oldest that a record is, in perfect health, when it is handed
// over: a poll of each shard comes every second, and a batch waits for its
// window.
func AgeFloor(m *Mapping) time.Duration {
	if m.FanOut {
		return m.Window
	}
	return quota.PollInterval + m.Window
}

func ageFloor(f *Facts) []Finding {
	if f.Mapping == nil || AgeFloor(f.Mapping) < latencyTarget {
		return nil
	}
	return []Finding{{
		ID: "age-floor", Severity: Warning, What: fmt.Sprintf("with a batching window of %v records are up to %v old when they are handed over", f.Mapping.Window, AgeFloor(f.Mapping)),
		Why: fmt.Sprintf("the target of record latency, %v, can't be met at a low rate, however fast the function is", latencyTarget),
		Fix: f.Mapping.update("--maximum-batching-window-in-seconds 0") + ", or set another target",
	}}
}

func eventCount(f *Facts) []Finding {
	if f.Mapping == nil || f.Mapping.EventCount {
		return nil
	}
	return []Finding{{
		ID: "event-count", Severity: Warning, What: "the mapping sends no EventCount metrics",
		Why: "what was read, filtered and dropped isn't counted, so throughput match rests on the probe alone",
		Fix: f.Mapping.update("--metrics-config Metrics=EventCount"),
	}}
}
