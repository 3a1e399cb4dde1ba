package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"weir/deploy"
	"weir/internal/record"
)

func newDeploy(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deploy",
		Short: "The files by which weir's runners come to EC2, ECS and EKS",
		Args:  commandsOnly,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeployShow(p))
	return cmd
}

func newDeployShow(p *Process) *cobra.Command {
	v := deploy.Values{}
	var dir string
	cmd := &cobra.Command{
		Use:   "show " + strings.Join(deploy.Targets, "|") + " [FILE]",
		Short: "Print the files of one place, filled in",
		Long: `Prints the files by which runners come to one place, filled in: policies and
roles, user data, task definition, service account, and the commands that use
them, in that place's own words. It calls nothing. --dir writes them into a
folder, FILE prints one of them alone.

  ec2   instances without keys or open ports, commands by Systems Manager
  ecs   a Fargate task definition, the task's role and the service's
  eks   a service account with its role (IRSA), and what weir may do there`,
		Example: `  weir deploy show ecs --region eu-west-1 --account 111122223333 --stream orders --image registry.example/weir:1 --dir ecs
  weir deploy show ec2 --region eu-west-1 --account 111122223333 --stream orders --binary s3://tools/weir-arm64 user-data.sh
  weir deploy show eks --region eu-west-1 --account 111122223333 --stream orders --image registry.example/weir:1 \
    --oidc-provider oidc.eks.eu-west-1.amazonaws.com/id/ABCD`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			v.Region = first(v.Region, p.Getenv("AWS_REGION"), p.Getenv("AWS_DEFAULT_REGION"))
			v.Stream = first(v.Stream, p.Getenv("KINESIS_STREAM_NAME"))
			v.OIDC = strings.TrimPrefix(v.OIDC, "https://")
			files, err := deploy.Fill(args[0], v)
			if err != nil {
				return usage(errors.New(strings.ReplaceAll(err.Error(), "\n", "; ")), cmd.CommandPath()+" --help shows each target's example")
			}
			if len(args) == 2 {
				return showFile(p, files, args[1])
			}
			return showFiles(p, files, dir)
		},
	}
	s := cmd.Flags()
	s.StringVar(&v.Region, "region", "", "of the stream, and so of the runners (or AWS_REGION)")
	s.StringVar(&v.Account, "account", "", "AWS account, twelve digits")
	s.StringVar(&v.Stream, "stream", "", "that records are put into (or KINESIS_STREAM_NAME)")
	s.StringVar(&v.Role, "role", "weir-runner", "name of what is made")
	s.StringVar(&v.LogGroup, "log-group", "/weir/fleet", "of the runners' reports")
	s.IntVar(&v.Runners, "runners", 4, "how many the commands are for")
	s.StringVar(&v.Arch, "arch", "arm64", "of the machines: arm64 or amd64")
	s.StringVar(&v.Image, "image", "", "ecs, eks: the image, as deploy/image.sh builds it")
	s.StringVar(&v.Binary, "binary", "", "ec2: s3://BUCKET/KEY of a Linux weir of that architecture")
	s.StringVar(&v.Namespace, "namespace", "load", "eks: of the runners")
	s.StringVar(&v.OIDC, "oidc-provider", "", "eks: the cluster's (aws eks describe-cluster --query cluster.identity.oidc.issuer)")
	s.StringVar(&dir, "dir", "", "write the files into this folder, which is made")
	return cmd
}

func showFile(p *Process, files []deploy.File, name string) error {
	var names []string
	for _, f := range files {
		if f.Name == name {
			fmt.Fprint(p.Stdout, f.Text)
			return nil
		}
		names = append(names, f.Name)
	}
	return usagef("no file %q: %s", name, strings.Join(names, ", "))
}

// showFiles prints the files, or writes them into a folder.
func showFiles(p *Process, files []deploy.File, dir string) error {
	if dir == "" {
		for i, f := range files {
			if i > 0 {
				fmt.Fprintln(p.Stdout)
			}
			fmt.Fprintf(p.Stdout, "==> %s\n%s", f.Name, f.Text)
		}
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as readable as any folder of the user's
		return usage(fmt.Errorf("make the folder: %w", err), "--dir names a folder that can be made")
	}
	for _, f := range files {
		if err := record.Replace(filepath.Join(dir, f.Name), []byte(f.Text)); err != nil {
			return err
		}
		fmt.Fprintln(p.Stdout, filepath.Join(dir, f.Name))
	}
	return nil
}
