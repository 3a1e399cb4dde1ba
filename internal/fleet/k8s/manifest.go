// Package k8s carries out a fleet's test on Kubernetes through k6-operator: its
// TestRun resource starts the runners, each in a pod of its own.
package k8s

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Resources that a fleet needs (k6-operator v1.6.0,
// config/crd/bases/k6.io_testruns.yaml, read 2026-11-22).
var (
	testRuns   = schema.GroupVersionResource{Group: "k6.io", Version: "v1alpha1", Resource: "testruns"}
	configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	pods       = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
)

// managedBy is the label value by which weir knows what it made.
const managedBy = "weir"

// Options say what the fleet is.
type Options struct {
	Name      string // of the resources; the pods' begin with it
	Namespace string
	Runners   int
	// Image has this weir as k6 on its PATH; a shell it needs not.
	Image          string
	PullSecret     string // that the image is pulled with; empty: none
	ServiceAccount string // whose role the runners take (IRSA, Pod Identity); empty: the namespace's default
	Secret         string // whose keys become the runners' environment; empty: none
	CPU, Memory    string // requested for each runner, as Kubernetes writes quantities; empty: nothing is
	Separate       bool   // each runner on a node of its own

	ScriptName, Script string
	Args               []string // of k6 run
	Env                map[string]string
}

// Check says what can't be a manifest.
func (o Options) Check() error {
	// The operator names services NAME-service-NUMBER and hosts NAME-NUMBER.
	if reasons := validation.IsDNS1035Label(o.Name + "-service-999"); len(reasons) > 0 {
		return fmt.Errorf("name %q: %s", o.Name, strings.Join(reasons, "; "))
	}
	for _, arg := range o.Args {
		if strings.ContainsAny(arg, " \t'\"") { // the operator splits them at spaces
			return fmt.Errorf("argument %q: k6-operator takes arguments without spaces and quotes", arg)
		}
	}
	if o.Image == "" {
		return fmt.Errorf("no image: it must have weir as /usr/bin/k6, as the Containerfile makes it")
	}
	return nil
}

// Manifests are the resources to create, in that order: the script, and the
// TestRun that runs it. The operator cuts the test into execution segments,
// starts every runner paused and resumes all when all are there. The initializer,
// which needs a shell in the image and has nothing to find out, is switched off
// (k6-operator v1.3.0 and later).
func Manifests(o Options) []*unstructured.Unstructured {
	meta := func() map[string]any {
		m := map[string]any{
			"name":   o.Name,
			"labels": map[string]any{"app.kubernetes.io/managed-by": managedBy, "app.kubernetes.io/part-of": o.Name},
		}
		if o.Namespace != "" {
			m["namespace"] = o.Namespace
		}
		return m
	}
	script := map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(),
		"data": map[string]any{o.ScriptName: o.Script},
	}
	spec := map[string]any{
		"parallelism": int64(o.Runners),
		"arguments":   strings.Join(o.Args, " "),
		"script":      map[string]any{"configMap": map[string]any{"name": o.Name, "file": o.ScriptName}},
		"initializer": map[string]any{"disabled": true},
		"runner":      o.runner(),
	}
	if o.Separate {
		spec["separate"] = true
	}
	run := map[string]any{"apiVersion": testRuns.GroupVersion().String(), "kind": "TestRun", "metadata": meta(), "spec": spec}
	return []*unstructured.Unstructured{{Object: script}, {Object: run}}
}

// runner is what each runner's pod is.
func (o Options) runner() map[string]any {
	var env []any
	for _, name := range slices.Sorted(maps.Keys(o.Env)) {
		env = append(env, map[string]any{"name": name, "value": o.Env[name]})
	}
	r := map[string]any{
		"image": o.Image, "env": env,
		"securityContext": map[string]any{
			"runAsNonRoot": true, "runAsUser": int64(65532), "seccompProfile": map[string]any{"type": "RuntimeDefault"},
		},
		"containerSecurityContext": map[string]any{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
		},
	}
	if o.ServiceAccount != "" {
		r["serviceAccountName"] = o.ServiceAccount
	}
	if o.PullSecret != "" {
		r["imagePullSecrets"] = []any{map[string]any{"name": o.PullSecret}}
	}
	if o.Secret != "" {
		r["envFrom"] = []any{map[string]any{"secretRef": map[string]any{"name": o.Secret}}}
	}
	requests := map[string]any{}
	for name, quantity := range map[string]string{"cpu": o.CPU, "memory": o.Memory} {
		if quantity != "" {
			requests[name] = quantity
		}
	}
	if len(requests) > 0 {
		r["resources"] = map[string]any{"requests": requests}
	}
	return r
}
