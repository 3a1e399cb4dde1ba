package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/stack"
)

func newEnvTemplate(p *Process) *cobra.Command {
	var f specFlags
	var format string
	cmd := &cobra.Command{
		Use: "template", Short: "Print the test pipeline as a template",
		Long:    "Prints what weir env up makes, for CloudFormation, SAM or Terraform. It asks no\naccount.",
		Example: "  weir env template > weir-test.yaml\n  weir env template --format terraform --shards 8 > main.tf",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			spec, err := f.spec()
			if err != nil {
				return err
			}
			var text []byte
			switch format {
			case "cloudformation":
				text, err = stack.CloudFormation(spec, stackLimits())
			case "sam":
				text, err = stack.SAM(spec, stackLimits())
			case "terraform":
				text, err = stack.Terraform(spec, stackLimits(), time.Now())
			default:
				return usagef("--format %q: cloudformation, sam or terraform", format)
			}
			if err != nil {
				return err
			}
			if _, err := p.Stdout.Write(text); err != nil {
				return fmt.Errorf("write the template: %w", err)
			}
			return nil
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringVar(&format, "format", "cloudformation", "cloudformation, sam or terraform")
	return cmd
}
