package cloudwatch

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Functions over arrays, times and branches. a is 1 2 - 4 and b is 10 - 30 0 by
// minute after noon, a Sunday.
func TestMoreExpressions(t *testing.T) {
	s := mathStore()
	for _, c := range []struct {
		expression string
		want       []map[int]float64 // one for each series, by minute
	}{
		{"SORT([a,b], SUM, DESC)", []map[int]float64{{0: 10, 2: 30, 3: 0}, {0: 1, 1: 2, 3: 4}}}, // 40, 7
		{"SORT([b,a], MAX, ASC, 1)", []map[int]float64{{0: 1, 1: 2, 3: 4}}},                     // 4 before 30
		{"FIRST(SORT([a,b,none], AVG, DESC))", []map[int]float64{{0: 10, 2: 30, 3: 0}}},
		{"LAST(SORT([a,b,none], AVG, ASC))", []map[int]float64{{}}}, // without points: last
		{"SLICE([a,b,none], 1, 2)", []map[int]float64{{0: 10, 2: 30, 3: 0}}},
		{"SLICE([a,b], 1)", []map[int]float64{{0: 10, 2: 30, 3: 0}}},
		{"REMOVE_EMPTY([none,a])", []map[int]float64{{0: 1, 1: 2, 3: 4}}},
		{"a*METRIC_COUNT([a,b,none])", []map[int]float64{{0: 3, 1: 6, 3: 12}}},
		{"a/DATAPOINT_COUNT(a)", []map[int]float64{{0: 1. / 3, 1: 2. / 3, 3: 4. / 3}}},
		{"LOG10(b)", []map[int]float64{{0: 1, 2: 1.4771212547196624}}}, // of 0 there is none
		{"LOG(a)*0", []map[int]float64{{0: 0, 1: 0, 3: 0}}},
		{"DIFF_TIME(a)", []map[int]float64{{1: 60, 3: 120}}},
		{"MINUTE(a)", []map[int]float64{{0: 0, 1: 1, 2: 2, 3: 3}}},
		{"HOUR(a)+DAY(a)*100", []map[int]float64{{0: 712, 1: 712, 2: 712, 3: 712}}},
		{"DATE(a)+100*MONTH(a)+10000*YEAR(a)", []map[int]float64{{0: 20261122, 1: 20261122, 2: 20261122, 3: 20261122}}},
		{"EPOCH(a)-1795348800", []map[int]float64{{0: 0, 1: 60, 2: 120, 3: 180}}},
		{"TIME_SERIES(MAX(a))", []map[int]float64{{0: 4, 1: 4, 2: 4, 3: 4}}},
	} {
		got := evaluated(t, s, c.expression)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.expression, diff)
		}
	}
}

func evaluated(t *testing.T, s *Store, expression string) (series []map[int]float64) {
	t.Helper()
	out, err := s.getMetricData(request(hidden(stat("a", "a")), hidden(stat("b", "b")), hidden(stat("none", "none")), metricDataQuery{Id: "e", Expression: expression}))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	for _, r := range out.MetricDataResults {
		series = append(series, byMinute(r))
	}
	return series
}

// The three tables of "Using IF expressions":
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
// (read 2026-11-22).
func TestIfTables(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	for name, values := range map[string][]float64{"m1": {1, 1, 0, 0, -1}, "m2": {30, -1, 0, 0, 30}, "m3": {0, 0, 20, -1, 20}} {
		record := s.Series("N", name, "Count")
		for minute, v := range values {
			if v >= 0 {
				record(noon.Add(time.Duration(minute)*time.Minute), v, 1)
			}
		}
	}
	for expression, want := range map[string]map[int]float64{
		"IF(m1, m2, m3)": {0: 30, 1: 0, 2: 20, 3: 0},
		"IF(m1, 5, m3)":  {0: 5, 1: 5, 2: 20},
		"IF(m1, m2, 5)":  {0: 30, 1: 0, 2: 5, 3: 5},
		"IF(m1, m2)":     {0: 30, 1: 0},
	} {
		in := request(hidden(stat("m1", "m1")), hidden(stat("m2", "m2")), hidden(stat("m3", "m3")), metricDataQuery{Id: "e", Expression: expression})
		in.EndTime = new(timestampAt(noon.Add(5 * time.Minute)))
		out, err := s.getMetricData(in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, byMinute(out.MetricDataResults[0])); diff != "" {
			t.Errorf("%s: %s", expression, diff)
		}
	}
}

// What searches find among five metrics, by name.
func TestSearch(t *testing.T) {
	s := NewStore(Options{Now: clockAt(noon)})
	for _, m := range [][]string{
		{"AWS/Lambda", "Errors", "FunctionName", "ProjectA-f"},
		{"AWS/Lambda", "Invocations", "FunctionName", "ProjectA-f"},
		{"AWS/Lambda", "Invocations", "FunctionName", "other"},
		{"AWS/Lambda", "ConcurrentExecutions"},
		{"Mine", "CustomCount1", "Stage", "t2.micro"},
	} {
		s.Series(m[0], m[1], "Count", m[2:]...)(noon, 1, 1)
	}
	for query, want := range map[string]string{
		`{AWS/Lambda,FunctionName} MetricName="Errors"`: "Errors",
		`{AWS/Lambda,FunctionName}`:                     "Errors Invocations Invocations",
		`{AWS/Lambda}`:                                  "ConcurrentExecutions",
		`{"Mine", Stage}, count`:                        "CustomCount1",
		`MetricName=count`:                              "CustomCount1",
		`COUNT`:                                         "CustomCount1",
		`CustomCount`:                                   "CustomCount1",
		`customcount1`:                                  "CustomCount1", // the name as one token
		`"Custom"`:                                      "",
		`"CustomCount1"`:                                "CustomCount1",
		`couNT`:                                         "",
		`Stage=micro`:                                   "CustomCount1",
		`Stage="t2.micro" Namespace="Mine"`:             "CustomCount1",
		`NOT Namespace=AWS`:                             "CustomCount1",
		`Lambda NOT "ProjectA-f"`:                       "ConcurrentExecutions Invocations",
		`{AWS/Lambda,FunctionName} MetricName="Errors" OR (MetricName="Invocations" AND (other OR nobody))`: "Errors Invocations",
	} {
		matches, err := parseSearch(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		var got []string
		for _, m := range s.list(func(m metric, _ span) bool { return matches(m) }) {
			got = append(got, m.MetricName)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s finds %v, want %s", query, got, want)
		}
	}
	in := request(metricDataQuery{Id: "e", Expression: `SUM(SEARCH('{AWS/Lambda,FunctionName} Invocations', 'Sum', 60))`})
	out, err := s.getMetricData(in)
	if err != nil || !cmp.Equal(byMinute(out.MetricDataResults[0]), map[int]float64{0: 2}) {
		t.Errorf("%v, %+v", err, out)
	}
}

// The guide's table of tokens.
func TestTokens(t *testing.T) {
	for name, want := range map[string]string{"CustomCount1": "custom count 1", "SDBFailure": "sdb failure", "Project2-trial333": "project 2 trial 333", "": "", "--": ""} {
		if got := strings.Join(tokens(name), " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// Any search is parsed or refused, and then does what it says of any metric.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{`{A,b} x OR NOT (y="z")`, `"a\\"b`, "NOT NOT a", "((", "a = b", "{"} {
		f.Add(seed)
	}
	m := newMetric("AWS/Lambda", "Errors", "FunctionName", "f")
	f.Fuzz(func(_ *testing.T, query string) {
		if matches, err := parseSearch(query); err == nil {
			matches(m)
		}
	})
}
