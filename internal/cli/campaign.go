package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/internal/campaign"
	"weir/internal/price"
	"weir/internal/record"
)

// Files of a campaign's directory; its runs are in the folder runs.
const (
	planFile    = "plan.yaml"
	journalFile = "journal.ndjson"
	lockFile    = "lock"
	runsFolder  = "runs"
)

// planFlags choose a plan and narrow it down.
type planFlags struct {
	dir string
	campaign.Options
}

// carried is a plan with what its directory knows of it.
type carried struct {
	file     campaign.File
	name     string // of the plan's file
	text     []byte
	dir      string
	options  campaign.Options
	units    []campaign.Unit // all that the options leave
	whole    []campaign.Unit // the plan's own, and those of units that only the options ask for
	progress campaign.Progress
	setup    *price.Setup // what is paid for besides the load; nil: price.TypicalSetup
}

// loadPlan reads the plan that was named, or the one weir carries.
func loadPlan(args []string) (*carried, error) {
	c := &carried{name: planFile, text: campaign.FourWeeks}
	var err error
	if len(args) > 0 {
		c.name = args[0]
		if c.text, err = os.ReadFile(c.name); err != nil {
			return nil, usage(fmt.Errorf("read the plan: %w", err), "weir plan show --copy > plan.yaml writes the four-week plan to start from")
		}
	}
	c.file, err = campaign.Parse(c.name, c.text)
	return c, usage(err, schemaHint)
}

const schemaHint = "weir plan schema prints what a plan may hold"

// openCampaign reads a plan and what was done of it, and refuses a plan that is
// not the one the campaign was begun with.
func openCampaign(args []string, flags planFlags) (*carried, error) {
	c, err := readCampaign(args, flags)
	if err != nil {
		return nil, err
	}
	return c, c.samePlan()
}

// readCampaign reads a plan and what was done under its name.
func readCampaign(args []string, flags planFlags) (*carried, error) {
	c, err := loadPlan(args)
	if err != nil {
		return nil, err
	}
	f := c.file
	if flags.TimeScale <= 0 || flags.TimeScale > 1 {
		return nil, usagef("--time-scale %g: above 0, and 1 at most", flags.TimeScale)
	}
	if flags.Repeat < 0 {
		return nil, usagef("--repeat %d: 1 or more; without it as the plan says", flags.Repeat)
	}
	c.options, c.dir = flags.Options, flags.dir
	if c.dir == "" {
		c.dir = filepath.Join("campaigns", campaignName(f, args, flags.Options))
	}
	if flags.Rehearsal() && f.Target == "aws" {
		return nil, usagef("--time-scale is for the embedded pipeline: CloudWatch's points are a minute apart")
	}
	if c.units, err = f.Units(flags.Options); err != nil {
		return nil, usage(err, "weir plan show lists weeks and tests")
	}
	if c.whole, err = f.Units(campaign.Options{TimeScale: flags.TimeScale}); err != nil {
		return nil, usage(err, "")
	}
	c.whole = append(c.whole, slices.DeleteFunc(slices.Clone(c.units), func(u campaign.Unit) bool {
		return slices.ContainsFunc(c.whole, func(own campaign.Unit) bool { return own.ID == u.ID })
	})...)
	entries, err := campaign.ReadJournal(filepath.Join(c.dir, journalFile))
	if err != nil {
		return nil, err
	}
	c.progress = campaign.Fold(entries)
	return c, nil
}

