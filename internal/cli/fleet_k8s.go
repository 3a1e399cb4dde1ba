package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"weir/internal/fleet/k8s"
	"weir/internal/load"
	"weir/internal/load/frame"
	scripts "weir/k6-test-scripts"
)

func newFleetK8s(p *Process) *cobra.Command {
	var f fleetFlags
	var o k8s.Options
	var dry dryRun
	var kubeconfig, kubeContext string
	cmd := &cobra.Command{
		Use:   "k8s TEST",
		Short: "A fleet of pods, by k6-operator",
		Long: `Carries out a test by pods on Kubernetes. weir creates a ConfigMap with the script
and a TestRun of k6-operator (v1.3.0 or later, which must be installed), follows
the runners' logs, merges what they report into one run, and deletes both again.
The runners start paused, as the operator has it; once resumed they start the
schedule together, --start-in from now: pods have until then.

The runners' credentials are those of --service-account (IRSA or Pod Identity: see
weir deploy show eks), or of the keys of a Secret; weir's own, for CloudWatch and
the function's log, come from where it runs. The image has weir as k6 on its PATH:
the Containerfile makes such a one.`,
		Example: `  weir fleet k8s --runners 8 baseline-500b --rate 50000 --stream orders --function orders-consumer \
    --image registry.example/weir:1 --service-account weir --namespace load --yes
  weir fleet k8s --runners 8 baseline-500b --rate 50000 --stream orders --image registry.example/weir:1 --dry-run`,
		Args: exactArgs(1, "a test"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.target, o.Runners = "aws", f.runners
			if dry == "client" {
				return showManifests(cmd.Context(), p, &f, o, args[0], nil)
			}
			cluster, err := k8s.Connect(kubeconfig, kubeContext, o.Namespace)
			if err != nil {
				return usage(err, "--kubeconfig and --context name the cluster, as with kubectl")
			}
			o.Namespace = cluster.Namespace()
			if dry == "server" {
				return showManifests(cmd.Context(), p, &f, o, args[0], cluster)
			}
			return f.run(cmd.Context(), p, args[0], func(ctx context.Context, l load.Options) (loader, error) {
				return startPods(ctx, p, cluster, o, l, f.startAt(time.Now()))
			})
		},
	}
	f.registerAWS(cmd.Flags(), 3*time.Minute, "time-scale")
	f.load.timeScale = 1
	f.registerRunners(cmd.Flags())
	s := cmd.Flags()
	s.StringVar(&o.Image, "image", "", "the runners' image")
	s.StringVar(&o.Name, "name", "", "of what is created (default weir-ID)")
	s.StringVarP(&o.Namespace, "namespace", "n", "", "where it is created (default the kubeconfig's)")
	s.StringVar(&o.ServiceAccount, "service-account", "", "of the runners, with a role that may put records into the stream")
	s.StringVar(&o.Secret, "secret", "", "whose keys become the runners' environment, such as AWS_ACCESS_KEY_ID")
	s.StringVar(&o.PullSecret, "pull-secret", "", "that the image is pulled with")
	s.StringVar(&o.CPU, "cpu", "1", "requested for each runner")
	s.StringVar(&o.Memory, "memory", "512Mi", "requested for each runner")
	s.BoolVar(&o.Separate, "separate", false, "each runner on a node of its own")
	s.StringVar(&kubeconfig, "kubeconfig", "", "file that says where the cluster is (or KUBECONFIG)")
	s.StringVar(&kubeContext, "context", "", "of the kubeconfig")
	s.Var(&dry, "dry-run", "print the manifests, or with =server let the cluster check them; nothing is created or sent")
	s.Lookup("dry-run").NoOptDefVal = "client"
	cmd.RunE = withUI(p, &f.load, cmd.RunE)
	return cmd
}

// dryRun is the value of --dry-run, as kubectl has it.
type dryRun string

func (d *dryRun) String() string { return string(*d) }
func (d *dryRun) Type() string   { return "client|server" }
func (d *dryRun) Set(text string) error {
	if text != "client" && text != "server" {
		return errors.New("client or server")
	}
	*d = dryRun(text)
	return nil
}

