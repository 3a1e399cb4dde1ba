package ui

import (
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
)

// summary is a run in a line.
type summary struct {
	ID       string        `json:"id"`
	Folder   string        `json:"folder"` // where it is kept, as weir was told
	Test     string        `json:"test"`
	Kind     string        `json:"kind"`
	Status   record.Status `json:"status"`
	Live     bool          `json:"live"`
	Started  time.Time     `json:"started"`
	Ended    time.Time     `json:"ended,omitzero"`
	Pipeline string        `json:"pipeline"` // embedded or aws
	Profile  string        `json:"profile,omitempty"`
	Stream   string        `json:"stream"`
	Shards   int           `json:"shards"`
	Payload  string        `json:"payload"`
	Load     []string      `json:"load"` // rates or shapes of the steps

	Overall     judge.Outcome `json:"overall,omitempty"` // empty: not judged
	Reason      string        `json:"reason,omitempty"`
	Sustained   *float64      `json:"sustained"`   // highest rate sustained, records/s
	Unsustained *float64      `json:"unsustained"` // lowest rate not sustained
	P99         *float64      `json:"p99_ms"`      // from due to processed
	Rehearsal   bool          `json:"rehearsal,omitzero"`

	run   record.Run
	stamp [3]fileStamp // of run.json, verdict.json and search.json
}

// kindSearch is a search for the knee, whose trials are runs of their own. It
// has a report and nothing over time.
const kindSearch = "search"

type fileStamp struct {
	modified time.Time
	size     int64
}

func stampOf(path string) fileStamp {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.ModTime(), info.Size()}
}

// folders are where runs are kept.
func (s *Server) folders() []string {
	all := []string{s.options.Runs}
	for _, name := range directories(s.options.Campaigns) {
		all = append(all, filepath.Join(s.options.Campaigns, name, campaignRuns))
	}
	return all
}

// directories are the names of the folders in dir, without links: those could
// lead elsewhere.
func directories(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // not there yet
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// find is the directory of a run; false where there is none of that name. What
// a browser sends never leads out of the folders.
func (s *Server) find(id string) (dir string, ok bool) {
	if id == "" || id[0] == '.' || strings.ContainsAny(id, "/\\:\x00") {
		return "", false
	}
	for _, folder := range s.folders() {
		dir := filepath.Join(folder, id)
		if info, err := os.Lstat(dir); err == nil && info.IsDir() {
			return dir, true
		}
	}
	return "", false
}

// serveRuns lists all runs, the newest first.
func (s *Server) serveRuns(w http.ResponseWriter, _ *http.Request) {
	runs := []summary{}
	for _, folder := range s.folders() {
		for _, name := range directories(folder) {
			if sum, ok := s.summarize(filepath.Join(folder, name)); ok {
				runs = append(runs, sum)
			}
		}
	}
	slices.SortFunc(runs, func(a, b summary) int {
		return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.ID, a.ID))
	})
	answer(w, map[string]any{"runs": runs, "folder": s.options.Runs})
}

// summarize reads a run's line, from memory where nothing was written since; ok
// is false where the directory holds no run.
func (s *Server) summarize(dir string) (sum summary, ok bool) {
	var stamp [3]fileStamp
	for i, name := range []string{"run.json", "verdict.json", "search.json"} {
		stamp[i] = stampOf(filepath.Join(dir, name))
	}
	s.mu.Lock()
	sum, ok = s.known[dir]
	s.mu.Unlock()
	if !ok || sum.stamp != stamp {
		if sum, ok = readSummary(dir); !ok {
			return summary{}, false
		}
		sum.Folder, sum.stamp = filepath.Dir(dir), stamp
		s.mu.Lock()
		s.known[dir] = sum
		s.mu.Unlock()
	}
	sum.Live = s.live(sum.run)
	return sum, true
}

// readSummary reads a run's line, or a search's.
func readSummary(dir string) (summary, bool) {
	if run, err := record.ReadRun(dir); err == nil {
		sum := summaryOf(run)
		var v judge.Verdict
		if text, err := os.ReadFile(filepath.Join(dir, "verdict.json")); err == nil && json.Unmarshal(text, &v) == nil {
			sum.judge(v)
		}
		return sum, true
	}
	search, err := record.ReadSearch(dir)
	if err != nil {
		return summary{}, false
	}
	return summaryOfSearch(search), true
}

func (s *Server) live(run record.Run) bool {
	return run.Status == record.Running && s.options.Alive(run)
}

func summaryOf(run record.Run) summary {
	sum := summary{
		ID: run.ID, Test: run.Test.Name, Kind: string(run.Test.Kind), Status: run.Status, Reason: run.Reason,
		Started: run.Started, Ended: run.Ended, Pipeline: run.Pipeline.Kind, Profile: run.Pipeline.Profile,
		Stream: run.Pipeline.Stream, Shards: run.Pipeline.Shards, Payload: run.Test.Payload.String(),
		Load: []string{}, Rehearsal: run.TimeScale > 0 && run.TimeScale < 1, run: run,
	}
	for _, step := range run.Test.Steps {
		sum.Load = append(sum.Load, step.String())
	}
	return sum
}

func summaryOfSearch(s *record.Search) summary {
	sum := summary{
		ID: s.ID, Test: s.Test.Name, Kind: kindSearch, Status: s.Status, Reason: s.Reason, Started: s.Started, Ended: s.Ended,
		Payload: s.Test.Payload.String(), Load: []string{}, Rehearsal: s.TimeScale > 0 && s.TimeScale < 1,
	}
	for _, t := range s.Trials {
		sum.Load = append(sum.Load, strconv.FormatFloat(t.Rate, 'f', -1, 64))
	}
	if s.Bracket.Low > 0 {
		sum.Sustained = &s.Bracket.Low
	}
	if s.Bracket.High > 0 {
		sum.Unsustained = &s.Bracket.High
	}
	return sum
}

func (sum *summary) judge(v judge.Verdict) {
	sum.Overall, sum.Reason = v.Overall, v.Reason
	sum.Sustained, sum.Unsustained = v.Knee.Sustained, v.Knee.Unsustained
	for _, t := range v.Targets {
		if t.ID == judge.RecordLatency {
			sum.P99 = t.Value
		}
	}
}
