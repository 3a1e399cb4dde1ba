// Package report shows a run and its verdicts: as text for a terminal, as one
// HTML file, as Markdown, JUnit XML and JSON. It decides nothing; every format
// is drawn from the same facts.
package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/record"
)

// fact is a name with its value in words.
type fact struct{ Name, Value string }

// targetNames are the targets as headings.
var targetNames = map[string]string{
	judge.IteratorAge:     "Iterator age",
	judge.LambdaDuration:  "Lambda duration",
	judge.LambdaErrors:    "Lambda errors",
	judge.Throttles:       "Throttles",
	judge.ThroughputMatch: "Throughput match",
	judge.RecordLatency:   "Record latency",
	judge.Ledger:          "Ledger",
}

// pipelineLine says what was tested; of an embedded pipeline that its timing
// is a model, of a simulated one that there was none.
func pipelineLine(d *record.Data) string {
	p := d.Run.Pipeline
	switch p.Kind {
	case record.Simulated:
		return fmt.Sprintf("simulated in virtual time, profile %s: nothing here was measured", p.Profile)
	case "embedded":
	default:
		return "AWS, region " + p.Region
	}
	if p.Profile == "" { // of a pipeline that was found, not started
		return "embedded pipeline: local timing is a model"
	}
	return fmt.Sprintf("embedded pipeline, profile %s: local timing is a model", p.Profile)
}

// loadLine says in one line what was offered to what.
func loadLine(d *record.Data) string {
	p := d.Run.Pipeline
	parts := []string{fmt.Sprintf("stream %s, open shards: %d", p.Stream, p.Shards)}
	if p.Function != "" {
		parts = append(parts, fmt.Sprintf("function %s, batches of up to %d", p.Function, p.BatchSize))
	}
	if n := d.Ledger.Offered; n > 0 {
		parts = append(parts, judge.Count(n)+" records offered")
	}
	if payload := d.Run.Test.Payload; payload.File != "" {
		parts = append(parts, "payload from "+payload.File)
	}
	if text := sizesLine(d.Run.Sizes); text != "" {
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}

// sizesLine says how large the records sent were, their token included; empty
// where it was not recorded.
func sizesLine(sizes []record.Size) string {
	switch len(sizes) {
	case 0:
		return ""
	case 1:
		return judge.Count(int64(sizes[0].Bytes)) + " bytes each"
	}
	at := func(q float64) string { return judge.Count(int64(sizeQuantile(sizes, q))) }
	return fmt.Sprintf("record bytes min %s, p25 %s, median %s, p75 %s, p99 %s, max %s",
		at(0), at(0.25), at(0.5), at(0.75), at(0.99), at(1))
}

// sizeQuantile is the nearest-rank quantile of sizes, which rise.
func sizeQuantile(sizes []record.Size, q float64) int {
	var total, seen int64
	for _, s := range sizes {
		total += s.Records
	}
	rank := max(int64(math.Ceil(q*float64(total))), 1)
	for _, s := range sizes {
		if seen += s.Records; seen >= rank {
			return s.Bytes
		}
	}
	return sizes[len(sizes)-1].Bytes
}

// capacityLine says which rates were sustained and what gave out.
func capacityLine(v judge.Verdict) string {
	k := v.Knee
	switch {
	case k.Sustained == nil && k.Unsustained == nil:
		if text := shapesLine(v.Steps); text != "" {
			return text
		}
		return "No rate could be said to be sustained or not."
	case k.Unsustained == nil:
		return fmt.Sprintf("Sustained up to %s records/s, the highest rate judged; nothing gave out.", rate(*k.Sustained))
	case k.Sustained == nil:
		return fmt.Sprintf("Not sustained at %s records/s. What gave out: %s.", rate(*k.Unsustained), k.GaveOut)
	default:
		return fmt.Sprintf("Sustained %s records/s, not sustained %s records/s. What gave out: %s.",
			rate(*k.Sustained), rate(*k.Unsustained), k.GaveOut)
	}
}

// shapesLine says how the pipeline kept up with rates that moved; empty where
// none did.
func shapesLine(steps []judge.Step) string {
	var all []string
	for _, s := range steps {
		switch {
		case s.Shape == "":
		case s.Sustained == nil:
			all = append(all, "Whether it kept up with "+s.Shape+" is not known.")
		case *s.Sustained:
			all = append(all, "Kept up with "+s.Shape+".")
		default:
			all = append(all, "Did not keep up with "+s.Shape+".")
		}
	}
	return strings.Join(all, " ")
}

// measured is a target's value, or that it is not known.
func measured(t judge.Target) string {
	switch {
	case t.Value == nil:
		return "not known"
	case t.ID == judge.RecordLatency:
		return "p99 " + judge.Number(*t.Value, t.Unit)
	case t.ID == judge.Ledger:
		return judge.Number(*t.Value, "count") + " lost"
	}
	return judge.Number(*t.Value, t.Unit)
}

// limit is what a target's value is held against.
func limit(t judge.Target) string {
	switch {
	case t.Limit == nil:
		return "not known"
	case t.ID == judge.ThroughputMatch:
		return fmt.Sprintf("%s ± %s", judge.Number(*t.Limit, t.Unit), judge.Number(t.Tolerance, t.Unit))
	case t.ID == judge.Throttles && *t.Limit > 0:
		return "≤ " + judge.Number(*t.Limit, t.Unit)
	case t.ID == judge.Throttles, t.ID == judge.Ledger:
		return judge.Number(*t.Limit, "count")
	}
	return "< " + judge.Number(*t.Limit, t.Unit)
}

// evidence is statistic, window and resolution of a target's value.
func evidence(t judge.Target) string {
	return t.Statistic + ", " + clockSpan(t.Window) + ", " + resolution(t.ResolutionS)
}

func resolution(seconds int) string {
	if seconds == 0 {
		return "every record"
	}
	return fmt.Sprintf("%d s points", seconds)
}

// clockSpan is a window by the clock, with the days where it spans several.
func clockSpan(w [2]time.Time) string {
	layout := "15:04:05"
	if from, to := w[0].UTC(), w[1].UTC(); from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		layout = "01-02 15:04"
	}
	return w[0].UTC().Format(layout) + "–" + w[1].UTC().Format(layout)
}

