package doctor

import (
	"fmt"
	"time"
)

func functionState(f *Facts) []Finding {
	if f.Function == nil || f.Function.State == "" || f.Function.State == "Active" {
		return nil
	}
	return []Finding{{
		ID: "function-state", Severity: Blocker, What: fmt.Sprintf("function %s is %s", f.Function.Name, f.Function.State),
		Why: "only an Active function is invoked", Fix: "aws lambda wait function-active-v2 --function-name " + f.Function.Name,
	}}
}

func noConcurrency(f *Facts) []Finding {
	if f.Function == nil || f.Function.Reserved == nil || *f.Function.Reserved > 0 {
		return nil
	}
	return []Finding{{
		ID: "no-concurrency", Severity: Blocker, What: "function " + f.Function.Name + " has a reserved concurrency of 0",
		Why: "every invocation is throttled: records wait until they expire",
		Fix: "aws lambda delete-function-concurrency --function-name " + f.Function.Name,
	}}
}

// concurrency is short where the mapping has more lanes than environments may
// run.
func concurrency(f *Facts) []Finding {
	if f.Function == nil || f.Mapping == nil || f.Stream == nil {
		return nil
	}
	lanes, name := f.lanes(), f.Function.Name
	fix := func(n int) string {
		return fmt.Sprintf("aws lambda put-function-concurrency --function-name %s --reserved-concurrent-executions %d", name, n)
	}
	switch reserved := f.Function.Reserved; {
	case reserved != nil && *reserved > 0 && *reserved < lanes:
		return []Finding{{
			ID: "concurrency", Severity: Warning, What: fmt.Sprintf("%d lanes (shards × parallelization factor) share %d reserved environments", lanes, *reserved),
			Why: "the others are throttled, and Lambda waits longer and longer before it tries them again", Fix: fix(lanes),
		}}
	case reserved == nil && f.Quotas.Unreserved > 0 && f.Quotas.Unreserved < lanes:
		return []Finding{{
			ID: "concurrency", Severity: Warning, What: fmt.Sprintf("%d lanes, but the account has %d unreserved executions left", lanes, f.Quotas.Unreserved),
			Why: "this function and all others of the account would be throttled",
			Fix: "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value " + fmt.Sprint(2*max(lanes, f.Quotas.Concurrency)),
		}}
	}
	return nil
}

// leastPerRecord is the time a record should have within the timeout: most
// functions make a call or two.
const leastPerRecord = time.Millisecond

// batchTimeout compares the timeout with a full batch.
func batchTimeout(f *Facts) []Finding {
	if f.Function == nil || f.Mapping == nil || f.Function.Timeout == 0 {
		return nil
	}
	full := min(f.Mapping.BatchSize, max(recordsPerEvent(f.Load.RecordBytes), 1))
	each := f.Function.Timeout / time.Duration(max(full, 1))
	takes := f.Load.PerBatch + time.Duration(full)*f.Load.PerRecord
	if each >= leastPerRecord && takes < f.Function.Timeout/2 {
		return nil
	}
	return []Finding{{
		ID: "batch-timeout", Severity: Warning, What: fmt.Sprintf("a full batch of %d records has %v: %v for each", full, f.Function.Timeout, each.Round(time.Microsecond)),
		Why: "a backlog makes batches full; one that runs into the timeout is tried again from its start, and again",
		Fix: fmt.Sprintf("aws lambda update-function-configuration --function-name %s --timeout %d", f.Function.Name, enough(full, takes)),
	}}
}

// enough is a timeout in whole seconds that gives a full batch twice its time,
// and each record a millisecond at least.
func enough(records int, takes time.Duration) int {
	need := max(2*takes, time.Duration(records)*leastPerRecord)
	return min(int((need+time.Second-1)/time.Second)+1, 900)
}

func nearTimeout(f *Facts) []Finding {
	if f.Function == nil || f.Function.LongestRun == 0 || f.Function.LongestRun < f.Function.Timeout/2 {
		return nil
	}
	return []Finding{{
		ID: "near-timeout", Severity: Warning, What: fmt.Sprintf("an invocation of the last hours took %v of %v", f.Function.LongestRun.Round(time.Millisecond), f.Function.Timeout),
		Why: "the target is half the timeout: beyond it a slow dependency turns batches into retries",
		Fix: fmt.Sprintf("aws lambda update-function-configuration --function-name %s --timeout %d", f.Function.Name, min(900, int((3*f.Function.LongestRun+time.Second-1)/time.Second))),
	}}
}

// fullCoreMB is the memory with which a function has one vCPU
// (lambda/latest/dg/configuration-memory, 2026-11-22).
const fullCoreMB = 1769

func smallMemory(f *Facts) []Finding {
	if f.Function == nil || f.Function.MemoryMB == 0 || f.Function.MemoryMB > 128 {
		return nil
	}
	return []Finding{{
		ID: "memory", Severity: Note, What: fmt.Sprintf("function %s has %d MB", f.Function.Name, f.Function.MemoryMB),
		Why: fmt.Sprintf("CPU comes with memory: that is %.0f %% of a core, and a batch of 100 records is a lot of JSON", 100*float64(f.Function.MemoryMB)/fullCoreMB),
		Fix: fmt.Sprintf("aws lambda update-function-configuration --function-name %s --memory-size 512", f.Function.Name),
	}}
}

func probe(f *Facts) []Finding {
	if f.Function == nil || f.Log == nil || f.Log.Probe {
		return nil
	}
	finding := Finding{
		ID: "probe", Severity: Warning, What: "function " + f.Function.Name + " writes no lines of weir's probe",
		Why: "what becomes of a record after the stream stays unknown, and so does the verdict (exit code 98)",
		Fix: "wrap its handler: Go with weir/probe, Node.js with probe/js/weir-probe.js (README, The probe in your function)",
	}
	if !f.Log.Lines {
		finding.Severity, finding.What = Note, "whether function "+f.Function.Name+" carries weir's probe is not known: its log has no lines of the last hours"
	}
	return []Finding{finding}
}

func probeLanes(f *Facts) []Finding {
	if f.Function == nil || f.Mapping == nil || f.Log == nil || !f.Log.Probe || f.Mapping.Parallelization < 2 || f.Function.ProbeLanes {
		return nil
	}
	return []Finding{{
		ID: "probe-lanes", Severity: Warning, What: "the parallelization factor is above 1 and WEIR_PROBE_LANES isn't set",
		Why: "batches of one shard overlap, so order can be judged by key only, and the probe doesn't report keys",
		Fix: fmt.Sprintf("aws lambda update-function-configuration --function-name %s --environment 'Variables={WEIR_PROBE_LANES=1}' (with the variables that it has)", f.Function.Name),
	}}
}

func logRetention(f *Facts) []Finding {
	if f.Function == nil || f.Log == nil || !f.Log.Exists || f.Log.RetentionDays > 0 {
		return nil
	}
	return []Finding{{
		ID: "log-retention", Severity: Note, What: "the log group of " + f.Function.Name + " keeps its lines for ever",
		Why: "a load test writes gigabytes of them, at 0.03 USD a GB and month",
		Fix: fmt.Sprintf("aws logs put-retention-policy --log-group-name /aws/lambda/%s --retention-in-days 14", f.Function.Name),
	}}
}
