package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

// begun is a search in a directory, for flags of `weir run stress`.
func begun(t *testing.T, dir string, args ...string) (*search, error) {
	t.Helper()
	e, l := parsed(t, args...)
	test, err := plan.Named("stress")
	if err != nil {
		t.Fatal(err)
	}
	if err := atOneRate(&test, e, l); err != nil {
		t.Fatal(err)
	}
	o, err := e.options()
	if err != nil {
		t.Fatal(err)
	}
	s := &search{process: &Process{}, flags: l, asked: &searchFlags{resume: dir}}
	return s, s.begin(test, embeddedConfig(o, test))
}

// A search goes on from its record with its trials, and with nothing else: a
// bracket of trials on two pipelines would be none.
func TestSearchIsTakenUp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "search")
	s, err := begun(t, dir, "--shards", "2")
	if err != nil {
		t.Fatal(err)
	}
	s.state.Trials = []record.Trial{{Trial: stats.Trial{Rate: 500, Sustained: new(true)}}}
	if err := s.save(); err != nil {
		t.Fatal(err)
	}
	if s, err = begun(t, dir, "--shards", "2"); err != nil || len(s.state.Trials) != 1 {
		t.Errorf("%v, trials %v", err, s.state.Trials)
	}
	for args, want := range map[string]string{
		"--shards 4":                  "another pipeline",
		"--shards 2 --payload 1KB":    "another test",
		"--shards 2 --step 20s":       "another test",
		"--shards 2 --judge capacity": "another test",
	} {
		_, err := begun(t, dir, strings.Fields(args)...)
		refused(t, args, err, "the search in "+dir+" is of "+want)
	}
}

// A record that can't be read is the user's trials all the same: it stays.
func TestSearchKeepsARecordThatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "search.json")
	for text, want := range map[string]string{
		`{"trials":[`:   "read " + file + ": unexpected end of JSON input",
		`{"format":99}`: dir + " was written by a newer weir (format 99, this one reads up to 1)",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := begun(t, dir)
		refused(t, text, err, want)
		if left, _ := os.ReadFile(file); string(left) != text {
			t.Errorf("%s became %s", text, left)
		}
	}
}

// The trials of one search are on one pipeline, but for what AWS changes by
// itself.
func TestTrialsAreOnOnePipeline(t *testing.T) {
	s := &search{state: &record.Search{}}
	run := record.Run{Pipeline: record.Pipeline{Stream: local.Defaults().Stream, StreamMode: "PROVISIONED", Shards: 2, BatchSize: 100}}
	if err := s.samePipeline(run); err != nil || s.state.Pipeline["shards"] != "2" {
		t.Errorf("the first: %v, %v", err, s.state.Pipeline)
	}
	run.Pipeline.Shards, run.Pipeline.BatchSize = 4, 10
	refused(t, "changed", s.samePipeline(run), "the pipeline is not that of the trials before: batch size is 10, was 100; shards is 4, was 2")

	s.state.Pipeline = nil
	run.Pipeline.StreamMode = "ON_DEMAND"
	for _, shards := range []int{4, 8} {
		run.Pipeline.Shards = shards
		if err := s.samePipeline(run); err != nil {
			t.Errorf("%d shards on demand: %v", shards, err)
		}
	}
}
