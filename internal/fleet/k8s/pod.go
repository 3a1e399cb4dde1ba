package k8s

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd/api"
)

// pod is what is known of a runner's pod; the zero value is none.
type pod struct {
	name, phase     string
	reason, message string // of the pod, such as Evicted
	container       string // why its container waits or how it ended
	exit            int64
	exited          bool
}

// pod finds the pod of a runner: k6-operator's jobs are NAME-NUMBER.
func (c *Cluster) pod(ctx context.Context, name string, number int) (pod, error) {
	list, err := c.client.Resource(pods).Namespace(c.namespace).List(ctx, metav1.ListOptions{
		LabelSelector: fmt.Sprintf("k6_cr=%s,runner=true,job-name=%s-%d", name, name, number),
	})
	if err != nil {
		return pod{}, fmt.Errorf("list the pods of runner %d: %w", number, err)
	}
	if len(list.Items) == 0 {
		return pod{}, nil
	}
	return podOf(list.Items[0]), nil
}

func podOf(u unstructured.Unstructured) pod {
	p := pod{name: u.GetName()}
	p.phase, _, _ = unstructured.NestedString(u.Object, "status", "phase")
	p.reason, _, _ = unstructured.NestedString(u.Object, "status", "reason")
	p.message, _, _ = unstructured.NestedString(u.Object, "status", "message")
	statuses, _, _ := unstructured.NestedSlice(u.Object, "status", "containerStatuses")
	for _, s := range statuses {
		status, _ := s.(map[string]any)
		for _, state := range []string{"waiting", "terminated"} {
			if reason, found, _ := unstructured.NestedString(status, "state", state, "reason"); found {
				p.container = reason
			}
		}
		if exit, found, _ := unstructured.NestedInt64(status, "state", "terminated", "exitCode"); found {
			p.exit, p.exited = exit, true
		}
	}
	return p
}

// ended is how the pod ended, in words.
func (p pod) ended() string {
	text := "pod " + p.name + " " + p.phase
	switch {
	case p.reason != "":
		text += ": " + p.reason + " (" + p.message + ")"
	case p.container != "":
		text += ": " + p.container
	}
	if p.exited {
		text += fmt.Sprintf(", exit code %d", p.exit)
	}
	return text
}

// waiting is why the pod does not run, in words.
func (p pod) waiting(err error) string {
	switch {
	case err != nil:
		return err.Error()
	case p.container != "":
		return p.container
	}
	return "pod " + p.name + " is " + p.phase
}

func clientContext(namespace string) api.Context { return api.Context{Namespace: namespace} }
