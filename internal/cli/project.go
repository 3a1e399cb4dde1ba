package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/plan"
	"weir/internal/project"
)

// configured are the commands that weir.yaml is read for, with the pipeline
// that they are about where no --target says it. A plan has a file of its own.
var configured = map[string]string{
	"try": "local", "run": "local", "local": "local", "simulate": "local",
	"fleet": "aws", "doctor": "aws", "metrics": "aws", "dashboard": "aws", "alarms": "aws", "env": "aws", "deploy": "aws",
	"judge": "", "report": "", "compare": "", "advise": "", "runbook": "", "ui": "",
}

// inEnvironment are the variables that come before the file.
var inEnvironment = map[string][]string{
	"stream": {"KINESIS_STREAM_NAME"}, "function": {"LAMBDA_FUNCTION_NAME"}, "region": {"AWS_REGION", "AWS_DEFAULT_REGION"},
}

// registerProject gives the commands the flags of the project file.
func registerProject(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		if _, ok := configured[cmd.Name()]; ok {
			cmd.PersistentFlags().String("config", "", "file of settings that hold for every run (default "+project.FileName+", if there is one)")
			cmd.PersistentFlags().Bool("show-config", false, "print each flag's value and where it is from, and do nothing")
		}
	}
}

// useProject sets the flags that the user left to the project file. Flags and
// environment come before it. What it sets counts as not given by the user, who
// didn't mean it for this command alone.
func useProject(p *Process, cmd *cobra.Command) error {
	kind, ok := configured[firstBelowRoot(cmd).Name()]
	if !ok || cmd.Name() == "runner" {
		return nil
	}
	name, settings, err := readProject(cmd)
	if err != nil {
		return err
	}
	origins := map[string]string{}
	var used []string
	for _, s := range settings {
		flag := cmd.Flags().Lookup(s.Flag)
		if flag == nil || flag.Changed || variable(p, s) != "" || !meantFor(cmd, kind, s) {
			continue
		}
		for _, value := range s.Values {
			if s.Flag == "slo" && strings.HasPrefix(value, "throttles=") && showsTargets(cmd) {
				continue // of a test: no alarm is about so many
			}
			if err := flag.Value.Set(value); err != nil { // was tried before, on a flag of weir run
				return usage(fmt.Errorf("%s: %s: %w", s.At, s.Key, err), "")
			}
			p.Args = append(p.Args, "--"+s.Flag+"="+value) // for the run's record
		}
		origins[s.Flag] = s.At
		used = append(used, s.Key)
	}
	if show, _ := cmd.Flags().GetBool("show-config"); show {
		return showConfig(p, cmd, kind, origins)
	}
	if len(used) > 0 {
		fmt.Fprintf(p.Stderr, "from %s: %s\n", name, strings.Join(used, ", "))
	}
	return nil
}

func firstBelowRoot(cmd *cobra.Command) *cobra.Command {
	for cmd.HasParent() && cmd.Parent().HasParent() {
		cmd = cmd.Parent()
	}
	return cmd
}

// decisive are the flags on which it depends what others are for, the first of
// them last.
var decisive = []string{"out", "target"}

// readProject reads the file that --config names, or the one that is there.
// Decisive settings come first.
func readProject(cmd *cobra.Command) (name string, settings []project.Setting, err error) {
	asked, _ := cmd.Flags().GetString("config")
	name = first(asked, project.FileName)
	text, err := projectText(name, asked != "")
	switch {
	case errors.Is(err, fs.ErrNotExist) && asked == "":
		return name, nil, nil
	case err != nil:
		return name, nil, usage(fmt.Errorf("read the project file: %w", err), "--config names another")
	}
	var embedded []string
	shape := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(embeddedFlags).register(shape)
	shape.VisitAll(func(f *pflag.Flag) { embedded = append(embedded, f.Name) })
	settings, err = project.Parse(name, text, embedded)
	if err == nil {
		err = tryOut(settings)
	}
	if err != nil {
		return name, nil, usage(fmt.Errorf("read the project file: %w", err), "docs/settings.md has all keys; --config names another file")
	}
	slices.SortStableFunc(settings, func(a, b project.Setting) int {
		return slices.Index(decisive, b.Flag) - slices.Index(decisive, a.Flag)
	})
	return name, settings, nil
}

// mostProject bounds a project file: the parser takes the square of the depth of
// what nests in it, a second for so many brackets.
const mostProject = 32 << 10

