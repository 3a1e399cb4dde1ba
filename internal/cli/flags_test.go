package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/lambda"
	"weir/internal/payload"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
)

// parsed are the flags of `weir run` after a command line.
func parsed(t *testing.T, args ...string) (*embeddedFlags, *loadFlags) {
	t.Helper()
	var e embeddedFlags
	var l loadFlags
	s := pflag.NewFlagSet("test", pflag.ContinueOnError)
	e.register(s)
	l.register(s, "", 0)
	if err := s.Parse(args); err != nil {
		t.Fatal(err)
	}
	return &e, &l
}

func TestEmbeddedFlagsBecomeOptions(t *testing.T) {
	for _, tt := range []struct {
		args   string
		change func(*local.Options)
	}{
		{"", func(*local.Options) {}},
		{"--profile instant --shards 2 --shard-limit-factor 0.5", func(o *local.Options) {
			o.Profile, o.Shards, o.ShardLimitFactor = local.InstantProfile, 2, 0.5
		}},
		{"--max-record-size 10MiB --retain 128MiB", func(o *local.Options) { o.MaxRecordBytes, o.RetainBytes = 10<<20, 128<<20 }},
		{"--work 50ms --work-per-record 1ms --error-rate 0.25", func(o *local.Options) {
			o.Work = lambda.WorkModel{PerBatch: 50 * time.Millisecond, PerRecord: time.Millisecond, ErrorRate: 0.25}
		}},
		{"--timeout 15m --memory 10240 --reserved-concurrency 7", func(o *local.Options) {
			o.Timeout, o.MemoryMB, o.Concurrency = 15*time.Minute, 10240, 7
		}},
		{"--batch 10", func(o *local.Options) { o.BatchSize = 10 }},
		{"--batch 10 --batch-size 20", func(o *local.Options) { o.BatchSize = 20 }},
		{"--batching-window 5s --parallelization-factor 10 --retry-attempts 3 --bisect", func(o *local.Options) {
			o.BatchingWindow, o.Parallelization, o.RetryAttempts, o.Bisect = 5*time.Second, 10, 3, true
		}},
		{"--fault stall=3s@10s --fault drop-record@5s", func(o *local.Options) {
			o.Faults = []fault.Fault{
				{Kind: fault.Stall, Length: 3 * time.Second, At: 10 * time.Second},
				{Kind: fault.DropRecord, Count: 1, At: 5 * time.Second},
			}
		}},
		{"--metrics-like-aws --seed 9", func(o *local.Options) { o.MetricsLikeAWS, o.Seed = true, 9 }},
	} {
		want := local.Defaults()
		tt.change(&want)
		e, _ := parsed(t, strings.Fields(tt.args)...)
		got, err := e.options()
		if err != nil {
			t.Errorf("%q: %v", tt.args, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", tt.args, diff)
		}
	}
}

// Every value that can't be carried out is refused with a message that names
// the flag and what it may be.
func TestEmbeddedFlagsAreChecked(t *testing.T) {
	for args, want := range map[string]string{
		"--profile fast":               `--profile: unknown profile "fast": there are aws and instant`,
		"--max-record-size huge":       `--max-record-size: "huge" is not a size: write for example 500, 500B, 1KB (1,024 bytes) or 1MiB`,
		"--max-record-size 1KB":        "--max-record-size 1KB is outside 1MiB to 10MiB",
		"--max-record-size 11MiB":      "--max-record-size 11MiB is outside 1MiB to 10MiB",
		"--retain much":                `--retain: "much" is not a size: write for example 500, 500B, 1KB (1,024 bytes) or 1MiB`,
		"--retain 1KB":                 "--retain 1KB is under 1MiB",
		"--fault stall@1s":             `--fault: fault "stall@1s": a stall needs a length, for example stall=3s@10s`,
		"--shards 0":                   "--shards 0 is outside 1 to 10000",
		"--shards 10001":               "--shards 10001 is outside 1 to 10000",
		"--shard-limit-factor 0":       "--shard-limit-factor 0 must be above 0",
		"--error-rate -0.1":            "--error-rate -0.1 is outside 0 to 1",
		"--error-rate 1.1":             "--error-rate 1.1 is outside 0 to 1",
		"--work -1s":                   "--work and --work-per-record can't be negative",
		"--work-per-record -1s":        "--work and --work-per-record can't be negative",
		"--timeout 0s":                 "--timeout 0s: Lambda takes whole seconds from 1s to 15m0s",
		"--timeout 1500ms":             "--timeout 1.5s: Lambda takes whole seconds from 1s to 15m0s",
		"--timeout 16m":                "--timeout 16m0s: Lambda takes whole seconds from 1s to 15m0s",
		"--memory 127":                 "--memory 127 is outside 128 to 10240",
		"--memory 10241":               "--memory 10241 is outside 128 to 10240",
		"--reserved-concurrency -1":    "--reserved-concurrency -1 is outside 0 to 1000",
		"--reserved-concurrency 1001":  "--reserved-concurrency 1001 is outside 0 to 1000",
		"--batch 10001":                "--batch 10001 is outside 1 to 10000",
		"--batch-size 10001":           "--batch-size 10001 is outside 1 to 10000",
		"--batching-window -1s":        "--batching-window -1s: whole seconds from 0 to 5m0s",
		"--batching-window 500ms":      "--batching-window 500ms: whole seconds from 0 to 5m0s",
		"--batching-window 6m":         "--batching-window 6m0s: whole seconds from 0 to 5m0s",
		"--parallelization-factor 0":   "--parallelization-factor 0 is outside 1 to 10",
		"--parallelization-factor 11":  "--parallelization-factor 11 is outside 1 to 10",
		"--retry-attempts -2":          "--retry-attempts -2 is outside -1 to 10000",
		"--retry-attempts 10001":       "--retry-attempts 10001 is outside -1 to 10000",
		"--function ./no-such-program": `--function: exec: "./no-such-program": stat ./no-such-program: no such file or directory`,
	} {
		e, _ := parsed(t, strings.Fields(args)...)
		_, err := e.options()
		refused(t, args, err, want)
	}
}

// A flag whose 0 means that it wasn't given can't be given as 0.
func TestZeroIsRefused(t *testing.T) {
	for _, command := range []struct{ words, flags string }{
		{"try", "step put-batch batch batch-size"},
		{"run stress", "step put-batch batch batch-size from most require-rate"},
		{"plan run", "week repeat"},
	} {
		for flag := range strings.FieldsSeq(command.flags) {
			unit := ""
			if flag == "step" {
				unit = "s"
			}
			for _, number := range []string{"0", "-1"} {
				args := append(strings.Fields(command.words), "--"+flag, number+unit)
				code, _, stderr := weir(t, args...)
				want := fmt.Sprintf("weir: invalid argument %q for \"--%s\" flag: must be above 0; leave the flag out for its default\n", number+unit, flag)
				if code != ExitUsage || !strings.HasPrefix(stderr, want) {
					t.Errorf("%v: exit code %d, %s\nwant %s", args, code, stderr, want)
				}
			}
		}
	}
}

// refused checks that err is the user's mistake, in these words.
func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	var printed strings.Builder
	if code := exitCode(err, &printed); code != ExitUsage {
		t.Errorf("%s: exit code %d, want %d", what, code, ExitUsage)
	}
	if err == nil || err.Error() != want {
		t.Errorf("%s:\n got %v\nwant %s", what, err, want)
	}
}

