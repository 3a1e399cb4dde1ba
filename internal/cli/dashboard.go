package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/spf13/cobra"

	"weir/internal/metrics"
)

func newDashboard(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "dashboard", Short: "A CloudWatch dashboard of the key metrics with their targets",
		Example: "  weir dashboard deploy --stream orders --function orders-consumer --yes\n  weir dashboard show > dashboard.json",
		Args:    commandsOnly,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDashboardShow(p), newDashboardDeploy(p), newDashboardDelete(p))
	return cmd
}

func newDashboardShow(p *Process) *cobra.Command {
	var grafana string
	cmd := showCommand(p, &cobra.Command{
		Use: "show", Short: "Print the dashboard's body",
		Long:    "Prints the body that PutDashboard takes, or with --grafana a Grafana dashboard. It\nasks no account: what no flag and no variable says is as weir local has it.",
		Example: "  weir dashboard show --stream orders --function orders-consumer --timeout 30s\n  aws cloudwatch put-dashboard --dashboard-name weir-orders --dashboard-body \"$(weir dashboard show)\"\n  weir dashboard show --grafana prometheus > dashboard.json",
	}, func(w metrics.Watched, _ string) error {
		body := metrics.Dashboard(w)
		if grafana != "" {
			var err error
			if body, err = metrics.Grafana(grafana, w); err != nil {
				return usage(fmt.Errorf("--grafana: %w", err), "")
			}
		}
		_, err := p.Stdout.Write(body)
		return err
	})
	cmd.Flags().StringVar(&grafana, "grafana", "", "a Grafana dashboard for a data source: influxdb, prometheus (what k6's outputs write\nthere) or cloudwatch")
	return cmd
}

func newDashboardDeploy(p *Process) *cobra.Command {
	return deployCommand(p, &cobra.Command{
		Use: "deploy", Short: "Make or replace the dashboard in CloudWatch",
		Long:    "Looks up the function's timeout and the event source mapping, and puts the\ndashboard. Dashboards belong to the account, not to a region.",
		Example: "  weir dashboard deploy --stream orders --function orders-consumer --yes\n  weir dashboard deploy --dry-run",
	}, func(ctx context.Context, a watchAccount, w metrics.Watched, name string) ([]change, error) {
		exists, err := a.hasDashboard(ctx, name)
		return []change{putDashboard(p, a, w, name, exists)}, err
	})
}

func newDashboardDelete(p *Process) *cobra.Command {
	return deleteCommand(p, &cobra.Command{
		Use: "delete", Short: "Delete the dashboard from CloudWatch",
		Example: "  weir dashboard delete --stream orders --yes",
	}, func(ctx context.Context, a watchAccount, name string) ([]change, error) {
		exists, err := a.hasDashboard(ctx, name)
		if !exists {
			return nil, err
		}
		return []change{deleteDashboard(a, name)}, nil
	})
}

func (a watchAccount) hasDashboard(ctx context.Context, name string) (bool, error) {
	_, err := a.client.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: &name})
	if _, absent := errors.AsType[*types.DashboardNotFoundError](err); absent {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the dashboard %s: %w", name, err)
	}
	return true, nil
}

func putDashboard(p *Process, a watchAccount, w metrics.Watched, name string, exists bool) change {
	body := string(metrics.Dashboard(w))
	return change{
		operation: "PutDashboard", input: map[string]string{"DashboardName": name, "DashboardBody": body},
		does: verb(exists) + " dashboard " + name,
		do: func(ctx context.Context) error {
			out, err := a.client.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: &name, DashboardBody: &body})
			if err != nil {
				return err
			}
			for _, m := range out.DashboardValidationMessages {
				fmt.Fprintf(p.Stderr, "CloudWatch on %s: %s\n", *m.DataPath, *m.Message)
			}
			return nil
		},
	}
}

func deleteDashboard(a watchAccount, name string) change {
	names := []string{name}
	return change{
		operation: "DeleteDashboards", input: map[string][]string{"DashboardNames": names},
		does: "delete dashboard " + name,
		do: func(ctx context.Context) error {
			_, err := a.client.DeleteDashboards(ctx, &cloudwatch.DeleteDashboardsInput{DashboardNames: names})
			return err
		},
	}
}
