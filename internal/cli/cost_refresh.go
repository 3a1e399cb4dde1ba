package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/price"
	"weir/internal/record"
)

// pricesVariable names the file of refreshed prices; pricesEmbedded in it
// stands for none.
const (
	pricesVariable = "WEIR_PRICES"
	pricesEmbedded = "embedded"
)

// pricesFile is where refreshed prices lie, empty: nowhere.
func pricesFile(p *Process) string {
	switch name := p.Getenv(pricesVariable); name {
	case "":
		if dir, err := os.UserCacheDir(); err == nil {
			return filepath.Join(dir, "weir", "prices.json")
		}
		return ""
	case pricesEmbedded:
		return ""
	default:
		return name
	}
}

// usePrices puts refreshed prices in place of those that weir carries, where
// there are any.
func usePrices(p *Process) error {
	local, err := readPrices(pricesFile(p))
	if err != nil {
		return err
	}
	if local != nil {
		price.Use(price.Carried().With(local))
	}
	return nil
}

// tryPrices is usePrices for commands that do something else: prices that can't
// be read don't keep them from it.
func tryPrices(p *Process) {
	if err := usePrices(p); err != nil {
		fmt.Fprintf(p.Stderr, "weir: %v: the prices that weir carries are used (weir cost refresh --fresh writes it anew)\n", err)
	}
}

// readPrices is nil where there is no such file.
func readPrices(name string) (*price.Table, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, usage(err, "set WEIR_PRICES to another file, or to embedded for the prices that weir carries")
	}
	defer f.Close() //nolint:errcheck // only read
	t, err := price.Read(f)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", name, err), "weir cost refresh --fresh writes it anew")
	}
	return t, nil
}

func newCostRefresh(p *Process) *cobra.Command {
	var regions []string
	var url string
	var fresh bool
	cmd := &cobra.Command{
		Use: "refresh", Short: "Read AWS's public price lists into a table that is used from then on",
		Long: `Reads AWS's public price list files of Kinesis, Lambda, CloudWatch, ECS and VPC,
without credentials, into the file that WEIR_PRICES names (otherwise prices.json in
the user's cache folder, weir/). Its prices stand in for those that weir carries;
what the files don't have, and EC2 machines, NAT gateways and traffic, whose file
is of hundreds of megabytes, stay as weir carries them. WEIR_PRICES=embedded
leaves the file aside.`,
		Example: "  weir cost refresh --region eu-central-1,eu-west-1", Args: noArgs,
		// A broken file is what this mends.
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		RunE: func(cmd *cobra.Command, _ []string) error {
			file := pricesFile(p)
			if file == "" {
				return usagef("WEIR_PRICES=embedded names no file to write")
			}
			before := price.Carried()
			var kept *price.Table
			if !fresh {
				var err error
				if kept, err = readPrices(file); err != nil {
					return err
				}
			}
			if kept != nil {
				before = before.With(kept)
			}
			client := &http.Client{Timeout: 2 * time.Minute}
			for _, region := range regions {
				t, missing, err := price.Refresh(cmd.Context(), client, strings.TrimSuffix(url, "/"), region)
				if err != nil {
					return usage(err, "--region names a region as AWS does, eu-central-1; --url another place with the same files")
				}
				printRefreshed(p.Stdout, region, t, missing, before.Changes(t))
				if kept != nil {
					t = t.With(kept).With(t)
				}
				kept = t
			}
			if err := writePrices(file, kept); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.Stdout, "written to %s\n", file)
			return err
		},
	}
	cmd.Flags().StringSliceVar(&regions, "region", []string{price.TypicalSetup.Region}, "regions to read, with commas between")
	cmd.Flags().StringVar(&url, "url", price.ListURL, "where the price lists are")
	cmd.Flags().BoolVar(&fresh, "fresh", false, "leave out what the file has of other regions")
	return cmd
}

func writePrices(file string, t *price.Table) error {
	var b bytes.Buffer
	if err := t.Write(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make room for the prices: %w", err)
	}
	if err := record.Replace(file, b.Bytes()); err != nil {
		return fmt.Errorf("write the prices: %w", err)
	}
	return nil
}

func printRefreshed(out io.Writer, region string, t *price.Table, missing []price.Dimension, changes []price.Change) {
	fmt.Fprintf(out, "%s: prices of %s\n", region, t.AsOf)
	for _, c := range changes {
		fmt.Fprintf(out, "  %-36s %s → %s\n", c.Dimension, tiersText(c.Before), tiersText(c.After))
	}
	if len(changes) == 0 {
		fmt.Fprintln(out, "  nothing has changed")
	}
	for _, d := range missing {
		fmt.Fprintf(out, "  %-36s not in the price list\n", d)
	}
}

func tiersText(tiers []price.Tier) string {
	if len(tiers) == 0 {
		return "not known"
	}
	text := strconv.FormatFloat(tiers[0].USD, 'f', -1, 64)
	if len(tiers) > 1 {
		text += fmt.Sprintf(" (and %d tiers)", len(tiers)-1)
	}
	return text
}
