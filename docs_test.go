package main

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// documents are the files whose commands and links are checked.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md", "examples/*/*.md", "k6-test-scripts/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

var (
	fenced    = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")
	continued = regexp.MustCompile(`\\\n\s*`)
	remark    = regexp.MustCompile(`(^|\s+)#.*`)
)

// commandsOf are the commands of a document: the lines of its fenced blocks
// that name no language, but for indented ones, which are what a command prints.
func commandsOf(text string) []string {
	var all []string
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		if block[1] != "" {
			continue
		}
		for line := range strings.Lines(continued.ReplaceAllString(block[2], " ")) {
			command := strings.TrimSpace(remark.ReplaceAllString(line, ""))
			if command != "" && !strings.HasPrefix(line, "  ") {
				all = append(all, command)
			}
		}
	}
	return all
}

// notRun are the programs whose commands are parsed only, and why.
var notRun = map[string]string{
	"go":        "builds, which the other tests do",
	"git":       "changes a checkout",
	"cosign":    "verifies a published release",
	"sha256sum": "verifies a published release",
	"brew":      "installs from a published release",
	"docker":    "needs a daemon",
	"kubectl":   "needs a cluster",
	"terraform": "needs providers from its registry",
	"npm":       "needs its registry",
	"npx":       "needs its registry",
	".ci/run":   "is what runs this test",
	"grep":      "renames the module",
	"buildah":   "pushes an image",
	"bash":      "needs an account, and kubectl",
	"(cd":       "needs an account",

	"deploy/image.sh": "needs buildah",
}

// needs is what a command of weir needs that is not here; empty: nothing.
func needs(text string) string {
	for prefix, what := range map[string]string{
		"weir env up":       "CloudFormation, which the embedded pipeline has not",
		"weir fleet k8s":    "a cluster",
		"weir fleet ecs":    "ECS",
		"weir fleet merge":  "what runners on other machines wrote",
		"weir cost refresh": "AWS's price list",
	} {
		if strings.HasPrefix(text, prefix) {
			return "needs " + what
		}
	}
	return ""
}

// Every command of every document is run as a reader would, those for an
// account against the embedded endpoint. Load is begun at 50 records/s at most
// and interrupted, but for a document's first run, which is finished.
func TestDocumentedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("plays the reader of every guide")
	}
	var all sync.WaitGroup // at once, for they mostly wait
	for _, file := range documents(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands := commandsOf(string(text))
		if len(commands) == 0 {
			continue
		}
		all.Go(func() {
			t.Run(strings.ReplaceAll(file, "/", "-"), func(t *testing.T) {
				r := newReader(t, filepath.Dir(file))
				for _, c := range commands {
					r.do(c)
				}
			})
		})
	}
	all.Wait()
}

// reader is somebody who follows a document from top to bottom, in one folder.
type reader struct {
	*testing.T
	dir      string
	env      []string
	account  map[string]string // environment of the pipeline that plays the account
	local    map[string]string // of the last `weir local` in the document; nil: none
	set      string            // shell variables that the document has set, as commands
	finished bool              // a run was finished
}

