package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// healthy is a pipeline with nothing to find: 4 shards, batches of 100 with
// 5 ms + 100 × 10 µs = 6 ms of work, so 4 lanes × 100 ÷ 6 ms = 66 667
// records/s, and a write limit of 4 × 1000.
func healthy() Facts {
	return Facts{
		Pipeline: "aws", Account: "111122223333", Caller: "arn:aws:iam::111122223333:user/tester", Region: "eu-west-1",
		ClockAhead: new(300 * time.Millisecond), Network: NetworkPrivate,
		Stream: &Stream{
			Name: "orders", Status: "ACTIVE", Shards: 4, RetentionHours: 24, MaxRecordBytes: 1 << 20,
			Encryption: "KMS", Key: "alias/aws/kinesis", ShardMetrics: []string{"IncomingRecords"}, Readers: 1,
		},
		Function: &Function{Name: "consumer", State: "Active", Timeout: 30 * time.Second, MemoryMB: 512, Architecture: "arm64", Runtime: "provided.al2023"},
		Mapping: &Mapping{
			UUID: "u-1", State: "Enabled", LastResult: "OK", BatchSize: 100, Parallelization: 1, RetryAttempts: 3, MaxRecordAge: time.Hour,
			Bisect: true, OnFailure: "arn:aws:sqs:eu-west-1:111122223333:dead", StartingPosition: "TRIM_HORIZON", EventCount: true,
		},
		Log:         &Log{Exists: true, RetentionDays: 14, Lines: true, Probe: true},
		Quotas:      Quotas{Shards: 20000, OpenShards: 4, Concurrency: 1000, Unreserved: 1000},
		Permissions: []Permission{{Action: "kinesis:PutRecords", Allowed: Allowed}},
		Load:        Load{Rate: 2000, RecordBytes: 500, PerBatch: AssumedPerBatch, PerRecord: AssumedPerRecord},
	}
}

func TestSilenceOnAHealthyPipeline(t *testing.T) {
	if got := Examine(healthy()); len(got) != 0 {
		t.Errorf("findings on a healthy pipeline: %+v", got)
	}
}

