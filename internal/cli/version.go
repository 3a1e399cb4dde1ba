package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
)

// build is `weir version --json`, a promise to users. What the build does not
// tell is left out.
type build struct {
	Weir     string    `json:"weir"` // a release, a pseudo-version, or "devel"
	K6       string    `json:"k6"`
	Go       string    `json:"go"`
	OS       string    `json:"os"`
	Arch     string    `json:"arch"`
	Commit   string    `json:"commit,omitempty"`
	Time     time.Time `json:"time,omitzero"`      // of the commit
	Modified bool      `json:"modified,omitempty"` // built from files that differ from the commit
}

// buildInfo is what the toolchain wrote into this binary.
func buildInfo() build {
	b := build{Weir: "devel", K6: "unknown", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time, _ = time.Parse(time.RFC3339, s.Value) // the toolchain's own; else unknown
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	for _, m := range info.Deps {
		if m.Path == "go.k6.io/k6/v2" {
			b.K6 = m.Version
		}
	}
	switch v := info.Main.Version; {
	case v != "" && v != "(devel)":
		b.Weir = v
	case b.Commit != "":
		b.Weir = "devel-" + b.Commit[:min(12, len(b.Commit))]
	}
	return b
}

// version is the build's version: the module's, or the commit it was built
// from, or "devel".
func version() string { return buildInfo().Weir }

func (b build) String() string {
	return fmt.Sprintf("weir %s (k6 %s, %s, %s/%s)", b.Weir, b.K6, b.Go, b.OS, b.Arch)
}

func newVersion(*Process) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "The version of weir and of the k6 inside", Example: "  weir version --json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), buildInfo())
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), buildInfo())
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}
