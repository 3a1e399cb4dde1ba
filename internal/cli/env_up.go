package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/stack"
	"weir/internal/stack/account"
)

// upFlags are those of env up.
type upFlags struct {
	specFlags
	changeFlags
	region, probe, binary string
}

func newEnvUp(p *Process) *cobra.Command {
	var f upFlags
	cmd := &cobra.Command{
		Use: "up", Short: "Make the test pipeline, or bring it up to date",
		Long: `Makes the stack, or changes it where it differs, and waits until it is whole.
Killed or interrupted in the middle, the same command goes on: it waits for
CloudFormation, or clears away what failed and begins again. Run before half of
the time to live is over it changes nothing; later it starts the time anew.

The function is weir's probe in Node.js, in the template itself. --probe go puts
weir's own program in its place, as a Linux function of the same architecture.`,
		Example: "  weir env up --dry-run\n  weir env up --shards 4 --ttl 8h --yes\n  weir env up --probe go --probe-binary ./weir-linux-arm64 --yes",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), p) },
	}
	f.specFlags.register(cmd.Flags())
	f.changeFlags.register(cmd.Flags())
	cmd.Flags().StringVar(&f.region, "region", "", "AWS region (or AWS_REGION)")
	cmd.Flags().StringVar(&f.probe, "probe", probeJS, "the function: js (in the template) or go (weir's own program)")
	cmd.Flags().StringVar(&f.binary, "probe-binary", "", "with --probe go: weir for Linux and the function's architecture (default this program)")
	return cmd
}

func (f *upFlags) run(ctx context.Context, p *Process) error {
	spec, err := f.spec()
	if err != nil {
		return err
	}
	code, err := probeCode(f.probe, first(f.binary, p.Exe), spec.Architecture)
	if err != nil {
		return err
	}
	e, err := openEnv(ctx, p, f.region, spec.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stderr, "stack %s: a stream of %d shards, the probe in %s on %s, time to live %v\ncosts %s\n",
		spec.Name, spec.Shards, f.probe, spec.Architecture, spec.TTL, idleText(spec, e.who.Region))
	changes, err := f.plan(ctx, p, e, spec, code)
	if err != nil {
		return err
	}
	if err := f.carryOut(ctx, p, e.inAWS(), changes); err != nil || f.dryRun {
		return err
	}
	s, err := e.State(ctx, spec.Name)
	if err != nil {
		return err
	}
	printReady(p, e, s)
	return nil
}

// plan is what is to be changed. It waits first where CloudFormation is still
// at work, except for a dry run.
func (f *upFlags) plan(ctx context.Context, p *Process, e *environment, spec stack.Spec, code account.Code) ([]change, error) {
	text, err := stack.CloudFormation(spec, stackLimits())
	if err != nil {
		return nil, err
	}
	now := time.Now()
	tags := spec.Tags(now, text)
	s, err := e.State(ctx, spec.Name)
	if err == nil && stack.ToUp(s, tags, now) == stack.Wait && !f.dryRun {
		s, err = e.settled(ctx, p, s.ID)
	}
	if err != nil {
		return nil, err
	}
	var changes []change
	switch stack.ToUp(s, tags, now) {
	case stack.Refuse:
		return nil, e.refused()
	case stack.Wait:
		fmt.Fprintf(p.Stderr, "CloudFormation is at work on the stack (%s): what is to be changed shows when it has finished\n", s.Status)
		return nil, nil
	case stack.Delete:
		changes = []change{e.deleteStack(p, s), e.createStack(p, spec, string(text), tags)}
	case stack.Create:
		changes = []change{e.createStack(p, spec, string(text), tags)}
	case stack.Update:
		changes = []change{e.updateStack(p, spec, string(text), tags)}
	}
	return f.planCode(ctx, e, s, changes, code)
}

