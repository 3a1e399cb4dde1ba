package stack

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"weir/internal/metrics"
	"weir/probe/js"
)

var (
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	limits = metrics.Limits{
		IteratorAge: time.Second, Duration: 15 * time.Second, ErrorRate: 0.001, RecordLatency: 2 * time.Second, MatchTolerance: 0.001,
	}
)

// up is a stack of the wanted template, made an hour ago for 24.
func up(wanted []Tag) State {
	tags := map[string]string{}
	for _, t := range wanted {
		tags[t.Key] = t.Value
	}
	tags[ExpiresAt] = noon.Add(23 * time.Hour).Format(time.RFC3339)
	return State{Exists: true, Status: "CREATE_COMPLETE", Tags: tags}
}

func TestSteps(t *testing.T) {
	wanted := Default.Tags(noon, []byte("template"))
	in := func(status string) State { s := up(wanted); s.Status = status; return s }
	with := func(key, value string) State { s := up(wanted); s.Tags[key] = value; return s }
	for _, c := range []struct {
		name     string
		s        State
		up, down Step
	}{
		{"none", State{}, Create, Nothing},
		{"deleted, by its ID", in("DELETE_COMPLETE"), Create, Nothing},
		{"up", up(wanted), Nothing, Delete},
		{"changed", in("UPDATE_COMPLETE"), Nothing, Delete},
		{"of another template", with(TemplateTag, "old"), Update, Delete},
		{"expires within 11 of 24 h", with(ExpiresAt, noon.Add(11*time.Hour).Format(time.RFC3339)), Update, Delete},
		{"doesn't say when it expires", with(ExpiresAt, ""), Update, Delete},
		// Killed in the middle: CloudFormation goes on.
		{"being made", in("CREATE_IN_PROGRESS"), Wait, Delete},
		{"being changed", in("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), Wait, Delete},
		{"being rolled back", in("ROLLBACK_IN_PROGRESS"), Wait, Delete},
		{"being deleted", in("DELETE_IN_PROGRESS"), Wait, Wait},
		// What is left of a failure is cleaned up first.
		{"rolled back", in("ROLLBACK_COMPLETE"), Delete, Delete},
		{"failed to roll back", in("ROLLBACK_FAILED"), Delete, Delete},
		{"not made", in("CREATE_FAILED"), Delete, Delete},
		{"not deleted", in("DELETE_FAILED"), Delete, Delete},
		{"changed back", in("UPDATE_ROLLBACK_COMPLETE"), Update, Delete},
		// Somebody else's is never touched, whatever its state.
		{"not ours", with(MadeBy, ""), Refuse, Refuse},
		{"not ours, and failed", State{Exists: true, Status: "CREATE_FAILED"}, Refuse, Refuse},
		{"not ours, on the move", State{Exists: true, Status: "DELETE_IN_PROGRESS"}, Refuse, Refuse},
	} {
		if got := ToUp(c.s, wanted, noon); got != c.up {
			t.Errorf("%s: towards up %s, want %s", c.name, got, c.up)
		}
		if got := ToDown(c.s); got != c.down {
			t.Errorf("%s: towards down %s, want %s", c.name, got, c.down)
		}
	}
}

func TestTemplates(t *testing.T) {
	for name, write := range map[string]func(Spec, metrics.Limits) ([]byte, error){"cloudformation": CloudFormation, "sam": SAM} {
		t.Run(name, func(t *testing.T) {
			text, err := write(Default, limits)
			if err != nil {
				t.Fatal(err)
			}
			if len(text) > MaxTemplateBytes {
				t.Errorf("%d bytes are over CloudFormation's %d", len(text), MaxTemplateBytes)
			}
			var doc struct {
				Resources map[string]struct {
					Type       string         `yaml:"Type"`
					Properties map[string]any `yaml:"Properties"`
				} `yaml:"Resources"`
			}
			if err := yaml.Unmarshal(text, &doc); err != nil {
				t.Fatal(err)
			}
			probe := doc.Resources["Probe"].Properties
			code := probe["InlineCode"]
			if outer, ok := probe["Code"].(map[string]any); ok {
				code = outer["ZipFile"]
			}
			if code != js.Inline() {
				t.Errorf("the function's code is not the probe's:\n%v", code)
			}
			body, ok := doc.Resources["Dashboard"].Properties["DashboardBody"].(string)
			if !ok || !json.Valid([]byte(body)) || !strings.Contains(body, "${Stream}") {
				t.Errorf("dashboard body: %v", body)
			}
			alarms := 0
			for _, r := range doc.Resources {
				if r.Type == "AWS::CloudWatch::Alarm" {
					alarms++
				}
			}
			if alarms != 6 {
				t.Errorf("%d alarms, want one for each critical target", alarms)
			}
		})
	}
}

// cfn-lint, with AWS's own schemas of every property, has nothing to say.
func TestCloudFormationLints(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a slow linter")
	}
	need(t, "cfn-lint", "pip install cfn-lint")
	var files []string
	for name, write := range map[string]func(Spec, metrics.Limits) ([]byte, error){"cloudformation": CloudFormation, "sam": SAM} {
		text, err := write(Default, limits)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(t.TempDir(), name+".yaml"))
		if err := os.WriteFile(files[len(files)-1], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "cfn-lint", files...).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// need skips where a program is not installed, unless WEIR_REQUIRE names it.
func need(t *testing.T, program, install string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil && !slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), program) {
		t.Skipf("%s is not installed (%s)", program, install)
	}
}