// newReader has what documents take for granted, and an example's own files.
func newReader(t *testing.T, folder string) *reader {
	t.Helper()
	r := &reader{T: t, dir: t.TempDir(), env: append(os.Environ(), "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "DURATION=2s")}
	if err := os.CopyFS(r.dir, os.DirFS("testdata/reader")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(r.dir, "bootstrap"), 0o755); err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC()
	costs := "Service,Kinesis($)\n" + today.Format(time.DateOnly) + ",0.13\n" + today.AddDate(0, 0, 1).Format(time.DateOnly) + ",0.13\n"
	if err := os.WriteFile(filepath.Join(r.dir, "costs.csv"), []byte(costs), 0o644); err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(folder, "examples") {
		if err := os.CopyFS(r.dir, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// do runs one command and fails the test where it does not do what it says.
func (r *reader) do(text string) {
	r.Helper()
	program := firstProgram(text)
	if out, err := exec.Command("bash", "-n", "-c", text).CombinedOutput(); err != nil {
		r.Errorf("%s: %s", text, out)
		return
	}
	if why := cmp.Or(notRun[text], notRun[program], needs(text)); why != "" {
		r.Logf("not run, %s: %s", why, text)
		return
	}
	if regexp.MustCompile(`^weir env (up|status|down)\b`).MatchString(text) {
		r.Logf("not run, the embedded endpoint has no CloudFormation (TestEnvOnMoto): %s", text)
		return
	}
	if settings.MatchString(text) {
		r.set += text + "\n"
		return
	}
	if _, err := exec.LookPath(program); err != nil && program != "export" {
		r.Logf("not run, there is no %s here: %s", program, text)
		return
	}
	switch {
	case program == "export":
		r.export(text)
	case strings.HasPrefix(text, "weir local"):
		r.local = r.serve(text)
	case strings.HasPrefix(text, "weir ui"):
		r.browse(text)
	case strings.HasPrefix(text, "weir run") && strings.Contains(text, "--target aws"):
		r.expect(strings.ReplaceAll(text, " --yes", ""), []int{2}, "nothing was sent: this is a real account")
	case strings.Contains(text, " latest") && !r.finished:
		r.finish("weir run baseline-500b --rate 20")
		r.do(text)
	case isLoad(text) && !r.finished && !regexp.MustCompile(`stress|plan run|--fault`).MatchString(text):
		r.finish(gently(text))
	case strings.HasPrefix(text, "weir simulate"):
		r.expect(text+" --step 10s", []int{0, 98, 99}, "") // a day takes its time even there
	case isLoad(text):
		r.interrupt(gently(text))
	default:
		r.expect(text, codesOf(text), "")
	}
}

// finish makes a whole run, the first of the document.
func (r *reader) finish(text string) {
	r.Helper()
	if !strings.Contains(text, ".js") { // a script says itself how long it lasts
		text += " --step 3s"
	}
	r.expect(text, []int{0, 98, 99}, "")
	r.finished = true
	r.copyRun()
}

// firstProgram is the first word of a command that is no setting of a variable.
func firstProgram(text string) string {
	for word := range strings.FieldsSeq(text) {
		if !regexp.MustCompile(`^[A-Z_0-9]+=`).MatchString(word) {
			return strings.TrimSuffix(word, ";")
		}
	}
	return ""
}

// settings of shell variables alone.
var settings = regexp.MustCompile(`^[a-z]+=`)

var loading = regexp.MustCompile(`^weir (try|run|plan run|fleet local)\b`)

func isLoad(text string) bool {
	return loading.MatchString(text) && !strings.Contains(text, "--show-config")
}

// codesOf are the exit codes of a command that did its work: a run that is
// judged again, or a window, may have failed.
func codesOf(text string) []int {
	if regexp.MustCompile(`^weir (judge|report|compare|plan report|metrics --collect)\b`).MatchString(text) {
		return []int{0, 98, 99}
	}
	return []int{0}
}

var rates = regexp.MustCompile(`--rate [0-9.,]+`)

// gently is a load at no more than 50 records/s. Scripts have a load of their
// own, shapes begin low.
func gently(text string) string {
	if rates.MatchString(text) {
		return rates.ReplaceAllStringFunc(text, func(flag string) string {
			var low []string
			for rate := range strings.SplitSeq(strings.Fields(flag)[1], ",") {
				n, _ := strconv.ParseFloat(rate, 64) // the pattern has digits alone
				low = append(low, strconv.FormatFloat(min(n, 50), 'f', -1, 64))
			}
			return "--rate " + strings.Join(slices.Compact(low), ",")
		})
	}
	if regexp.MustCompile(`\.js\b|--shape|stress|plan run|--resume`).MatchString(text) {
		return text
	}
	return text + " --rate 20"
}

// export sets the variables; those that `weir local` prints must be what it
// printed, and those of an account's pipeline lead to the one that plays it.
func (r *reader) export(text string) {
	if strings.Contains(text, "$(") {
		r.local = nil // an account's, by names that another program knows
		return
	}
	variables := strings.Fields(strings.TrimPrefix(text, "export "))
	for _, setting := range variables {
		name, value, _ := strings.Cut(setting, "=")
		switch {
		case r.local != nil && len(variables) == 1:
			if want := strings.ReplaceAll(r.local[name], r.port(), "127.0.0.1:4567"); value != want {
				r.Errorf("%s: weir local prints %s", text, want)
			}
		case name == "KINESIS_STREAM_NAME":
			r.local = nil // an account's from here on
			r.env = append(r.env, setting)
		case name != "AWS_REGION":
			r.env = append(r.env, setting)
		}
	}
}

// port is the address of the reader's own `weir local`.
func (r *reader) port() string { return strings.TrimPrefix(r.local["AWS_ENDPOINT_URL"], "http://") }

// serve starts `weir local` until the end of the test.
func (r *reader) serve(text string) map[string]string {
	cmd := exec.Command("bash", "-c", "exec "+text+" --addr 127.0.0.1:0 --json")
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.Fatalf("%s: %v", text, err)
	}
	r.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended: Wait says so
		if err := cmd.Wait(); err != nil {
			r.Errorf("%s: %v", text, err)
		}
	})
	var printed map[string]string
	if err := json.NewDecoder(out).Decode(&printed); err != nil {
		r.Fatalf("%s: read what it prints: %v", text, err)
	}
	return printed
}

// environment is the reader's, with the pipeline that commands meet.
func (r *reader) environment(text string) []string {
	if !regexp.MustCompile(`^(sleep|aws|curl|weir k6|weir alarms|weir dashboard|weir doctor|weir env|weir fleet machines|weir deploy|weir metrics --collect|weir run .*(--target aws|--out.* cloudwatch))`).MatchString(text) {
		return r.env
	}
	at := r.local
	if at == nil {
		if r.account == nil {
			r.account = r.serve("weir local --stream orders --function-name orders-consumer")
		}
		at = r.account
	}
	env := slices.Clone(r.env)
	for name, value := range at {
		env = append(env, name+"="+value)
	}
	return env
}

func (r *reader) command(text string) (*exec.Cmd, *strings.Builder) {
	env := r.environment(text)
	if r.local != nil {
		text = strings.ReplaceAll(text, "127.0.0.1:4567", r.port())
	}
	text = strings.ReplaceAll(text, "eu-west-1", "us-east-1") // where the embedded account is
	cmd := exec.CommandContext(r.Context(), "bash", "-o", "pipefail", "-c", r.set+text)
	var out strings.Builder
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, env, &out, &out
	return cmd, &out
}

// expect runs a command that ends with one of codes and prints words.
func (r *reader) expect(text string, codes []int, words string) {
	r.Helper()
	cmd, out := r.command(text)
	err := cmd.Run()
	if cmd.ProcessState == nil || !slices.Contains(codes, cmd.ProcessState.ExitCode()) || !strings.Contains(out.String(), words) {
		r.Errorf("%s: %v, want exit code %v and %q\n%s", text, err, codes, words, out)
	}
}

// interrupt begins a load, waits until its record is there, and presses Ctrl-C.
func (r *reader) interrupt(text string) {
	r.Helper()
	before := r.records()
	cmd, out := r.command("exec " + text)
	if err := cmd.Start(); err != nil {
		r.Fatalf("%s: %v", text, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline, tick := time.After(time.Minute), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for len(r.records()) == len(before) {
		select {
		case err := <-ended:
			r.Errorf("%s: ended before it left a record: %v\n%s", text, err, out)
			return
		case <-deadline:
			_ = cmd.Process.Kill() // and then it has ended
			r.Errorf("%s: no record after a minute\n%s", text, out)
			return
		case <-tick.C:
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		r.Errorf("%s: %v", text, err)
	}
	if err := <-ended; cmd.ProcessState.ExitCode() != 130 {
		r.Errorf("%s: %v after Ctrl-C, want exit code 130\n%s", text, err, out)
	}
	for _, record := range r.records() {
		if strings.HasSuffix(record, ".json") && !slices.Contains(before, record) {
			if err := os.RemoveAll(filepath.Dir(record)); err != nil { // latest is the finished one
				r.Error(err)
			}
		}
	}
}

// records are the runs, searches and campaigns in the reader's folder.
func (r *reader) records() []string {
	var all []string
	for _, pattern := range []string{"runs/*/run.json", "runs/*/search.json", "campaigns/*/journal.ndjson"} {
		found, _ := filepath.Glob(filepath.Join(r.dir, pattern)) // the pattern is well-formed
		all = append(all, found...)
	}
	return all
}

// copyRun gives the finished run the names under which documents compare runs.
func (r *reader) copyRun() {
	runs, err := filepath.Glob(filepath.Join(r.dir, "runs", "*", "run.json"))
	runs = slices.DeleteFunc(runs, func(run string) bool { return strings.Contains(run, "-simulated-") })
	if err != nil || len(runs) != 1 {
		r.Fatalf("%d runs were finished, want one: %v", len(runs), err)
	}
	for _, name := range []string{"main/a", "change/a", "20261122T201500Z-try-3f2a"} {
		if err := os.CopyFS(filepath.Join(r.dir, "runs", name), os.DirFS(filepath.Dir(runs[0]))); err != nil {
			r.Fatal(err)
		}
	}
}

// The workflow of the example does what its steps say, with one run a side in
// place of seven.
func TestWorkflowExample(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a workflow")
	}
	t.Parallel()
	text, err := os.ReadFile("examples/github-actions/pipeline.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Name, Run, Uses string }
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(yaml.FormatError(err, false, true))
	}
	r := newReader(t, ".")
	r.env = append(r.env, "GITHUB_STEP_SUMMARY="+filepath.Join(r.dir, "summary.md"))
	for _, name := range []string{"bootstrap-main", "bootstrap-change"} {
		if err := os.Symlink("bootstrap", filepath.Join(r.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	ran := 0
	for _, step := range workflow.Jobs["load-test"].Steps {
		if step.Run == "" || strings.HasPrefix(step.Run, "go build") {
			continue
		}
		script := strings.ReplaceAll(step.Run, "1 2 3 4 5 6 7", "1")
		script = regexp.MustCompile(`--step \S+`).ReplaceAllString(rates.ReplaceAllString(script, "--rate 20"), "--step 3s")
		r.expect("set -e\n"+script, []int{0}, "")
		ran++
	}
	summary, err := os.ReadFile(filepath.Join(r.dir, "summary.md"))
	if err != nil || ran != 3 || !strings.Contains(string(summary), "ledger") {
		t.Errorf("%d steps ran, and the summary is %q: %v", ran, summary, err)
	}
}
