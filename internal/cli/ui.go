package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/record"
	"weir/internal/ui"
)

// uiAddress is where the pages are served unless another place is asked for:
// on loopback.
const uiAddress = "127.0.0.1:4568"

// campaignsFolder is where weir plan run keeps its campaigns unless told.
const campaignsFolder = "campaigns"

func newUI(p *Process) *cobra.Command {
	var o ui.Options
	var addr string
	cmd := &cobra.Command{
		Use:   "ui",
		Short: "All runs in a browser: the one under way live, any two overlaid, a campaign's calendar",
		Long: `Serves pages for a browser until interrupted: the library of runs with filters, a
run as it goes on (also one that another weir makes), two runs laid over each
other, the calendar of each campaign. The pages read the runs' records and change
nothing; they need no network beyond this machine. Press ? in them for the keys.

They are served on loopback. Whoever reaches another --addr can read every record.`,
		Example: `  weir ui
  weir ui --runs results/runs --addr 127.0.0.1:0
  weir ui --addr 0.0.0.0:4568 --host build7.example.com`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Alive = func(r record.Run) bool { return alive(r.PID) }
			l, err := listenUI(addr)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.Stderr, "runs of %s: %s\nCtrl-C ends it\n", o.Runs, uiURL(l))
			warnOfReaders(p, l)
			return ui.New(o).Serve(cmd.Context(), l)
		},
	}
	cmd.Flags().StringVar(&o.Runs, "runs", "runs", "folder of the runs")
	cmd.Flags().StringVar(&o.Campaigns, "campaigns", campaignsFolder, "folder of the campaigns")
	cmd.Flags().StringVar(&addr, "addr", uiAddress, "address to serve on; port 0 takes a free one, and so does the default where it is taken")
	cmd.Flags().StringSliceVar(&o.Hosts, "host", nil, "answer under this host name as well (a browser asks by localhost or an address otherwise)")
	return cmd
}

// registerUI is the flag of commands that run a test.
func registerUI(s *pflag.FlagSet, addr *string) {
	s.StringVar(addr, "ui", "", "serve the run's live page while it goes on, on loopback or at --ui=HOST:PORT")
	s.Lookup("ui").NoOptDefVal = uiAddress
}

// withUI is a command that carries a test out, with the run's live page where
// its flag asks for one.
func withUI(p *Process, f *loadFlags, carryOut func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if f.ui == "" {
			return carryOut(cmd, args)
		}
		l, err := listenUI(f.ui)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "live page: %s#/latest\n", uiURL(l))
		warnOfReaders(p, l)
		begun := time.Now()
		pages := ui.New(ui.Options{
			Runs: f.runs, Campaigns: campaignsFolder,
			Alive: func(r record.Run) bool {
				own := r.PID == os.Getpid() && !r.Started.Before(begun)
				return own || alive(r.PID)
			},
		})
		serving, end := context.WithCancel(context.WithoutCancel(cmd.Context()))
		defer end()
		ended := make(chan error, 1)
		go func() { ended <- pages.Serve(serving, l) }()
		err = carryOut(cmd, args)
		end()
		if served := <-ended; served != nil {
			fmt.Fprintln(p.Stderr, "weir: the live page:", served) // the run's outcome stands
		}
		return err
	}
}

// listenUI opens the pages' address. Where other pages have the usual port, a
// free one will do.
func listenUI(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if addr == uiAddress && errors.Is(err, syscall.EADDRINUSE) {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, uiAddressError(err)
	}
	return l, nil
}

// uiURL is what to give a browser.
func uiURL(l net.Listener) string {
	if a, ok := l.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d/", a.Port)
	}
	return "http://" + l.Addr().String() + "/"
}

// warnOfReaders says who can read the records where that is not this machine's
// users alone.
func warnOfReaders(p *Process, l net.Listener) {
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		fmt.Fprintln(p.Stderr, "warning: not on loopback: whoever reaches this address can read every record")
	}
}

func uiAddressError(err error) error {
	hint := "give HOST:PORT of this machine, such as 127.0.0.1:0 for a free port"
	if errors.Is(err, syscall.EADDRINUSE) {
		hint = "another program, perhaps another weir ui, has that port: " + strings.TrimPrefix(hint, "give ")
	}
	return usage(fmt.Errorf("serve the pages: %w", err), hint)
}
