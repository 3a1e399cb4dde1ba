package load

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// envHelp, not empty, has k6 print its help as it is.
const envHelp = "WEIR_K6_HELP"

// asksHelp reports whether k6 would print its help and end.
func asksHelp(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return len(args) == 0 || args[0] == "help" || slices.Contains(args, "-h") || slices.Contains(args, "--help")
}

// printHelp prints k6's help under the name by which it was called, and returns
// its exit code. k6 takes the program's name for its own and tells to type weir
// run, which is another command; nothing of k6's can change that, so a second
// process prints it.
func printHelp(args []string) int {
	program, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "k6: find this program:", err)
		return 1
	}
	var text bytes.Buffer
	k6 := exec.Cmd{Path: program, Args: os.Args, Env: append(os.Environ(), envHelp+"=1"), Stdout: &text, Stderr: os.Stderr}
	err = k6.Run()
	called := filepath.Base(os.Args[0])
	if len(os.Args)-1 > len(args) {
		called += " k6"
	}
	fmt.Print(renamed(text.String(), filepath.Base(program), called))
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "k6: print the help:", err)
	return 1
}

// renamed is a help text with the command's name in place of the program's.
func renamed(help, program, command string) string {
	return strings.ReplaceAll(help, program+" ", command+" ")
}
