package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan writes the manual pages that a package installs; nobody needs it who
// has --help, so it is not listed.
func newMan(*Process) *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "Write a manual page for each command into a folder", Hidden: true,
		Example: "  weir man /usr/local/share/man/man1", Args: exactArgs(1, "a folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("make the folder for manual pages: %w", err)
			}
			built := buildInfo()
			root := cmd.Root()
			root.DisableAutoGenTag = true // pages of one build are the same on every day
			header := doc.GenManHeader{Section: "1", Source: "weir " + built.Weir, Manual: "weir"}
			if !built.Time.IsZero() {
				header.Date = &built.Time
			}
			options := doc.GenManTreeOptions{Header: &header, Path: args[0], CommandSeparator: "-"}
			if err := doc.GenManTreeFromOpts(root, options); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			return nil
		},
	}
}