// stepHead are the columns of the steps' table; the last two are words.
var stepHead = []string{
	"rate/s", "offered", "accepted", "not sent", "put p99", "e2e p50", "e2e p99", "e2e max", "age max", "sustained", "verdict",
}

func stepRow(s judge.Step) []string {
	p50, p99, most := "–", "–", "–"
	if s.E2E != nil {
		p50, p99, most = ms(&s.E2E.P50), ms(&s.E2E.P99), ms(&s.E2E.Max)
	}
	verdict := string(s.Verdict)
	if !s.Judged {
		verdict = "not judged"
	}
	return []string{
		stepRate(s), judge.Count(s.Offered), judge.Count(s.Accepted), judge.Count(s.NotSent),
		ms(s.PutP99), p50, p99, most, ms(s.IteratorAgeMax), sustained(s), verdict,
	}
}

// stepRate is a step's rate, or its shape.
func stepRate(s judge.Step) string {
	if s.Shape != "" {
		return s.Shape
	}
	return rate(s.Rate)
}

func sustained(s judge.Step) string {
	switch {
	case s.GeneratorBound:
		return "generator"
	case s.Sustained == nil:
		return "unknown"
	case *s.Sustained:
		return "yes"
	}
	return "no"
}

// stepRemarks are the reasons of steps that are more than "sustained".
func stepRemarks(v judge.Verdict) []fact {
	var all []fact
	for _, s := range v.Steps {
		if s.Sustained == nil || !*s.Sustained {
			all = append(all, fact{s.Load(), s.Reason})
		}
	}
	return all
}

func ms(v *float64) string {
	if v == nil {
		return "–"
	}
	return judge.Number(*v, "ms")
}

func rate(perSecond float64) string {
	if perSecond == float64(int64(perSecond)) {
		return judge.Count(int64(perSecond))
	}
	return fmt.Sprintf("%.2f", perSecond)
}

// entry is one line of the ledger.
type entry struct {
	Name string
	N    int64
}

// sides are the two sums of an account: what became of the offered records,
// and what became of the accepted ones.
func sides(a ledger.Account) (offered, accepted []entry) {
	offered = []entry{
		{"accepted", a.Accepted},
		{"rejected", a.RejectedTotal()},
		{"indeterminate", a.Indeterminate},
		{"not sent", a.NotSent},
	}
	accepted = []entry{
		{"processed", a.Processed},
		{"filtered", a.Filtered},
		{"dead-lettered", a.DeadLettered},
		{"expired", a.Expired},
		{"in flight", a.InFlight},
		{"lost", a.Lost},
		{"unexplained", a.Unexplained},
	}
	return offered, accepted
}

func total(entries []entry) (n int64) {
	for _, e := range entries {
		n += e.N
	}
	return n
}

// besideLedger are the causes of the rejected records and the counts that are
// in neither sum.
func besideLedger(a ledger.Account) []fact {
	var all []fact
	for _, cause := range slices.Sorted(maps.Keys(a.Rejected)) {
		all = append(all, fact{"rejected by " + cause, judge.Count(a.Rejected[cause])})
	}
	reordered := "not known"
	if a.Reordered != nil {
		reordered = judge.Count(*a.Reordered)
	}
	if a.PutRetries > 0 {
		all = append(all, fact{"puts of records", fmt.Sprintf("%s: %s first tries and %s retries",
			judge.Count(a.PutTries), judge.Count(a.PutTries-a.PutRetries), judge.Count(a.PutRetries))})
	}
	return append(all,
		fact{"attempted deliveries", judge.Count(a.Attempted)},
		fact{"retried", judge.Count(a.Retried)},
		fact{"duplicates by the producer", judge.Count(a.Duplicates.Producer)},
		fact{"duplicates by the mapping", judge.Count(a.Duplicates.Mapping)},
		fact{"reordered", reordered},
		fact{"reordered before the stream", judge.Count(a.ReorderedBeforeStream)},
	)
}