func TestLoadFlagsShapeTheTest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(file, []byte("{\"a\":1}\nplain text\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	template := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(template, []byte("{\"n\":{{int 5 5}}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args    string
		largest int
		change  func(*plan.Test)
	}{
		{"", 500, func(*plan.Test) {}},
		{"--rate 10,1.5k --step 5s", 500, func(p *plan.Test) { p.Steps = plan.StepsAt([]float64{10, 1500}, 5*time.Second) }},
		{"--step 5s", 500, func(p *plan.Test) { p.Steps = plan.StepsAt(plan.BaselineRates, 5*time.Second) }},
		{"--payload 1KB", 1024, func(p *plan.Test) { p.Payload.Bytes = 1024 }},
		{"--payload-file " + file, max(len(`{"a":1}`)+payload.Growth, len("plain text")), func(p *plan.Test) { p.Payload = plan.Payload{File: file} }},
		{"--payload 300..900", 900, func(p *plan.Test) {
			p.Payload = plan.Payload{Bytes: 600, Sizes: plan.Sizes{Min: 300, Max: 900}}
		}},
		// {"n":5} and the token's member, as with a line of a file.
		{"--template " + template, len(`{"n":5}`) + payload.Growth, func(p *plan.Test) { p.Payload = plan.Payload{Template: template} }},
		{"--keys 7", 500, func(p *plan.Test) { p.Keys = plan.Keys{Pool: 7} }},
		{"--keys hot:0.3", 500, func(p *plan.Test) { p.Keys = plan.Keys{Spec: "hot:0.3"} }},
		{"--linger 0s --seed 3", 500, func(p *plan.Test) { p.Put.Linger, p.Seed = 0, 3 }},
		// A batch bounds the put call too, up to PutRecords' limit, unless told.
		{"--batch 20", 500, func(p *plan.Test) { p.Put.MaxRecords = 20 }},
		{"--batch 2000", 500, func(p *plan.Test) { p.Put.MaxRecords = 500 }},
		{"--batch 20 --put-batch 1", 500, func(p *plan.Test) { p.Put.MaxRecords = 1 }},
		{"--batch-size 20", 500, func(*plan.Test) {}},
		{"--retry sdk --encoding cbor", 500, func(p *plan.Test) { p.Put.Retry, p.Put.Encoding = "sdk", "cbor" }},
	} {
		want, err := plan.Named("baseline-500b")
		if err != nil {
			t.Fatal(err)
		}
		got := want
		tt.change(&want)
		e, l := parsed(t, strings.Fields(tt.args)...)
		if err := l.apply(&got, e); err != nil {
			t.Errorf("%q: %v", tt.args, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", tt.args, diff)
		}
		if l.largest != tt.largest {
			t.Errorf("%q: largest body %d bytes, want %d", tt.args, l.largest, tt.largest)
		}
	}
}

func TestLoadFlagsAreChecked(t *testing.T) {
	for args, want := range map[string]string{
		"--rate fast":                      `--rate: "fast" is not a rate: write records per second, for example 2000 or 10,100,500`,
		"--rate 10,0":                      `--rate: "0" is not a rate: write records per second, for example 2000 or 10,100,500`,
		"--rate 10 --step 500ms":           "step 1: length 500ms is under 1s",
		"--payload huge":                   `--payload: "huge" is not a size: write for example 500, 500B, 1KB (1,024 bytes) or 1MiB`,
		"--payload 1KB --payload-file a":   "--payload and --payload-file exclude each other: a file's lines have their own sizes",
		"--payload 1KB --template a":       "--template and --payload or --payload-file exclude each other: a template is all of the body",
		"--template /no/such/t.json":       "--template: read template: open /no/such/t.json: no such file or directory",
		"--keys 0":                         "--keys: a pool of 0: at least 1 and at most 1000000 keys",
		"--payload 20..900":                "--payload: a body of 20 bytes can't hold the ledger token: the smallest is 48",
		"--payload-file /no/such/f.ndjson": "--payload-file: read payload file: open /no/such/f.ndjson: no such file or directory",
		"--retry always":                   `--retry: "always" is not a retry policy: none, sdk or kpl-like`,
		"--encoding xml":                   `--encoding: "xml" is not an encoding: auto, json or cbor`,
		"--put-batch 501":                  "put batch 501 is outside 1 to 500 records, PutRecords' limit",
	} {
		test, err := plan.Named("baseline-500b")
		if err != nil {
			t.Fatal(err)
		}
		e, l := parsed(t, strings.Fields(args)...)
		refused(t, args, l.apply(&test, e), want)
	}
}

func TestFunctionCommand(t *testing.T) {
	program := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		program:             {program},
		program + "  a  b ": {program, "a", "b"},
		// What has quotes, escapes or variables is the shell's to split.
		program + ` "a b"`:      {"/bin/sh", "-c", "exec " + program + ` "a b"`},
		`$HOME/bootstrap 'x'`:   {"/bin/sh", "-c", `exec $HOME/bootstrap 'x'`},
		`/opt/my\ fn/bootstrap`: {"/bin/sh", "-c", `exec /opt/my\ fn/bootstrap`},
	} {
		got, err := functionCommand(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	_, err := functionCommand("  ")
	refused(t, "an empty command", err, "--function is empty")
}

// Where metrics have a point a minute, judged steps last five of them unless
// the user says otherwise; what is not judged stays as short as it is.
func TestShortestStep(t *testing.T) {
	for args, want := range map[string][]time.Duration{
		"":           {5 * time.Minute, 10 * time.Second, 5 * time.Minute},
		"--step 10m": {10 * time.Minute, 10 * time.Minute, 10 * time.Minute},
	} {
		e, l := parsed(t, strings.Fields(args)...)
		l.shortest = plan.AWSStep
		test, err := plan.Named("spike")
		if err != nil {
			t.Fatal(err)
		}
		test.Steps = test.Steps[:3] // 2 min, 10 s not judged, 2 min
		if err := l.apply(&test, e); err != nil {
			t.Fatal(err)
		}
		var got []time.Duration
		for _, s := range test.Steps {
			got = append(got, s.Duration)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: steps last %v, want %v", args, got, want)
		}
	}
}
