package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func values() Values {
	return Values{
		Region: "eu-west-1", Account: "111122223333", Stream: "orders", Role: "weir-runner", LogGroup: "/weir/fleet", Runners: 4, Arch: "arm64",
		Image: "registry.example/weir:1", Binary: "s3://tools/weir-arm64", Namespace: "load", OIDC: "oidc.eks.eu-west-1.amazonaws.com/id/ABCD",
	}
}

// Every file is what it says it is, and names nothing that is not filled in.
func TestFilesParse(t *testing.T) {
	for _, target := range Targets {
		files, err := Fill(target, values())
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < 3 {
			t.Errorf("%s has %d files", target, len(files))
		}
		for _, f := range files {
			if strings.Contains(f.Text, "{{") || strings.Contains(f.Text, "<no value>") {
				t.Errorf("%s/%s is not filled in:\n%s", target, f.Name, f.Text)
			}
			switch {
			case strings.HasSuffix(f.Name, ".json"):
				if !json.Valid([]byte(f.Text)) {
					t.Errorf("%s/%s is no JSON:\n%s", target, f.Name, f.Text)
				}
			case strings.HasSuffix(f.Name, ".yaml"):
				checkYAML(t, f)
			case strings.HasSuffix(f.Name, ".sh"):
				checkScript(t, f, files)
			default:
				t.Errorf("%s/%s: a file of no known kind", target, f.Name)
			}
		}
	}
}

func checkYAML(t *testing.T, f File) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(f.Text))
	for n := 0; ; n++ {
		var doc struct {
			APIVersion string `yaml:"apiVersion"`
			Kind       string
			Metadata   struct{ Name string }
		}
		err := d.Decode(&doc)
		if errors.Is(err, io.EOF) {
			if n == 0 {
				t.Errorf("%s is empty", f.Name)
			}
			return
		}
		if err != nil || doc.APIVersion == "" || doc.Kind == "" || doc.Metadata.Name == "" {
			t.Fatalf("%s: %v, %+v", f.Name, err, doc)
		}
	}
}

// checkScript has a shell read the script, which must use only files that there
// are.
func checkScript(t *testing.T, f File, files []File) {
	t.Helper()
	for _, m := range regexp.MustCompile(`file://([a-z.-]+)`).FindAllStringSubmatch(f.Text, -1) {
		if !slices.ContainsFunc(files, func(o File) bool { return o.Name == m[1] }) {
			t.Errorf("%s uses %s, which there is not", f.Name, m[1])
		}
	}
	shell, err := exec.LookPath("bash")
	if err != nil {
		return
	}
	cmd := exec.Command(shell, "-n")
	cmd.Stdin = strings.NewReader(f.Text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", f.Name, err, out)
	}
}

func file(t *testing.T, target, name string, v Values) string {
	t.Helper()
	files, err := Fill(target, v)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(files, func(f File) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("%s has no %s", target, name)
	}
	return files[i].Text
}

// The task definition has no member that ECS's API hasn't.
func TestTaskDefinition(t *testing.T) {
	d := json.NewDecoder(strings.NewReader(file(t, "ecs", "task.json", values())))
	d.DisallowUnknownFields()
	var in ecs.RegisterTaskDefinitionInput
	if err := d.Decode(&in); err != nil {
		t.Fatal(err)
	}
	c := in.ContainerDefinitions[0]
	if *in.Family != "weir-runner" || in.RuntimePlatform.CpuArchitecture != "ARM64" || *c.Image != "registry.example/weir:1" ||
		c.LogConfiguration.Options["awslogs-group"] != "/weir/fleet" || c.LogConfiguration.Options["awslogs-stream-prefix"] == "" {
		t.Errorf("%+v", in)
	}
}

// A runner may put records into the one stream and write reports, nothing else.
func TestPolicy(t *testing.T) {
	type statement struct {
		Sid, Effect string
		Action      []string
		Resource    string
	}
	var policy struct {
		Version   string
		Statement []statement
	}
	d := json.NewDecoder(bytes.NewBufferString(file(t, "eks", "policy.json", values())))
	d.DisallowUnknownFields()
	if err := d.Decode(&policy); err != nil {
		t.Fatal(err)
	}
	want := []statement{
		{"PutRecords", "Allow", []string{"kinesis:PutRecord", "kinesis:PutRecords"}, "arn:aws:kinesis:eu-west-1:111122223333:stream/orders"},
		{"ReportRunners", "Allow", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, "arn:aws:logs:eu-west-1:111122223333:log-group:/weir/fleet:*"},
	}
	if diff := cmp.Diff(want, policy.Statement); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	china := values()
	china.Region = "cn-north-1"
	if text := file(t, "ecs", "policy.json", china); !strings.Contains(text, "arn:aws-cn:kinesis:cn-north-1:") {
		t.Errorf("in China:\n%s", text)
	}
}

// What stands in scripts and JSON can't break out of its place.
func TestValuesAreChecked(t *testing.T) {
	for want, change := range map[string]func(*Values){
		`no region`:                       func(v *Values) { v.Region = "" },
		`account "12" is none`:            func(v *Values) { v.Account = "12" },
		`stream "a\"b" is none`:           func(v *Values) { v.Stream = `a"b` },
		`image "x;reboot" is none`:        func(v *Values) { v.Image = "x;reboot" },
		`role "$(id)" is none`:            func(v *Values) { v.Role = "$(id)" },
		`architecture "mips" is none`:     func(v *Values) { v.Arch = "mips" },
		`0 runners`:                       func(v *Values) { v.Runners = 0 },
		"no region\nno account\nno image": func(v *Values) { v.Region, v.Account, v.Image = "", "", "" },
	} {
		v := values()
		change(&v)
		if _, err := Fill("ecs", v); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Fill("gcp", values()); err == nil || !strings.Contains(err.Error(), "ec2, ecs, eks") {
		t.Errorf("%v", err)
	}
}