// Terraform's own parser reads the template, and finds it formatted.
func TestTerraformReadsItsTemplate(t *testing.T) {
	need(t, "terraform", "developer.hashicorp.com/terraform/install")
	text, err := Terraform(Default, limits, noon)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "terraform", "fmt", "-check", "-diff", "-no-color", "-")
	cmd.Stdin = strings.NewReader(string(text))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("terraform fmt: %v\n%s", err, out)
	}
}

func TestValidate(t *testing.T) {
	for want, bend := range map[string]func(*Spec){
		"name":            func(s *Spec) { s.Name = "orders" },
		"shards":          func(s *Spec) { s.Shards = 0 },
		"batch size":      func(s *Spec) { s.BatchSize = 10001 },
		"parallelization": func(s *Spec) { s.Parallelization = 11 },
		"architecture":    func(s *Spec) { s.Architecture = "amd64" },
		"time to live":    func(s *Spec) { s.TTL = time.Minute },
	} {
		s := Default
		bend(&s)
		if err := s.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one of %s", err, want)
		}
	}
	if err := Default.Validate(); err != nil {
		t.Error(err)
	}
}

func TestCost(t *testing.T) {
	// 2 shards × 0.015 + 10 alarm metrics × 0.10 ÷ 730 + 3.00 ÷ 730.
	idle, err := Idle(Default, AlarmMetrics(), "us-east-1")
	if want := 0.03 + 10*0.10/730 + 3.0/730; err != nil || idle.USD() < want-1e-9 || idle.USD() > want+1e-9 {
		t.Errorf("idle %v (%v), want %v; alarm metrics %d", idle.USD(), err, want, AlarmMetrics())
	}
	// 90 minutes are two hours; a million records of 500 B are a million payload
	// units of 0.014; 10 000 invocations of 20 ms at 512 MB are 100 GB-s on ARM.
	spent, err := Spent(Default, AlarmMetrics(), "us-east-1", 90*time.Minute, Traffic{Records: 1e6, Bytes: 5e8, Invocations: 1e4, Billed: 2e5})
	want := 2*idle.USD() + 0.014 + 1e4*0.2e-6 + 100*0.0000133334 + 1e4*1500/1e9*0.50
	if err != nil || spent.USD() < want-1e-6 || spent.USD() > want+1e-6 {
		t.Errorf("spent %v (%v), want %v", spent.USD(), err, want)
	}
	if elsewhere, err := Idle(Default, 0, "mars-1"); err != nil || elsewhere.Region != "us-east-1" {
		t.Errorf("a region without prices: %+v, %v; want those of us-east-1, and that it says so", elsewhere, err)
	}
}