// showManifests prints what would be created, once the cluster, if there is
// one, has found it right.
func showManifests(ctx context.Context, p *Process, f *fleetFlags, o k8s.Options, name string, cluster *k8s.Cluster) error {
	order, err := f.order(ctx, p, name, time.Now())
	if err != nil {
		return err
	}
	manifests, err := manifestsOf(o, load.Options{Spec: order.Spec, Script: order.Script, Args: order.Args}, order.Spec.Start)
	if err != nil {
		return err
	}
	if cluster != nil {
		if err := cluster.Create(ctx, manifests, true); err != nil {
			return usage(err, "nothing was created")
		}
		fmt.Fprintf(p.Stderr, "the cluster would take this in namespace %s\n", cluster.Namespace())
	}
	for _, m := range manifests {
		text, err := yaml.MarshalWithOptions(m.Object, yaml.UseLiteralStyleIfMultiline(true))
		if err != nil {
			return fmt.Errorf("write manifest: %w", err)
		}
		fmt.Fprintf(p.Stdout, "---\n%s", text)
	}
	return nil
}

// manifestsOf are the resources of a load that starts at an instant.
func manifestsOf(o k8s.Options, l load.Options, at time.Time) ([]*unstructured.Unstructured, error) {
	l.Spec.Start = at
	text, err := scripts.Files.ReadFile(l.Script)
	if err != nil {
		return nil, fmt.Errorf("find the test's script: %w", err)
	}
	if o.Env, err = load.RunnerEnv(l.Spec); err != nil {
		return nil, err
	}
	o.Name = first(o.Name, fmt.Sprintf("weir-%06x", l.Spec.Run))
	o.ScriptName, o.Script, o.Args = l.Script, string(text), slices.Concat(load.RunnerArgs(), l.Args)
	if err := o.Check(); err != nil {
		return nil, usage(err, "weir fleet k8s --help shows an example")
	}
	return k8s.Manifests(o), nil
}

// podsLate is how long after the start a pod may still come to run: what is due
// until then is not sent, and the rest is better than nothing.
const podsLate = 30 * time.Second

// startPods creates the TestRun and follows its runners.
func startPods(ctx context.Context, p *Process, cluster *k8s.Cluster, o k8s.Options, l load.Options, at time.Time) (loader, error) {
	if err := runsElsewhere(l.Spec.Test); err != nil {
		return nil, err
	}
	manifests, err := manifestsOf(o, l, at)
	if err != nil {
		return nil, err
	}
	if err := cluster.Create(ctx, manifests, false); err != nil {
		return nil, err
	}
	name := manifests[0].GetName()
	fmt.Fprintf(p.Stderr, "TestRun %s in namespace %s: %d runners, start at %s\n", name, cluster.Namespace(), o.Runners, at.UTC().Format("15:04:05 UTC"))
	remove := func() { // pods are told to stop, and say their last word while they do
		if err := cluster.Delete(context.WithoutCancel(ctx), manifests); err != nil {
			fmt.Fprintln(p.Stderr, "weir:", err)
		}
	}
	members := make([]member, o.Runners)
	for i := range members {
		members[i].where = fmt.Sprintf("job %s-%d", name, i+1)
		members[i].follow = func(report func(frame.Numbered)) (string, int) {
			lines := &lineReports{report: report}
			how := cluster.Follow(ctx, name, i+1, at.Add(podsLate), lines.take)
			return lines.ended(how), 0
		}
	}
	c := newCrew(members, remove)
	return ending{c, c.Interrupt}, nil
}

// lineReports are the reports among the lines that a runner prints; of the
// others the last is kept, for it may say why the runner died.
type lineReports struct {
	report func(frame.Numbered)
	lines  frame.LineReader
	other  string
	bad    error
}

func (l *lineReports) take(line string) {
	n, err := l.lines.Add(line)
	switch {
	case err != nil:
		l.bad = err
	case n != nil:
		l.report(*n)
	case strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "weir-frame/"):
		l.other = line
	}
}

// ended is how the runner ended, with what it said last.
func (l *lineReports) ended(how string) string {
	if l.bad != nil {
		how += "; " + l.bad.Error()
	}
	if l.other != "" {
		how += "; it said last: " + clip(l.other, 200)
	}
	return how
}
