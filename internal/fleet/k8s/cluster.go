package k8s

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is where a fleet runs.
type Cluster struct {
	client    dynamic.Interface
	logs      func(ctx context.Context, namespace, pod string) (io.ReadCloser, error) // of a pod's k6, followed
	namespace string
	every     time.Duration // between looks at a pod
}

// Connect finds a cluster as kubectl does: by the kubeconfig named, by
// KUBECONFIG, by ~/.kube/config, or inside a cluster by its service account.
// Empty values are the kubeconfig's own. It calls nothing yet.
func Connect(kubeconfig, kubeContext, namespace string) (*Cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	found := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{
		CurrentContext: kubeContext, Context: clientContext(namespace),
	})
	config, err := found.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster: %w", err)
	}
	if namespace, _, err = found.Namespace(); err != nil {
		return nil, fmt.Errorf("find the namespace: %w", err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of the cluster: %w", err)
	}
	core, err := rest.UnversionedRESTClientFor(dynamic.ConfigFor(config))
	if err != nil {
		return nil, fmt.Errorf("make a client of the pods' logs: %w", err)
	}
	return &Cluster{
		client: client, namespace: namespace, every: 2 * time.Second,
		logs: func(ctx context.Context, namespace, pod string) (io.ReadCloser, error) {
			return core.Get().AbsPath("/api/v1/namespaces", namespace, "pods", pod, "log").
				Param("follow", "true").Param("container", "k6").Stream(ctx)
		},
	}, nil
}

// Namespace is the one that the fleet's resources are made in.
func (c *Cluster) Namespace() string { return c.namespace }

// Create creates the manifests; with dryRun the cluster only says whether it
// would. What was created before an error is deleted again.
func (c *Cluster) Create(ctx context.Context, manifests []*unstructured.Unstructured, dryRun bool) error {
	o := metav1.CreateOptions{FieldManager: managedBy, FieldValidation: metav1.FieldValidationStrict}
	if dryRun {
		o.DryRun = []string{metav1.DryRunAll}
	}
	for i, m := range manifests {
		if _, err := c.client.Resource(resourceOf(m)).Namespace(c.namespace).Create(ctx, m, o); err != nil {
			err = fmt.Errorf("create %s %s: %w", m.GetKind(), m.GetName(), err)
			if apierrors.IsNotFound(err) && m.GetKind() == "TestRun" {
				err = fmt.Errorf("%w: is k6-operator installed in this cluster?", err)
			}
			if dryRun {
				return err
			}
			return errors.Join(err, c.Delete(context.WithoutCancel(ctx), manifests[:i]))
		}
	}
	return nil
}

// Delete deletes what was made, the last first, and what the operator made of
// it. What is gone already is no error; what weir has not made is one.
func (c *Cluster) Delete(ctx context.Context, manifests []*unstructured.Unstructured) error {
	var errs []error
	for _, m := range slices.Backward(manifests) {
		of := c.client.Resource(resourceOf(m)).Namespace(c.namespace)
		found, err := of.Get(ctx, m.GetName(), metav1.GetOptions{})
		if err == nil && found.GetLabels()["app.kubernetes.io/managed-by"] != managedBy {
			err = errors.New("weir has not made it")
		}
		if err == nil {
			err = of.Delete(ctx, m.GetName(), metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)})
		}
		if err != nil && !apierrors.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("delete %s %s: %w", m.GetKind(), m.GetName(), err))
		}
	}
	return errors.Join(errs...)
}

func resourceOf(m *unstructured.Unstructured) schema.GroupVersionResource {
	if m.GetKind() == "ConfigMap" {
		return configMaps
	}
	return testRuns
}

// Stage is the TestRun's stage as k6-operator says it, such as started or
// error; empty before it has said one.
func (c *Cluster) Stage(ctx context.Context, name string) (string, error) {
	run, err := c.client.Resource(testRuns).Namespace(c.namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("get TestRun %s: %w", name, err)
	}
	stage, _, _ := unstructured.NestedString(run.Object, "status", "stage")
	return stage, nil
}

// Follow hands on each line that a runner's pod prints, until it has ended, and
// returns how. A log that breaks off is read again from its start: the receiver
// must know lines again. A pod that does not run at readyBy has ended.
func (c *Cluster) Follow(ctx context.Context, name string, number int, readyBy time.Time, line func(string)) string {
	read := false
	for {
		p, err := c.pod(ctx, name, number)
		switch {
		case ctx.Err() != nil:
			return "weir stopped listening"
		case err != nil || p.phase == "Pending":
			if time.Now().After(readyBy) {
				return "its pod was not running at the start: " + p.waiting(err)
			}
		case p.phase == "" && read:
			return "its pod is gone"
		case p.phase == "":
			if time.Now().After(readyBy) {
				return "it had no pod at the start: does k6-operator run, and watch this namespace?"
			}
		default:
			ended := p.phase != "Running"
			err := c.lines(ctx, p.name, line)
			if read = read || err == nil; ended && err == nil {
				return p.ended()
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(c.every):
		}
	}
}

// lines reads a pod's log until it breaks off or the pod has ended.
func (c *Cluster) lines(ctx context.Context, pod string, line func(string)) error {
	log, err := c.logs(ctx, c.namespace, pod)
	if err != nil {
		return fmt.Errorf("read the log of pod %s: %w", pod, err)
	}
	defer log.Close() //nolint:errcheck // it is only read
	r := bufio.NewReader(log)
	for {
		text, err := r.ReadString('\n')
		if text != "" {
			line(strings.TrimRight(text, "\r\n"))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the log of pod %s: %w", pod, err)
		}
	}
}
