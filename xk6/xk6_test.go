package xk6

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The main of the package's comment, in a module of its own beside this one.
const handMadeMain = `package main

import (
	"go.k6.io/k6/v2/cmd"

	_ "weir/xk6"
)

func main() { cmd.Execute() }
`

const script = `
import { Client } from 'k6/x/kinesis';
import { check } from 'k6';
export const options = { thresholds: { checks: ['rate==1'] } };
const kinesis = new Client({ endpoint: 'http://127.0.0.1:9' }); // nothing listens there
export default function () {
	const answer = kinesis.putRecordSync('orders', { data: 'x', partitionKey: 'k' });
	check(answer, { 'refused by nobody': (a) => a.ErrorCode !== undefined });
}
`

func TestHandMadeMain(t *testing.T) {
	if testing.Short() {
		t.Skip("builds k6")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, text := range map[string]string{
		"main.go": handMadeMain, "script.js": script, "go.sum": string(sums),
		"go.mod": "module mine\n\ngo 1.26\n\nrequire (\n\tgo.k6.io/k6/v2 v2.2.0\n\tweir v0.0.0\n)\n\nreplace weir => " + root + "\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-mod=mod", "-buildvcs=false", "-o", "mine", ".")
	build.Dir = folder
	build.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off") // all that it needs was downloaded for this test
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run := exec.Command(filepath.Join(folder, "mine"), "run", "--quiet", "script.js")
	run.Dir = folder
	run.Env = []string{"HOME=" + folder, "K6_NO_USAGE_REPORT=true"}
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "kinesis_put_duration") {
		t.Errorf("%v\n%s", err, out)
	}
}