// Each misconfiguration is found, by its id and severity, with words that say
// it, and nothing else is found.
func TestMisconfigured(t *testing.T) {
	for _, c := range []struct {
		name string
		bend func(*Facts)
		want []string // id severity: text in what, why or fix
	}{
		{"denied", func(f *Facts) { f.Permissions[0].Allowed = Denied }, []string{"permission blocker: kinesis:PutRecords is denied"}},
		{"not known to be allowed", func(f *Facts) { f.Permissions[0].Allowed = Unsure }, []string{"permission-unknown note: kinesis:PutRecords"}},
		{"no stream", func(f *Facts) {
			f.Stream, f.Unreadable = nil, []Unreadable{{Part: "stream orders", Error: "ResourceNotFoundException", Missing: true}}
		}, []string{"missing blocker: stream orders isn't there"}},
		{"unreadable function", func(f *Facts) {
			f.Function, f.Unreadable = nil, []Unreadable{{Part: "function consumer", Error: "AccessDenied"}}
		}, []string{"unreadable blocker: --iam"}},
		{"clock six minutes off", func(f *Facts) { f.ClockAhead = new(-6 * time.Minute) }, []string{"clock blocker: 6m0s off"}},
		{"clock three seconds off", func(f *Facts) { f.ClockAhead = new(3 * time.Second) }, []string{"clock warning: latency"}},
		{"stream being made", func(f *Facts) { f.Stream.Status = "CREATING" }, []string{"stream-state blocker: orders is CREATING"}},
		{"function that failed", func(f *Facts) { f.Function.State = "Failed" }, []string{"function-state blocker: consumer is Failed"}},
		{"disabled mapping", func(f *Facts) { f.Mapping.State = "Disabled" }, []string{"mapping-state blocker: --uuid u-1 --enabled"}},
		{"stuck mapping", func(f *Facts) { f.Mapping.LastResult = "PROBLEM: Function call failed" }, []string{"mapping-problem warning: Function call failed"}},
		{"no concurrency at all", func(f *Facts) { f.Function.Reserved = new(0) }, []string{"no-concurrency blocker: delete-function-concurrency"}},
		// 2 of 4 lanes: 2 × 100 ÷ 6 ms = 33 333 records/s, above the 2000 asked for.
		{"too little concurrency", func(f *Facts) { f.Function.Reserved = new(2) }, []string{"concurrency warning: --reserved-concurrent-executions 4"}},
		{"account's concurrency used up", func(f *Facts) { f.Quotas.Unreserved = 3 }, []string{"concurrency warning: 3 unreserved"}},
		{"Lambda's own defaults of a mapping", func(f *Facts) {
			*f.Mapping = Mapping{UUID: "u-1", State: "Enabled", BatchSize: 100, RetryAttempts: -1, StartingPosition: "TRIM_HORIZON"}
		}, []string{
			"endless-retries warning: blocks its shard for 24 h",
			"whole-batch warning: up to 100", "event-count warning: Metrics=EventCount",
		}},
		{"a week's retention behind a poison record", func(f *Facts) {
			f.Stream.RetentionHours, f.Mapping.RetryAttempts, f.Mapping.MaxRecordAge = 168, -1, -1
		}, []string{"endless-retries warning: 168 h"}},
		{"dropped silently", func(f *Facts) { f.Mapping.OnFailure = "" }, []string{"silent-drop warning: no on-failure destination"}},
		{"age limit above the retention", func(f *Facts) { f.Mapping.MaxRecordAge = 48 * time.Hour }, []string{"age-beyond-retention warning: --maximum-record-age-in-seconds 43200"}},
		// 3 s ÷ 5000 records = 600 µs each; twice 5 ms + 5000 × 10 µs = 110 ms is
		// less than a millisecond each: 5 s, and one.
		{"batch of 5000 in 3 s", func(f *Facts) { f.Mapping.BatchSize, f.Function.Timeout = 5000, 3*time.Second }, []string{"batch-timeout warning: --timeout 6"}},
		// 6 MiB ÷ (500/3 rounded up × 4 = 668, + 543) = 5195.
		{"batch that never fills", func(f *Facts) { f.Mapping.BatchSize = 10000 }, []string{"batch-never-full note: --batch-size 5195"}},
		{"invocation near the timeout", func(f *Facts) { f.Function.LongestRun = 20 * time.Second }, []string{"near-timeout warning: 20s of 30s"}},
		{"window beyond the target", func(f *Facts) { f.Mapping.Window = 5 * time.Second }, []string{"age-floor warning: up to 6s old"}},
		{"no EventCount", func(f *Facts) { f.Mapping.EventCount = false }, []string{"event-count warning: throughput match"}},
		{"no probe", func(f *Facts) { f.Log.Probe = false }, []string{"probe warning: exit code 98"}},
		{"no lines yet", func(f *Facts) { *f.Log = Log{} }, []string{"probe note: is not known"}},
		{"probe that can't judge order", func(f *Facts) { f.Mapping.Parallelization = 2 }, []string{"probe-lanes warning: WEIR_PROBE_LANES=1"}},
		{"logs kept for ever", func(f *Facts) { f.Log.RetentionDays = 0 }, []string{"log-retention note: put-retention-policy"}},
		// 5000 × 1.25 ÷ 1000 = 6.25 shards.
		{"more than the shards write", func(f *Facts) { f.Load.Rate = 5000 }, []string{"knee blocker: --target-shard-count 7"}},
		// 4 lanes × 100 ÷ 400 ms = 1000 records/s of 2000.
		{"slow function", func(f *Facts) { f.Load.PerBatch = 399 * time.Millisecond }, []string{"knee blocker: --parallelization-factor 2"}},
		// 60 % of 2000 = 1200 records/s on a shard that writes 1000.
		{"hot key", func(f *Facts) { f.Load.HotShare = 0.6 }, []string{"hot-key blocker: 1200 of 2000"}},
		{"three mappings on the stream", func(f *Facts) { f.Stream.Readers = 3 }, []string{"readers warning: register-stream-consumer"}},
		{"records above the stream's limit", func(f *Facts) { f.Load = Load{RecordBytes: 1<<20 + 1} }, []string{"record-size blocker: --max-record-size-in-kib 1025", "batch-never-full"}},
		// 10 MiB in base64 is 13.3 MiB of JSON.
		{"records that no invocation can be given", func(f *Facts) { f.Stream.MaxRecordBytes = 10 << 20 }, []string{"record-event warning: 10 MiB"}},
		{"filters", func(f *Facts) { f.Mapping.Filters = 1 }, []string{"filter warning: dropped"}},
		{"starts at LATEST", func(f *Facts) { f.Mapping.StartingPosition = "LATEST" }, []string{"latest note: TRIM_HORIZON"}},
		{"no shard metrics", func(f *Facts) { f.Stream.ShardMetrics = nil }, []string{"shard-metrics note: enable-enhanced-monitoring"}},
		{"a key of one's own", func(f *Facts) { f.Stream.Key = "arn:aws:kms:eu-west-1:111122223333:key/k" }, []string{"customer-key note: kms:GenerateDataKey"}},
		{"smallest memory", func(f *Facts) { f.Function.MemoryMB = 128 }, []string{"memory note: 7 % of a core"}},
		{"test pipeline left behind", func(f *Facts) { f.Stream.Overdue = 90 * time.Minute }, []string{"overdue warning: weir env down --name orders"}},
		{"shards nearly used up", func(f *Facts) { f.Quotas.OpenShards = 19000 }, []string{"shard-quota warning: 19000 of the region's 20000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := healthy()
			c.bend(&f)
			got := Examine(f)
			if len(got) != len(c.want) {
				t.Fatalf("%d findings, want %d: %+v", len(got), len(c.want), got)
			}
			for i, w := range c.want {
				head, text, _ := strings.Cut(w, ": ")
				all := got[i].What + " " + got[i].Why + " " + got[i].Fix
				if !strings.HasPrefix(got[i].ID+" "+string(got[i].Severity), head) || !strings.Contains(all, text) {
					t.Errorf("finding %d: %+v, want %s", i, got[i], w)
				}
				if got[i].What == "" || got[i].Why == "" || got[i].Fix == "" {
					t.Errorf("finding %d says too little: %+v", i, got[i])
				}
			}
		})
	}
}

