package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/internal/price"
)

// Prices are read from AWS's price list files, kept, and used from then on with
// their date; the next region joins them.
func TestCostRefresh(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /offers/v1.0/aws/{service}/current/{region}/index.json", func(w http.ResponseWriter, r *http.Request) {
		text, err := os.ReadFile("../price/testdata/" + r.PathValue("service") + ".json")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(strings.ReplaceAll(string(text), "eu-central-1", r.PathValue("region"))))
	})
	lists := httptest.NewServer(mux)
	defer lists.Close()
	defer price.Use(nil)
	file := filepath.Join(t.TempDir(), "cache", "prices.json")
	run := func(args ...string) (int, string, string) {
		var out, err strings.Builder
		code := Main(t.Context(), Process{Args: args, Getenv: func(name string) string {
			if name == pricesVariable {
				return file
			}
			return ""
		}, Stdout: &out, Stderr: &err})
		return code, out.String(), err.String()
	}
	for _, region := range []string{"eu-central-1", "eu-west-3"} {
		code, out, stderr := run("cost", "refresh", "--region", region, "--url", lists.URL)
		if code != 0 || !strings.Contains(out, "kinesis/shard-hour                   not known → 0.018") ||
			!strings.Contains(out, "kinesis/put-unit                     not in the price list") {
			t.Fatalf("exit %d\n%s%s", code, out, stderr)
		}
	}
	// 730 × 1 × 0.04 is us-east-1's on-demand stream; of eu-central-1 that price is
	// still missing, and the one that was read is used.
	code, _, stderr := run("cost", "project", "--region", "eu-central-1")
	if code != ExitUsage || !strings.Contains(stderr, "no price of kinesis/put-unit for region eu-central-1: weir cost refresh --region eu-central-1 reads AWS's") {
		t.Errorf("exit %d %s", code, stderr)
	}
	for _, region := range []string{"eu-central-1", "eu-west-3"} {
		if c, err := price.List().Cell(region, price.ShardHour); err != nil || c.Tiers[0].USD != 0.018 || c.AsOf != "2026-09-18" {
			t.Errorf("%s: %+v, %v", region, c, err)
		}
	}
	if code, out, _ := run("cost", "project", "--rate", "100"); code != 0 || !strings.Contains(out, "List prices of 2026-11-22 for us-east-1") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, _, stderr := run("cost", "refresh", "--region", "eu-west-3", "--url", lists.URL+"/no"); code == 0 || !strings.Contains(stderr, "404") {
		t.Errorf("exit %d %s", code, stderr)
	}
	if err := os.WriteFile(file, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run("cost", "project"); code != ExitUsage || !strings.Contains(stderr, "weir cost refresh --fresh") {
		t.Errorf("exit %d %s", code, stderr)
	}
	if code, out, stderr := run("cost", "refresh", "--fresh", "--region", "eu-west-3", "--url", lists.URL); code != 0 {
		t.Errorf("exit %d\n%s%s", code, out, stderr)
	}
}
