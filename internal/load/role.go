package load

import (
	"os"
	"strings"

	"go.k6.io/k6/v2/cmd"

	"weir/internal/load/push"
)

// Main makes this process k6, whole, with our module and output. args are k6's
// arguments without its name. It does not return: k6 ends the process.
//
// k6's habit of fetching binaries for imports that it doesn't know, and its
// usage report, are off unless the environment says otherwise.
func Main(args []string) {
	if asksHelp(args) && os.Getenv(envHelp) == "" {
		os.Exit(printHelp(args))
	}
	for name, value := range map[string]string{
		"K6_AUTO_EXTENSION_RESOLUTION": "false",
		"K6_NO_USAGE_REPORT":           "true",
	} {
		if _, set := os.LookupEnv(name); !set {
			_ = os.Setenv(name, value) // fails for malformed names only
		}
	}
	os.Args = append([]string{os.Args[0]}, withDatadog(args)...)
	Register()
	cmd.Execute()
}

// withDatadog are k6's arguments with our output under its name in k6, where a
// user names it after the service: k6 has only an error for that name.
func withDatadog(args []string) []string {
	named := make([]string, len(args))
	for i, arg := range args {
		flag, out, found := strings.Cut(arg, "=")
		switch {
		case i > 0 && (args[i-1] == "--out" || args[i-1] == "-o"):
			named[i] = datadogOut(arg)
		case found && (flag == "--out" || flag == "-o"):
			named[i] = flag + "=" + datadogOut(out)
		default:
			named[i] = arg
		}
	}
	return named
}

func datadogOut(out string) string {
	name, options, found := strings.Cut(out, "=")
	switch {
	case name != "datadog":
		return out
	case found:
		return push.DogStatsDName + "=" + options
	}
	return push.DogStatsDName
}
