package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/emulator/fault"
	"weir/internal/pipeline/local"
)

// localAddr is where weir local listens unless told otherwise.
const localAddr = "127.0.0.1:4567"

func newLocal(p *Process) *cobra.Command {
	var e embeddedFlags
	var addr, stream, name string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Serve the embedded Kinesis + Lambda + CloudWatch pipeline for any AWS client",
		Long: `Serves the embedded pipeline on one loopback address until interrupted, and prints
the environment with which any AWS client uses it: a stream, a function behind an
event source mapping, CloudWatch metrics and logs.

` + profilesText() + "\n\n" + faultsText(),
		Example: `  weir local
  weir local --addr 127.0.0.1:0 --shards 2 --function ./bootstrap
  aws --endpoint-url http://127.0.0.1:4567 kinesis list-streams`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := e.options()
			if err != nil {
				return err
			}
			o.Addr, o.Stream = addr, stream
			if cmd.Flags().Changed("function-name") {
				o.Function = name
			}
			return serve(cmd.Context(), p, o, asJSON)
		},
	}
	e.register(cmd.Flags())
	d := local.Defaults()
	cmd.Flags().StringVar(&addr, "addr", localAddr, "address to listen on; port 0 picks a free one")
	cmd.Flags().StringVar(&stream, "stream", d.Stream, "name of the stream")
	cmd.Flags().StringVar(&name, "function-name", d.Function, "name of the function")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the environment as one JSON object")
	return cmd
}

// profilesText lists what each profile adds to the embedded pipeline's time.
func profilesText() string {
	var s strings.Builder
	for _, p := range []local.Profile{local.AWSProfile, local.InstantProfile} {
		fmt.Fprintf(&s, "Profile %s (its timing is a model):\n", p.Name)
		for _, line := range p.Settings() {
			fmt.Fprintf(&s, "  %-32s %-28s %s\n", line.Name, line.Value, line.Source)
		}
		s.WriteByte('\n')
	}
	s.WriteString("--profile aws,put=12ms/60ms,poll=250ms changes some of them (a latency's median and p99); there are\n" +
		strings.Join(local.Timings(), ", "))
	return s.String()
}

// faultsText lists the faults.
func faultsText() string {
	var s strings.Builder
	s.WriteString("Faults (--fault KIND[:WHERE][=VALUE]@START[+LENGTH], or POST {\"fault\":\"...\"} to " + fault.AdminPath + "):\n")
	for _, k := range fault.Kinds {
		fmt.Fprintf(&s, "  %-48s %s\n", k.Example, k.Does)
	}
	return strings.TrimRight(s.String(), "\n")
}

func serve(ctx context.Context, p *Process, o local.Options, asJSON bool) error {
	if !loopback(o.Addr) {
		remedy := "and the embedded pipeline asks nobody who they are: --verify-signatures does"
		if o.Verify {
			remedy = "and the embedded pipeline's credentials are no secret: they stand in its source"
		}
		fmt.Fprintf(p.Stderr, "warning: %s is reachable from other machines, %s\n", o.Addr, remedy)
	}
	debug.SetGCPercent(embeddedGC)
	pipe, err := local.Start(ctx, o)
	if err != nil {
		return startError(err)
	}
	if err := printEnvironment(p, pipe, asJSON); err != nil {
		return err
	}
	pipe.BeginFaults(time.Now())
	fmt.Fprintf(p.Stderr, "stream %s (%d shards) → function %s, profile %s; Ctrl-C ends it\n", o.Stream, o.Shards, o.Function, o.Profile.Name)
	<-ctx.Done()
	if err := pipe.Close(); err != nil {
		return fmt.Errorf("close the embedded pipeline: %w", err)
	}
	return nil
}

func printEnvironment(p *Process, pipe *local.Pipeline, asJSON bool) error {
	if !asJSON {
		for _, v := range pipe.Environ() {
			fmt.Fprintln(p.Stdout, "export", v)
		}
		return nil
	}
	env := map[string]string{}
	for _, v := range pipe.Environ() {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	return json.NewEncoder(p.Stdout).Encode(env)
}

// loopback reports whether only this machine can reach a listener on addr. An
// empty host is every interface.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
