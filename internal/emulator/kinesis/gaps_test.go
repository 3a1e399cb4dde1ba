package kinesis

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// The table of docs/emulator-gaps.md has a row for each method of AWS's client
// and says "works" exactly where the server has the operation.
func TestGapsTable(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/emulator-gaps.md")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]bool{} // whether it works
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+) \| (works|not) \| .+ \|$`).FindAllStringSubmatch(string(doc), -1) {
		if _, twice := table[row[1]]; twice {
			t.Errorf("%s has two rows", row[1])
		}
		table[row[1]] = row[2] == "works"
	}
	methods := map[string]bool{}
	for method := range reflect.TypeFor[*client.Client]().Methods() {
		if method.Name == "Options" {
			continue
		}
		methods[method.Name] = true
		works, there := table[method.Name]
		_, served := operations[method.Name]
		if !there || works != served {
			t.Errorf("%s: in the table %v, works there %v, served %v", method.Name, there, works, served)
		}
	}
	for name := range table {
		if !methods[name] {
			t.Errorf("the table has %s, which is no operation", name)
		}
	}
	for name := range operations {
		if !methods[name] {
			t.Errorf("the server has %s, which is no operation", name)
		}
	}
}
