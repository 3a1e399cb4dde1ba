// Package cli is the command line: one file per command, flags, hints,
// progress and exit codes. Nothing below it touches arguments, environment or
// standard streams, and nothing imports it.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// Exit codes, a promise to users.
const (
	ExitPass        = 0
	ExitError       = 1
	ExitUsage       = 2
	ExitUnknown     = 98
	ExitFail        = 99
	ExitInterrupted = 130
)

// Process is everything of the operating system's process that the commands
// use, so that a test can stand in for it.
type Process struct {
	Args     []string // without the program's name
	Exe      string   // this binary, to be run again as k6
	Getenv   func(string) string
	Environ  []string
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Terminal bool // Stderr is a terminal: progress may be drawn
	Color    bool // Stdout is a terminal that wants colour
}

// FromOS is the process that was started.
func FromOS() Process {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return Process{
		Args: os.Args[1:], Exe: exe, Getenv: os.Getenv, Environ: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb",
		Color:    term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "",
	}
}

// usageError is the user's mistake: it is printed with a hint at the remedy and
// ends with exit code 2.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usage makes err the user's mistake; hint may be empty.
func usage(err error, hint string) error {
	if err == nil {
		return nil
	}
	return &usageError{err: err, hint: hint}
}

// usagef is usage for an error that stands for itself.
func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...), "") }

// exitError ends the program with a code after everything has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// Main runs one command and returns the exit code. An error is printed here,
// once.
func Main(ctx context.Context, p Process) int {
	out := &checked{w: p.Stdout}
	p.Stdout = out
	root := newRoot(&p)
	root.SetArgs(p.Args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = unknownNamed(cmd)
	}
	if interrupted(ctx, err) {
		fmt.Fprintln(p.Stderr, "weir: interrupted")
		return ExitInterrupted
	}
	return out.instead(exitCode(err, p.Stderr), p.Stderr)
}

// checked is an output that remembers that something could not be written: what
// prints line after line does not look. It is safe for concurrent use.
type checked struct {
	w   io.Writer
	mu  sync.Mutex
	err error // the first
}

func (c *checked) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	if err != nil {
		c.mu.Lock()
		c.err = cmp.Or(c.err, err)
		c.mu.Unlock()
	}
	return n, err
}

// instead is the code to end with: an error's where a command did what it was
// asked for, and what it said of it was lost.
func (c *checked) instead(code int, w io.Writer) int {
	if c.err == nil || code != ExitPass {
		return code
	}
	fmt.Fprintln(w, "weir: print the result:", c.err)
	return ExitError
}

// interrupted reports whether a command failed because the user ended it: what
// it was doing then is no error of its own, and no mistake of the user's.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Canceled)
}

// exitCode is the code that a command's error ends with. It says on w what has
// not been said yet.
func exitCode(err error, w io.Writer) int {
	if err == nil {
		return ExitPass
	}
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	fmt.Fprintln(w, "weir:", err)
	if mistake, ok := errors.AsType[*usageError](err); ok {
		if mistake.hint != "" {
			fmt.Fprintln(w, "hint:", mistake.hint)
		}
		return ExitUsage
	}
	return ExitError
}
