package cloudwatch

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"
)

// The two tables of docs/emulator-gaps-cloudwatch.md have a row for each method
// of AWS's clients and say "works" exactly where the server has the operation.
func TestGapsTables(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/emulator-gaps-cloudwatch.md")
	if err != nil {
		t.Fatal(err)
	}
	metrics, logs, found := strings.Cut(string(doc), "\n## Logs\n")
	if !found {
		t.Fatal("the document has no section on Logs")
	}
	compareTable(t, "CloudWatch", metrics, reflect.TypeFor[*cloudwatch.Client](), slices.Collect(maps.Keys(metricOperations)))
	compareTable(t, "Logs", logs, reflect.TypeFor[*cloudwatchlogs.Client](), slices.Collect(maps.Keys(logOperations)))
}

func compareTable(t *testing.T, service, doc string, client reflect.Type, served []string) {
	var rows, works, methods []string
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+) \| (works|not) \| .+ \|$`).FindAllStringSubmatch(doc, -1) {
		rows = append(rows, row[1])
		if row[2] == "works" {
			works = append(works, row[1])
		}
	}
	for method := range client.Methods() {
		if method.Name != "Options" {
			methods = append(methods, method.Name)
		}
	}
	for what, pair := range map[string][2][]string{"operations": {methods, rows}, "works": {served, works}} {
		slices.Sort(pair[0])
		slices.Sort(pair[1])
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s, %s: - there is, + the table says: %s", service, what, diff)
		}
	}
}