// planCode adds the upload of the function's code, where it isn't the
// template's.
func (f *upFlags) planCode(ctx context.Context, e *environment, s stack.State, changes []change, code account.Code) ([]change, error) {
	runs := account.Function{Runtime: stack.NodeRuntime} // what the template makes
	if s.Up() {
		var err error
		if runs, err = e.Function(ctx, e.names.Function); err != nil {
			return nil, err
		}
	}
	if runs.Has(code) || f.probe == probeJS && runs.Runtime == code.Runtime {
		return changes, nil
	}
	if runs.Runtime != code.Runtime {
		in := account.ConfigurationInput(e.names.Function, code)
		changes = append(changes, change{
			operation: "UpdateFunctionConfiguration", input: shownCall(in),
			does: fmt.Sprintf("have function %s run by %s", e.names.Function, code.Runtime),
			do:   func(ctx context.Context) error { return e.SetRuntime(ctx, e.name, in) },
		})
	}
	in := account.CodeInput(e.names.Function, code)
	return append(changes, change{
		operation: "UpdateFunctionCode", input: map[string]string{"FunctionName": e.names.Function, "ZipFile": fmt.Sprintf("(%d bytes)", len(code.Zip))},
		does: fmt.Sprintf("upload the probe in %s (%.1f MB) to function %s", f.probe, float64(len(code.Zip))/1e6, e.names.Function),
		do:   func(ctx context.Context) error { return e.SetCode(ctx, e.name, in) },
	}), nil
}

func (e *environment) createStack(p *Process, spec stack.Spec, text string, tags []stack.Tag) change {
	in := account.CreateInput(spec, text, tags)
	return change{
		operation: "CreateStack", input: shownCall(in), does: "make stack " + spec.Name,
		do: func(ctx context.Context) error {
			if err := e.Create(ctx, in); err != nil {
				return err
			}
			return e.whole(ctx, p)
		},
	}
}

func (e *environment) updateStack(p *Process, spec stack.Spec, text string, tags []stack.Tag) change {
	in := account.UpdateInput(spec, text, tags)
	return change{
		operation: "UpdateStack", input: shownCall(in), does: "change stack " + spec.Name,
		do: func(ctx context.Context) error {
			if err := e.Update(ctx, in); err != nil {
				return err
			}
			return e.whole(ctx, p)
		},
	}
}

// shownCall is a call of CloudFormation's for a dry run: without what isn't
// set, and without the template.
func shownCall(in any) any {
	text, err := json.Marshal(in)
	if err != nil { // AWS's own types marshal
		panic(err)
	}
	var call map[string]any
	if err := json.Unmarshal(text, &call); err != nil {
		panic(err)
	}
	maps.DeleteFunc(call, func(_ string, v any) bool { return v == nil || v == "" })
	if _, ok := call["TemplateBody"]; ok {
		call["TemplateBody"] = "(what weir env template prints)"
	}
	if parameters, ok := call["Parameters"].([]any); ok {
		for _, p := range parameters {
			maps.DeleteFunc(p.(map[string]any), func(_ string, v any) bool { return v == nil })
		}
	}
	return call
}

// whole waits for a stack that was made or changed, and says why where it isn't
// whole.
func (e *environment) whole(ctx context.Context, p *Process) error {
	s, err := e.settled(ctx, p, e.name)
	if err != nil || s.Up() {
		return err
	}
	reasons, err := e.Failures(ctx, first(s.ID, e.name))
	if err != nil {
		return err
	}
	for _, r := range reasons {
		fmt.Fprintln(p.Stderr, r)
	}
	return errors.New("the stack is " + first(s.Status, "gone") + ": mend what stands above and run weir env up again, which clears it away; or weir env down")
}

// printReady says how to use the pipeline.
func printReady(p *Process, e *environment, s stack.State) {
	for _, v := range [][2]string{{"AWS_REGION", e.who.Region}, {"KINESIS_STREAM_NAME", s.Outputs["Stream"]}, {"LAMBDA_FUNCTION_NAME", s.Outputs["Function"]}} {
		fmt.Fprintf(p.Stdout, "export %s=%s\n", v[0], v[1])
	}
	if until, ok := s.Expires(); ok {
		fmt.Fprintf(p.Stderr, "to be removed before %s; then: weir doctor --target aws, weir run baseline-500b --target aws\n", until.Format(time.RFC3339))
	}
}