// campaignName is the folder of a plan's campaign; a rehearsal has its own, so
// that it never counts as done.
func campaignName(f campaign.File, args []string, o campaign.Options) string {
	name := f.Name
	if name == "" && len(args) > 0 {
		name = strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\ :`, r) {
			return '-'
		}
		return r
	}, first(name, "plan"))
	if o.Rehearsal() {
		name += "-rehearsal"
	}
	return name
}

// samePlan refuses to go on with a campaign under another plan.
func (c *carried) samePlan() error {
	was, err := os.ReadFile(filepath.Join(c.dir, planFile))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && bytes.Equal(was, c.text):
		return nil
	case err != nil:
		return fmt.Errorf("read the campaign's plan: %w", err)
	}
	return usage(fmt.Errorf("the plan differs from the one that %s was begun with", c.dir),
		"--dir names another folder for the changed plan")
}

// keep makes the campaign's directory and puts the plan into it.
func (c *carried) keep() error {
	if err := os.MkdirAll(filepath.Join(c.dir, runsFolder), 0o755); err != nil {
		return usage(fmt.Errorf("create the campaign's directory: %w", err), "--dir names a folder that can be written to")
	}
	if exists(filepath.Join(c.dir, planFile)) {
		return nil
	}
	if err := record.Replace(filepath.Join(c.dir, planFile), c.text); err != nil {
		return fmt.Errorf("keep the plan: %w", err)
	}
	return nil
}

// runDir is where the run of a finished unit is.
func (c *carried) runDir(e campaign.Entry) string { return filepath.Join(c.dir, runsFolder, e.Run) }

// unitOverhead is what a unit takes beside its load, where nothing was measured
// yet: start, drain, and on AWS the wait for CloudWatch's last points.
func (c *carried) unitOverhead() time.Duration {
	if c.file.Target == "aws" {
		return 5 * time.Minute
	}
	return 3 * time.Second
}

// trials is how many trials a search for the knee usually takes.
const trials = 10

// length is how long a unit will take.
func (c *carried) length(u campaign.Unit) time.Duration {
	if isSearch(u) {
		return trials * (c.trialStep() + c.unitOverhead())
	}
	return u.Load + c.unitOverhead()
}

// lock keeps a second weir off a path until release is called. A lock whose
// process has gone is taken over.
func lock(path, what string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make room for the lock: %w", err)
	}
	for range 2 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
			return func() { os.Remove(path) }, errors.Join(err, f.Close()) //nolint:errcheck // a stale lock is taken over
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("lock %s: %w", what, err)
		}
		if pid := lockedBy(path); pid > 0 && alive(pid) {
			return nil, usage(fmt.Errorf("%s is in use by another weir (process %d)", what, pid), "wait for it, or end it")
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("take over the lock of %s: %w", what, err)
		}
	}
	return nil, usagef("%s is in use by another weir", what)
}

func lockedBy(path string) (pid int) {
	text, err := os.ReadFile(path)
	if err == nil {
		_, _ = fmt.Sscanf(string(text), "%d", &pid) // what is no number is nobody
	}
	return pid
}

// lockAll locks the campaign, and on AWS its stream for every campaign of this
// user on this machine.
func (c *carried) lockAll(p *Process) (release func(), err error) {
	release, err = lock(filepath.Join(c.dir, lockFile), "campaign "+c.dir)
	if err != nil || c.file.Target != "aws" {
		return release, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		release()
		return nil, fmt.Errorf("find a place for the stream's lock: %w", err)
	}
	stream := first(c.file.Stream, p.Getenv("KINESIS_STREAM_NAME"))
	region := first(c.file.Region, p.Getenv("AWS_REGION"))
	of, err := lock(filepath.Join(cache, "weir", "streams", region+"-"+stream), "stream "+stream)
	if err != nil {
		release()
		return nil, err
	}
	return func() { of(); release() }, nil
}

// carryOut runs one unit as `weir run` would and returns its exit code and what
// it printed as JSON.
func (c *carried) carryOut(ctx context.Context, p *Process, u campaign.Unit, yes bool, log io.Writer) (int, []byte) {
	args := append([]string{"run"}, u.Args...)
	args = append(args, "--runs", filepath.Join(c.dir, runsFolder), "--json", "--plain")
	if yes {
		args = append(args, "--yes")
	}
	if isSearch(u) {
		args = append(args, "--resume", filepath.Join(c.dir, runsFolder, searchFolder(u)))
	}
	var out bytes.Buffer
	child := *p
	child.Args, child.Stdout, child.Stderr, child.Terminal, child.Color = args, &out, log, false, false
	return Main(ctx, child), out.Bytes()
}

// searchFolder is where a unit's search is kept, so that it can be resumed.
func searchFolder(u campaign.Unit) string {
	return "search-" + strings.NewReplacer("/", "-", "#", "-", "@", "-").Replace(u.ID)
}

// ended is the journal's entry for a unit that ended with a code.
func ended(u campaign.Unit, code int, out []byte, now time.Time) campaign.Entry {
	e := campaign.Entry{At: now, Unit: u.ID, Ended: true}
	var result struct {
		Run     string `json:"run"`
		ID      string `json:"id"` // of a search
		Overall string `json:"overall"`
	}
	switch {
	case !slices.Contains([]int{ExitPass, ExitFail, ExitUnknown}, code):
		e.Failure = fmt.Sprintf("weir run ended with exit code %d: see the log", code)
	case json.Unmarshal(out, &result) != nil || result.Run+result.ID == "":
		e.Failure = "weir run printed no verdict: see the log"
	default:
		e.Run = first(result.Run, result.ID)
		e.Verdict = map[int]string{ExitPass: "pass", ExitFail: "fail", ExitUnknown: "unknown"}[code]
	}
	return e
}
