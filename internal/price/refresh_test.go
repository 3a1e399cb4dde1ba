package price

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lists serves the price list files of testdata as AWS does.
func lists(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /offers/v1.0/aws/{service}/current/eu-central-1/index.json", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "testdata/"+r.PathValue("service")+".json")
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestRefresh(t *testing.T) {
	s := lists(t)
	table, missing, err := Refresh(t.Context(), s.Client(), s.URL, "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	if table.AsOf != "2026-09-01" { // the oldest of the five
		t.Errorf("as of %s", table.AsOf)
	}
	kinesis := "AWS's price list AmazonKinesis, version 20260918212757"
	for d, want := range map[Dimension]Cell{
		ShardHour:         {Unit: "shard-hour", Tiers: []Tier{{0, 0.018}}, Source: kinesis, Grade: "A", AsOf: "2026-09-18"},
		OnDemandIn:        {Unit: "GB", Tiers: []Tier{{0, 0.095}}, Source: kinesis, Grade: "A", AsOf: "2026-09-18"},
		AdvantageIn:       {Unit: "GB", Tiers: []Tier{{0, 0.038}}, Source: kinesis, Grade: "A", AsOf: "2026-09-18"},
		CustomMetric:      {Unit: "metric-month", Tiers: []Tier{{0, 0.3}, {10000, 0.1}}, Source: "AWS's price list AmazonCloudWatch, version 20260901000000", Grade: "A", AsOf: "2026-09-01"},
		CloudWatchRequest: {Unit: "request", Tiers: []Tier{{0, 0.00001}}, Source: "AWS's price list AmazonCloudWatch, version 20260901000000", Grade: "A", AsOf: "2026-09-01"},
	} {
		got, err := table.Cell("eu-central-1", d)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", d, err, diff)
		}
	}
	// What the files don't have is missing, not free: nor is the long-term read
	// taken for enhanced fan-out's, or vended logs for others.
	for _, d := range []Dimension{PutUnit, FanOutRead, LogIngest, Alarm, FargateX86CPU} {
		if _, err := table.Cell("eu-central-1", d); err == nil || !slices.Contains(missing, d) {
			t.Errorf("%s has a price", d)
		}
	}
}

func TestRefreshFails(t *testing.T) {
	s := lists(t)
	if _, _, err := Refresh(t.Context(), s.Client(), s.URL, "mars-1"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a region without files: %v", err)
	}
	kinesis, err := os.ReadFile("testdata/AmazonKinesis.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no JSON":         "<html>",
		"another service": strings.Replace(string(kinesis), `"AmazonKinesis"`, `"AmazonS3"`, 1),
		"no date":         strings.Replace(string(kinesis), "2026-09-18T21:27:57Z", "", 1),
		"no number":       strings.Replace(string(kinesis), "0.0180000000", "free", 1),
		"no range":        strings.Replace(string(kinesis), `"beginRange": "0"`, `"beginRange": "none"`, 4),
		"two prices":      strings.Replace(string(kinesis), `"EUC1-BilledBytes"`, `"EUC1-OnDemand-BilledIncomingBytes"`, 1),
	} {
		if name == "two prices" {
			text = strings.Replace(text, "Event-by-Event Processing", "OnDemand", 1)
			text = strings.Replace(text, `"LONG": {"LONG`, `"OTHER": {"LONG`, 1)
		}
		if _, _, err := readOffer(strings.NewReader(text), "AmazonKinesis", "eu-central-1"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// What is written is read back, and stands in for the cells of the carried
// table.
func TestWriteAndUse(t *testing.T) {
	s := lists(t)
	fresh, _, err := Refresh(t.Context(), s.Client(), s.URL, "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := fresh.Write(&b); err != nil {
		t.Fatal(err)
	}
	back, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fresh, back, cmp.AllowUnexported(Table{})); diff != "" {
		t.Error(diff)
	}
	both := Carried().With(back)
	bill, err := both.Bill("eu-central-1", Quantity{ShardHour, 100}, Quantity{InternetOut, 1})
	// 100 × 0.018 of AWS's list, 0.09 of the carried table
	if err != nil || bill.AsOf != "2026-09-18 and 2026-11-22" {
		t.Errorf("%+v, %v", bill, err)
	}
	cents(t, "both", bill.USD(), 1.89)
	if changes := Carried().Changes(back); len(changes) != 8 { // of nine prices that of a request is as carried
		t.Errorf("%d changes: %+v", len(changes), changes)
	}
}

func FuzzReadOffer(f *testing.F) {
	for service := range picks {
		text, err := os.ReadFile("testdata/" + service + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, service)
	}
	f.Fuzz(func(t *testing.T, text []byte, service string) {
		cells, _, err := readOffer(bytes.NewReader(text), service, "eu-central-1")
		if err != nil {
			return
		}
		for d, c := range cells {
			if len(c.Tiers) == 0 || c.Tiers[0].From != 0 || c.Cost(1) < 0 {
				t.Errorf("%s: %+v", d, c)
			}
		}
	})
}