// configuration is the pipeline as it was found.
func configuration(d *record.Data) []fact {
	p, t := d.Run.Pipeline, d.Run.Test
	all := []fact{
		{"Pipeline", pipelineLine(d)},
		{"Region", p.Region},
		{"Stream", fmt.Sprintf("%s (%s, %d open shards, retention %d h, records up to %s bytes)",
			p.Stream, p.StreamMode, p.Shards, p.RetentionHours, judge.Count(int64(p.MaxRecordBytes)))},
	}
	if p.Function != "" {
		all = append(all,
			fact{"Function", fmt.Sprintf("%s (%s, %d MB, timeout %s, reserved concurrency %s)",
				p.Function, orUnknown(p.FunctionRuntime), p.FunctionMemoryMB, p.FunctionTimeout, reserved(p.Concurrency))},
			fact{"Event source mapping", fmt.Sprintf("batch size %d, batching window %s, parallelization factor %d, retries %s, EventCount metrics %s",
				p.BatchSize, p.BatchingWindow, p.Parallelization, retries(p.RetryAttempts), onOff(p.MappingEventCount))},
			fact{"Probe", map[bool]string{true: "ledger lines were seen", false: "no ledger lines were seen"}[p.Probe]},
		)
	}
	all = append(all,
		fact{"Load", fmt.Sprintf("%s; up to %d records a call, linger %s, up to %s calls in flight%s",
			t.Name, t.Put.MaxRecords, t.Put.Linger, judge.Count(int64(t.Put.MaxInFlight)), retryPolicy(t.Put.Retry))},
		fact{"Generator", fmt.Sprintf("%s/%s, %d CPUs, %s", d.Run.Host.OS, d.Run.Host.Arch, d.Run.Host.CPUs, d.Run.Host.GoVersion)},
	)
	if health := generatorHealth(d); health != "" {
		all = append(all, fact{"Generator's health", health})
	}
	return append(all,
		fact{"weir", d.Run.Version},
		fact{"Command", strings.Join(d.Run.Command, " ")},
	)
}

func orUnknown(s string) string {
	if s == "" {
		return "runtime not known"
	}
	return s
}

func reserved(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

// retryPolicy names the producer's policy; without one there is nothing to say.
func retryPolicy(name string) string {
	if name == "" || name == "none" {
		return ""
	}
	return ", retry policy " + name
}

func retries(n int) string {
	if n < 0 {
		return "until the record expires"
	}
	return fmt.Sprint(n)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// method are the rules behind the figures, in a few sentences.
func method(d *record.Data) []string {
	floor := metrics.AgeFloor(d.Run.Pipeline.BatchingWindow)
	all := []string{
		"Latency counts from the moment a record was due by plan to the end of the invocation that processed it, so a stalled sender cannot hide a wait.",
		"That latency spans two machines where load and function run on two: " + d.Run.ClockSaid() + ".",
		"The stream's and the function's metrics are CloudWatch's by exact name and statistic. A counter without points is zero only where the same activity published others; a missing age or latency is unknown, never a pass.",
		"A step the generator could not keep up with (more than 0.1 % not sent, or calls more than 100 ms late at p99) neither blames nor clears the pipeline: it is unknown.",
		"A rate is sustained when at least 99.9 % of the offered records were accepted, the backlog did not grow beyond what arrives between two polls, every target held and the ledger balances.",
		fmt.Sprintf("The mapping polls a shard once a second, so a record may wait about %s for its function in perfect health.", judge.Number(float64(floor.Milliseconds()), "ms")),
	}
	if slices.ContainsFunc(d.Run.Steps, func(s record.Step) bool { return s.Shape != "" }) {
		all = append(all, "Where the rate moved, the backlog moves with it: such a step is sustained when it ends no further behind than it began, beyond what was offered in the last seconds. It is no end of the capacity bracket.")
	}
	if d.Run.Pipeline.Kind == "embedded" {
		all = append(all, "This pipeline ran inside weir. Its limits are AWS's documented ones and its latencies a model of profile "+
			d.Run.Pipeline.Profile+"; only a run against AWS measures AWS.")
	}
	if d.Run.Pipeline.Kind == record.Simulated {
		all = append(all, "This run was simulated: shards, mapping and concurrency are the embedded pipeline's state machines in virtual time, records go in groups, and the generator is never late. Times of day are virtual.")
	}
	return all
}
