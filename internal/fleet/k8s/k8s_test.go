package k8s

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
)

func options() Options {
	return Options{
		Name: "weir-3f2a91", Namespace: "load", Runners: 4, Image: "registry.example/weir:1",
		ServiceAccount: "weir", Secret: "aws", PullSecret: "pull", CPU: "1", Memory: "512Mi", Separate: true,
		ScriptName: "baseline-500b.js", Script: "export default function () {}\n",
		Args: []string{"--out=weir", "--no-thresholds"}, Env: map[string]string{"WEIR_FRAMES": "stdout", "WEIR_LOAD": `{"run":1}`},
	}
}

func TestManifests(t *testing.T) {
	got := Manifests(options())
	text := func(m *unstructured.Unstructured, path ...string) any {
		v, _, _ := unstructured.NestedFieldNoCopy(m.Object, path...)
		return v
	}
	for _, tt := range []struct {
		path []string
		want any
	}{
		{[]string{"apiVersion"}, "k6.io/v1alpha1"},
		{[]string{"spec", "parallelism"}, int64(4)},
		{[]string{"spec", "arguments"}, "--out=weir --no-thresholds"},
		{[]string{"spec", "script", "configMap"}, map[string]any{"name": "weir-3f2a91", "file": "baseline-500b.js"}},
		{[]string{"spec", "initializer", "disabled"}, true},
		{[]string{"spec", "separate"}, true},
		{[]string{"spec", "runner", "image"}, "registry.example/weir:1"},
		{[]string{"spec", "runner", "serviceAccountName"}, "weir"},
		{[]string{"spec", "runner", "env"}, []any{
			map[string]any{"name": "WEIR_FRAMES", "value": "stdout"}, map[string]any{"name": "WEIR_LOAD", "value": `{"run":1}`},
		}},
		{[]string{"spec", "runner", "envFrom"}, []any{map[string]any{"secretRef": map[string]any{"name": "aws"}}}},
		{[]string{"spec", "runner", "imagePullSecrets"}, []any{map[string]any{"name": "pull"}}},
		{[]string{"spec", "runner", "resources", "requests"}, map[string]any{"cpu": "1", "memory": "512Mi"}},
	} {
		if diff := cmp.Diff(tt.want, text(got[1], tt.path...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.path, diff)
		}
	}
	if diff := cmp.Diff(map[string]any{"baseline-500b.js": "export default function () {}\n"}, text(got[0], "data")); diff != "" {
		t.Errorf("script (-want +got):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"":             func(*Options) {},
		"no image":     func(o *Options) { o.Image = "" },
		"name \"1x\"":  func(o *Options) { o.Name = "1x" },
		"must be no m": func(o *Options) { o.Name = strings.Repeat("x", 60) },
		"argument":     func(o *Options) { o.Args = []string{"a b"} },
	} {
		o := options()
		change(&o)
		err := o.Check()
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// pretend is a cluster that keeps what it is given and runs nothing.
func pretend(objects ...runtime.Object) *Cluster {
	client := fake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		testRuns: "TestRunList", configMaps: "ConfigMapList", pods: "PodList",
	}, objects...)
	return &Cluster{client: client, namespace: "load", every: time.Millisecond}
}

func TestCreateAndDelete(t *testing.T) {
	c := pretend()
	m := Manifests(options())
	if err := c.Create(t.Context(), m, false); err != nil {
		t.Fatal(err)
	}
	if stage, err := c.Stage(t.Context(), "weir-3f2a91"); err != nil || stage != "" {
		t.Errorf("stage %q, %v", stage, err)
	}
	// The TestRun is there already: the ConfigMap that was made for a second is
	// not left behind.
	other := Manifests(options())
	other[0].SetName("weir-other")
	if err := c.Create(t.Context(), other, false); err == nil || !strings.Contains(err.Error(), "create TestRun weir-3f2a91") {
		t.Errorf("the same again: %v", err)
	}
	if _, err := c.client.Resource(configMaps).Namespace("load").Get(t.Context(), "weir-other", metav1.GetOptions{}); err == nil {
		t.Error("a ConfigMap was left behind")
	}
	for range 2 { // what is gone is gone
		if err := c.Delete(t.Context(), m); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Stage(t.Context(), "weir-3f2a91"); err == nil {
		t.Error("the TestRun is still there")
	}
}

func TestDeletesOnlyItsOwn(t *testing.T) {
	foreign := Manifests(options())
	foreign[1].SetLabels(nil)
	c := pretend(foreign[0], foreign[1])
	if err := c.Delete(t.Context(), foreign); err == nil || !strings.Contains(err.Error(), "delete TestRun weir-3f2a91: weir has not made it") {
		t.Errorf("%v", err)
	}
	if _, err := c.Stage(t.Context(), "weir-3f2a91"); err != nil {
		t.Error(err)
	}
}

func runnerPod(phase string, terminated map[string]any) *unstructured.Unstructured {
	status := map[string]any{"phase": phase}
	if terminated != nil {
		status["containerStatuses"] = []any{map[string]any{"name": "k6", "state": map[string]any{"terminated": terminated}}}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod", "status": status,
		"metadata": map[string]any{"name": "weir-3f2a91-2-abcde", "namespace": "load", "labels": map[string]any{
			"k6_cr": "weir-3f2a91", "runner": "true", "job-name": "weir-3f2a91-2",
		}},
	}}
}

// A log that breaks off is read again from its start, until the pod has ended.
func TestFollow(t *testing.T) {
	c := pretend(runnerPod("Running", nil))
	reads := 0
	c.logs = func(ctx context.Context, _, pod string) (io.ReadCloser, error) {
		reads++
		switch reads {
		case 1:
			return nil, errors.New("container is being created")
		case 2:
			return io.NopCloser(io.MultiReader(strings.NewReader("one\ntw"), broken{})), nil
		}
		ended := runnerPod("Failed", map[string]any{"reason": "OOMKilled", "exitCode": int64(137)})
		if _, err := c.client.Resource(pods).Namespace("load").Update(ctx, ended, metav1.UpdateOptions{}); err != nil {
			return nil, err
		}
		return io.NopCloser(strings.NewReader("one\ntwo\n")), nil
	}
	var lines []string
	how := c.Follow(t.Context(), "weir-3f2a91", 2, time.Now().Add(time.Hour), func(l string) { lines = append(lines, l) })
	if how != "pod weir-3f2a91-2-abcde Failed: OOMKilled, exit code 137" {
		t.Errorf("ended: %s", how)
	}
	// The third reading ended while the pod ran; the fourth was of the ended pod.
	if diff := cmp.Diff([]string{"one", "tw", "one", "two", "one", "two"}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestFollowNothing(t *testing.T) {
	past := time.Now().Add(-time.Second)
	if how := pretend().Follow(t.Context(), "weir-3f2a91", 2, past, nil); !strings.Contains(how, "it had no pod at the start") {
		t.Errorf("no pod: %s", how)
	}
	if how := pretend(runnerPod("Pending", nil)).Follow(t.Context(), "weir-3f2a91", 2, past, nil); !strings.Contains(how, "pod weir-3f2a91-2-abcde is Pending") {
		t.Errorf("a pod that waits: %s", how)
	}
}

// With a cluster that has k6-operator's TestRun, the real API server checks the
// manifests field by field, creates and deletes them.
func TestRealAPIServer(t *testing.T) {
	kubeconfig := os.Getenv("WEIR_TEST_KUBECONFIG")
	if kubeconfig == "" {
		t.Skip("WEIR_TEST_KUBECONFIG names no cluster with k6-operator's TestRun")
	}
	c, err := Connect(kubeconfig, "", "")
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Namespace = c.Namespace()
	m := Manifests(o)
	if err := c.Create(t.Context(), m, true); err != nil {
		t.Fatalf("dry run: %v", err)
	}
	wrong := Manifests(o)
	if err := unstructured.SetNestedField(wrong[1].Object, true, "spec", "nosuchfield"); err != nil {
		t.Fatal(err)
	}
	if err := c.Create(t.Context(), wrong, true); err == nil || !strings.Contains(err.Error(), "nosuchfield") {
		t.Errorf("a field that there is not: %v", err)
	}
	if err := c.Create(t.Context(), m, false); err != nil {
		t.Fatal(err)
	}
	if stage, err := c.Stage(t.Context(), o.Name); err != nil || stage != "" {
		t.Errorf("stage %q, %v", stage, err)
	}
	if err := c.Delete(t.Context(), m); err != nil {
		t.Error(err)
	}
}
