package load

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"weir/internal/emulator/kinesis"
	"weir/internal/plan"
	scripts "weir/k6-test-scripts"
)

// runScript runs a script as `weir k6 run` does, on an embedded Kinesis with
// the streams orders and weir of four shards each.
func runScript(t *testing.T, path string, env ...string) (output string, err error) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs k6")
	}
	server := kinesis.New(kinesis.Config{ShardLimitFactor: 10})
	for _, name := range []string{"orders", "weir"} {
		if err := server.CreateStream(name, 4, kinesis.StreamOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	cmd := exec.Command(os.Args[0], "k6", "run", "--quiet", path)
	cmd.Env = append([]string{
		"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=" + web.URL,
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE000000000", "AWS_SECRET_ACCESS_KEY=secret", "KINESIS_STREAM_NAME=orders",
	}, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// counted is a counter's sum in k6's summary, 0 where it has none.
func counted(summary, metric string) int {
	found := regexp.MustCompile(`\b` + metric + `\.*: (\d+) `).FindStringSubmatch(summary)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(found[1]) // digits
	return n
}

// Each script checks what it sees itself: a check that fails crosses its
// threshold, and k6's exit code says so.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".js"), func(t *testing.T) {
			t.Parallel()
			// k6 exits 0 although an iteration threw.
			if out, err := runScript(t, script); err != nil || strings.Contains(out, "level=error") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// Every ready-to-use script runs by itself, here for a second.
func TestCatalogueScriptsRun(t *testing.T) {
	for _, name := range plan.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := runScript(t, filepath.Join("../../k6-test-scripts", scripts.Name(name)), "RATE=200", "DURATION=1s")
			if accepted := counted(out, "kinesis_records_accepted"); err != nil || strings.Contains(out, "level=error") || accepted != 200 {
				t.Errorf("%v; %d of 200 records accepted:\n%s", err, accepted, out)
			}
		})
	}
}

// A script for jslib-aws itself, where its bundle is at hand, with nothing but
// the import changed.
func TestJSLibScriptMoves(t *testing.T) {
	folder := os.Getenv("WEIR_JSLIB")
	text, err := os.ReadFile(filepath.Join(folder, "kinesis-jslib.js"))
	if folder == "" || err != nil {
		t.Skip("WEIR_JSLIB names no folder with aws-kinesis.js and kinesis-jslib.js")
	}
	moved := strings.Replace(string(text), `"./aws-kinesis.js"`, `"k6/x/kinesis"`, 1)
	if moved == string(text) {
		t.Fatal("the script does not import ./aws-kinesis.js")
	}
	path := filepath.Join(t.TempDir(), "moved.js")
	if err := os.WriteFile(path, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := runScript(t, path); err != nil || strings.Contains(out, "level=error") {
		t.Errorf("%v\n%s", err, out)
	}
}
