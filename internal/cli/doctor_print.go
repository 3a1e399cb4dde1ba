package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"weir/internal/doctor"
	awspipeline "weir/internal/pipeline/aws"
)

// print writes what was found, what is to be expected and what will bite.
func (d diagnosis) print(w io.Writer) {
	printFacts(w, d.Facts)
	printExpectation(w, d.Facts, d.Expectation)
	fmt.Fprintln(w)
	if len(d.Findings) == 0 {
		fmt.Fprintln(w, "nothing to find: it is ready for a test")
		return
	}
	for _, finding := range d.Findings {
		fmt.Fprintf(w, "%-8s %s\n         %s\n         → %s\n", finding.Severity, finding.What, finding.Why, finding.Fix)
	}
}

func printFacts(w io.Writer, f doctor.Facts) {
	fmt.Fprintf(w, "%-9s %s (%s), region %s%s\n", "account", f.Account, f.Caller, f.Region, at(f.Endpoint))
	if f.ClockAhead != nil {
		fmt.Fprintf(w, "%-9s within %v of AWS's\n", "clock", max(f.ClockAhead.Abs(), time.Second).Round(time.Second))
	}
	if s := f.Stream; s != nil {
		fmt.Fprintf(w, "%-9s %s: %s, %s, %d shards, keeps records %d h, up to %d KiB each, encryption %s, shard-level metrics %s, %d readers\n", "stream",
			s.Name, s.Status, streamMode(s), s.Shards, s.RetentionHours, s.MaxRecordBytes>>10, first(s.Encryption, "NONE"), onOff(len(s.ShardMetrics) > 0), s.Readers+s.FanOut)
	}
	if m := f.Mapping; m != nil {
		fmt.Fprintf(w, "%-9s %s: %s, batch %d, window %v, parallelization factor %d, retries %s, bisect %s, on failure %s, EventCount %s\n", "mapping",
			m.UUID, m.State, m.BatchSize, m.Window, m.Parallelization, retries(m.RetryAttempts), onOff(m.Bisect), first(m.OnFailure, "nowhere"), onOff(m.EventCount))
	}
	if fn := f.Function; fn != nil {
		reserved := "none"
		if fn.Reserved != nil {
			reserved = fmt.Sprint(*fn.Reserved)
		}
		fmt.Fprintf(w, "%-9s %s: %s, %s on %s, timeout %v, %d MB, reserved concurrency %s%s\n", "function",
			fn.Name, fn.State, fn.Runtime, fn.Architecture, fn.Timeout, fn.MemoryMB, reserved, probeText(f.Log))
	}
	if q := f.Quotas; q.Shards > 0 {
		fmt.Fprintf(w, "%-9s %d of %d shards used, %d of %d on-demand streams, %d of %d executions unreserved\n", "quotas",
			q.OpenShards, q.Shards, q.OnDemandStreams, q.OnDemandLimit, q.Unreserved, q.Concurrency)
	}
}

func probeText(l *doctor.Log) string {
	switch {
	case l == nil:
		return ""
	case l.Probe:
		return ", with the probe"
	case l.Lines:
		return ", without the probe"
	}
	return ", probe unknown"
}

func streamMode(s *doctor.Stream) string {
	if s.OnDemand {
		return "on demand"
	}
	return "provisioned"
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func retries(n int) string {
	if n < 0 {
		return "until they expire"
	}
	return fmt.Sprint(n)
}

func printExpectation(w io.Writer, f doctor.Facts, e doctor.Expectation) {
	if len(e.Limits) == 0 {
		return
	}
	knee := e.Limits[0]
	fmt.Fprintf(w, "%-9s %s gives out first, at %.0f records/s of %d B: %s\n", "expect", knee.Resource, knee.Rate, f.Load.RecordBytes, knee.Why)
	if len(e.Limits) > 1 {
		fmt.Fprintf(w, "%-9s then %s at %.0f; one partition key carries %.0f at most\n", "", e.Limits[1].Resource, e.Limits[1].Rate, e.KeyLimit)
	}
	if f.Mapping != nil {
		fmt.Fprintf(w, "%-9s records up to %v old at hand-over, however fast the function is; %s\n", "", e.AgeFloor, workText(f.Load))
	}
	fmt.Fprintf(w, "%-9s the way to the stream: %s\n", "", e.Network)
}

func workText(l doctor.Load) string {
	work := fmt.Sprintf("%v a batch and %v a record", l.PerBatch.Round(10*time.Microsecond), l.PerRecord)
	switch {
	case l.Measured:
		return fmt.Sprintf("an invocation took %v on average in the last 3 h", l.PerBatch.Round(10*time.Microsecond))
	case l.Given:
		return work + ", as given"
	}
	return work + " are assumed (--per-batch, --per-record)"
}

// printPolicy prints the least policy. Without credentials the account is a
// wildcard.
func printPolicy(ctx context.Context, p *Process, f *doctorFlags) error {
	uses := []doctor.Use{doctor.Use(f.iam)}
	if f.iam == "all" {
		uses = doctor.Uses
	}
	scope := doctor.Scope{
		Partition: "aws", Region: first(f.region, p.Getenv("AWS_REGION"), p.Getenv("AWS_DEFAULT_REGION"), "*"), Account: "*",
		Stream: first(f.stream, "*"), Function: first(f.function, "*"), Stack: stackName,
	}
	if f.target == "aws" {
		_, who, err := awspipeline.Find(ctx, awspipeline.Options{Region: f.region, Stream: f.stream})
		if err != nil {
			return usage(err, "without --target aws the policy is printed for any account")
		}
		scope.Region, scope.Account, scope.Partition = who.Region, who.Account, strings.Split(who.ARN, ":")[1]
	}
	policy := doctor.PolicyFor(uses, scope)
	if len(policy.Statement) == 0 {
		return usagef("--iam=%s: run, watch, env or all", f.iam)
	}
	return writeJSON(p.Stdout, policy)
}
