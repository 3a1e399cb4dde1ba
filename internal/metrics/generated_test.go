package metrics

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func grafanaOf(t *testing.T, source string, w Watched) []byte {
	t.Helper()
	text, err := Grafana(source, w)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var update = flag.Bool("update", false, "write the dashboard and the metrics' document anew")

// What is generated from the catalogue and kept in the repository is what the
// catalogue generates.
func TestGeneratedFiles(t *testing.T) {
	unmapped := watched
	unmapped.Mapping = ""
	files := map[string]string{
		"../../dashboards/pipeline-overview.json": string(Dashboard(unmapped)),
		"../../docs/kinesis-lambda-metrics.md":    Document(),
	}
	for _, source := range GrafanaSources {
		files["../../dashboards/grafana/"+source+".json"] = string(grafanaOf(t, source, unmapped))
	}
	for path, want := range files {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is not what the catalogue makes (go test ./internal/metrics -update): %s", path, diff)
		}
	}
}
