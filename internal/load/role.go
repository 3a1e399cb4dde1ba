package load

import (
	"os"

	"go.k6.io/k6/v2/cmd"
)

// Main makes this process k6, whole, with our module and output. args are k6's
// arguments without its name. It does not return: k6 ends the process.
//
// k6's habit of fetching binaries for imports that it doesn't know, and its
// usage report, are off unless the environment says otherwise.
func Main(args []string) {
	for name, value := range map[string]string{
		"K6_AUTO_EXTENSION_RESOLUTION": "false",
		"K6_NO_USAGE_REPORT":           "true",
	} {
		if _, set := os.LookupEnv(name); !set {
			_ = os.Setenv(name, value) // fails for malformed names only
		}
	}
	os.Args = append([]string{os.Args[0]}, args...)
	Register()
	cmd.Execute()
}