// What blocks comes first, then what loses records, then what is worth knowing.
func TestHardestFirst(t *testing.T) {
	f := healthy()
	f.Stream.ShardMetrics = nil
	f.Mapping.RetryAttempts, f.Mapping.MaxRecordAge = -1, -1
	f.Mapping.State, f.Log.Probe = "Disabled", false
	var ids []string
	for _, finding := range Examine(f) {
		ids = append(ids, finding.ID)
	}
	if diff := cmp.Diff([]string{"mapping-state", "endless-retries", "probe", "shard-metrics"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !Blocked(Examine(f)) || Blocked(Examine(healthy())) {
		t.Error("a disabled mapping blocks, a healthy pipeline doesn't")
	}
}

func TestExpect(t *testing.T) {
	e := Expect(healthy())
	// 4 × 1000; the bytes allow 4 MiB ÷ 500 B = 8388.
	if got := e.Limits[0]; got.Resource != "shard write limit by records" || got.Rate != 4000 {
		t.Errorf("knee %+v, want 4000 by records", got)
	}
	if e.KeyLimit != 1000 || e.AgeFloor != time.Second {
		t.Errorf("key %v, floor %v; want 1000 and 1s", e.KeyLimit, e.AgeFloor)
	}
	// 0.01 USD a GB in us-east-1: 500 B × 1 million = 0.5 GB.
	if e.NetworkUSD == nil || *e.NetworkUSD < 0.0049 || *e.NetworkUSD > 0.0051 {
		t.Errorf("a million records cost %v (%s), want 0.005", e.NetworkUSD, e.Network)
	}
	nothing := Expect(Facts{Network: NetworkUnknown})
	if len(nothing.Limits) != 0 || nothing.NetworkUSD != nil || nothing.AgeFloor != 0 {
		t.Errorf("of nothing known: %+v", nothing)
	}
}

func TestPolicy(t *testing.T) {
	scope := Scope{Partition: "aws", Region: "eu-west-1", Account: "111122223333", Stream: "orders", Function: "consumer", Stack: "weir-test"}
	p := PolicyFor([]Use{UseRun}, scope)
	for _, s := range p.Statement {
		if slices.ContainsFunc(s.Action, func(a string) bool { return strings.Contains(a, "*") }) {
			t.Errorf("statement %s allows a pattern of actions: %v", s.Sid, s.Action)
		}
		for _, action := range s.Action {
			if verb := action[strings.Index(action, ":")+1:]; s.Resource[0] == "*" && !strings.HasPrefix(verb, "List") && !strings.HasPrefix(verb, "Get") && !strings.HasPrefix(verb, "Describe") {
				t.Errorf("%s on everything", action)
			}
		}
	}
	if len(Needed(UseRun, scope)) < 10 {
		t.Errorf("too few permissions: %+v", Needed(UseRun, scope))
	}
}