// projectText reads a project file. One that nobody asked for must be a file: to
// open a pipe of that name would wait for a writer.
func projectText(name string, asked bool) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	if !asked && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	f, err := os.Open(name) //nolint:gosec // the user names it
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	defer f.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, mostProject+1))
	if err == nil && len(text) > mostProject {
		err = fmt.Errorf("%s has more than %d bytes", name, mostProject)
	}
	return text, err
}

// tryOut finds values that no command could use, whatever the command is now.
func tryOut(settings []project.Setting) error {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(runFlags).register(set)
	for _, s := range settings {
		flag := set.Lookup(s.Flag)
		if _, list := flag.Value.(pflag.SliceValue); !list && len(s.Values) > 1 {
			return fmt.Errorf("%s: %s takes one value", s.At, s.Key)
		}
		for _, value := range s.Values {
			if err := flag.Value.Set(value); err != nil {
				if wrong, ok := errors.AsType[*strconv.NumError](err); ok {
					err = wrong.Err
				}
				return fmt.Errorf("%s: %s: %q: %w", s.At, s.Key, value, err)
			}
		}
		if err := means(s); err != nil {
			return fmt.Errorf("%s: %w", s.At, err)
		}
	}
	return nil
}

// means finds what the flags themselves let pass.
func means(s project.Setting) error {
	switch s.Flag {
	case "slo":
		_, err := plan.DefaultTargets.With(s.Values)
		return err //nolint:wrapcheck // it names the setting
	case "target":
		if v := s.Values[0]; v != "local" && v != "aws" {
			return fmt.Errorf("target %q: local or aws", v)
		}
	}
	return nil
}

// variable is the environment's variable that comes before a setting; empty
// where none is set.
func variable(p *Process, s project.Setting) string {
	if s.Section != project.Account {
		return ""
	}
	for _, name := range inEnvironment[s.Flag] {
		if p.Getenv(name) != "" {
			return name
		}
	}
	return ""
}

// meantFor reports whether a setting is about the pipeline of a command.
func meantFor(cmd *cobra.Command, kind string, s project.Setting) bool {
	if target := cmd.Flags().Lookup("target"); target != nil {
		kind = target.Value.String()
	}
	switch s.Section {
	case project.Account:
		return kind == "aws"
	case project.Embedded:
		if kind != "local" {
			return false
		}
	}
	idle := idleSettings[s.Flag]
	return idle == nil || !idle(cmd)
}

// idleSettings tell, by flag, of commands that refuse what would change nothing:
// from a user, who means it for that command, and so not from the file.
var idleSettings = map[string]func(*cobra.Command) bool{
	"slo":      withoutTargets,
	"tag":      func(cmd *cobra.Command) bool { return has(cmd, "out", "[]") },    // nothing is sent
	"function": func(cmd *cobra.Command) bool { return cmd.Name() == "simulate" }, // which runs none
}

// showsTargets reports whether a command makes dashboards or alarms.
func showsTargets(cmd *cobra.Command) bool {
	return slices.Contains([]string{"dashboard", "alarms"}, firstBelowRoot(cmd).Name())
}

// withoutTargets reports whether the user asked for a verdict in which no target
// counts.
func withoutTargets(cmd *cobra.Command) bool {
	return has(cmd, "judge", judgeCapacity) || has(cmd, "capacity", "true") || cmd.Flags().Changed("certificate")
}

// has reports whether a command has a flag of that value.
func has(cmd *cobra.Command, flag, value string) bool {
	f := cmd.Flags().Lookup(flag)
	return f != nil && f.Value.String() == value
}

// showConfig prints what each flag of a command is, and why.
func showConfig(p *Process, cmd *cobra.Command, kind string, origins map[string]string) error {
	w := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FLAG\tVALUE\tFROM")
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if slices.Contains([]string{"help", "config", "show-config"}, f.Name) {
			return
		}
		value, from := password.ReplaceAllString(f.Value.String(), "$1:***@"), first(origins[f.Name], "default")
		name := variable(p, project.Setting{Section: project.Account, Flag: f.Name})
		switch {
		case f.Changed:
			from = "command line"
		case name != "" && meantFor(cmd, kind, project.Setting{Section: project.Account}):
			value, from = p.Getenv(name), "environment, "+name
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, value, from)
	})
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print the configuration: %w", err)
	}
	return exitError(ExitPass)
}
