package cloudwatch

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/wire"
)

// stat is a query of metric N/<name>, Sum by 60 s.
func stat(id, name string) metricDataQuery {
	return metricDataQuery{Id: id, MetricStat: &metricStat{Metric: newMetric("N", name), Period: 60, Stat: "Sum"}}
}

func hidden(q metricDataQuery) metricDataQuery {
	q.ReturnData = new(bool)
	return q
}

func request(queries ...metricDataQuery) *getMetricDataInput {
	start, end := timestampAt(noon), timestampAt(noon.Add(4*time.Minute))
	return &getMetricDataInput{MetricDataQueries: queries, StartTime: &start, EndTime: &end, ScanBy: scanAscending}
}

// mathStore holds two metrics by minute after noon:
//
//	a  1 2 - 4
//	b  10 - 30 0
func mathStore() *Store {
	s := NewStore(Options{Now: clockAt(noon)})
	for name, values := range map[string][]float64{"a": {1, 2, -1, 4}, "b": {10, -1, 30, 0}} {
		record := s.Series("N", name, "Count")
		for minute, v := range values {
			if v >= 0 {
				record(noon.Add(time.Duration(minute)*time.Minute), v, 1)
			}
		}
	}
	return s
}

func TestExpressions(t *testing.T) {
	s := mathStore()
	for _, c := range []struct {
		expression string
		want       map[int]float64 // by minute
	}{
		{"a", map[int]float64{0: 1, 1: 2, 3: 4}},
		{"a+b", map[int]float64{0: 11, 3: 4}}, // where both have a point
		{"b - a * 2", map[int]float64{0: 8, 3: -8}},
		{"(b - a) * 2", map[int]float64{0: 18, 3: -8}},
		{"2^3^2 - 512 + a", map[int]float64{0: 1, 1: 2, 3: 4}}, // 2^(3^2) = 512
		{"-a", map[int]float64{0: -1, 1: -2, 3: -4}},
		{"a/b", map[int]float64{0: 0.1}}, // 4/0 has no value
		{"100*FILL(a,0)/10", map[int]float64{0: 10, 1: 20, 2: 0, 3: 40}},
		{"FILL(none,0)", map[int]float64{0: 0, 1: 0, 2: 0, 3: 0}},
		{"FILL(a, REPEAT)", map[int]float64{0: 1, 1: 2, 2: 2, 3: 4}},
		{"FILL(a, LINEAR)", map[int]float64{0: 1, 1: 2, 2: 3, 3: 4}},
		{"FILL(a, b)", map[int]float64{0: 1, 1: 2, 2: 30, 3: 4}},
		{"SUM([a,b])", map[int]float64{0: 11, 1: 2, 2: 30, 3: 4}}, // where either has
		{"SUM(METRICS())", map[int]float64{0: 11, 1: 2, 2: 30, 3: 4}},
		{`MAX(METRICS("b"))`, map[int]float64{0: 10, 2: 30, 3: 0}},
		{"AVG([a,b])", map[int]float64{0: 5.5, 1: 1, 2: 15, 3: 2}}, // what is missing is 0
		{"MIN([a,b])", map[int]float64{0: 1, 1: 2, 2: 30, 3: 0}},
		{"STDDEV([a,b])", map[int]float64{0: 4.5, 1: 0, 2: 0, 3: 2}}, // |10-1|/2, |4-0|/2
		{"a - MIN(a)", map[int]float64{0: 0, 1: 1, 3: 3}},
		{"a * 0 + SUM(a) / PERIOD(a)", map[int]float64{0: 7. / 60, 1: 7. / 60, 3: 7. / 60}},
		{"RUNNING_SUM(a)", map[int]float64{0: 1, 1: 3, 3: 7}},
		{"RUNNING_SUM(FILL(a,0))/RUNNING_SUM(FILL(b,0))", map[int]float64{0: 0.1, 1: 0.3, 2: 3. / 40, 3: 7. / 40}},
		{"DIFF(a)", map[int]float64{1: 1, 3: 2}},
		{"RATE(a)", map[int]float64{1: 1. / 60, 3: 2. / 120}},
		{"ABS(-a) + CEIL(0.2) + FLOOR(0.8)", map[int]float64{0: 2, 1: 3, 3: 5}},
		{"a > 1", map[int]float64{0: 0, 1: 1, 3: 1}},
		{"a >= 2 && a < 4 OR a == 1", map[int]float64{0: 1, 1: 1, 3: 0}},
		{"IF(a > 1, a, 0)", map[int]float64{0: 0, 1: 2, 3: 4}},
		{"IF(a > 1, a)", map[int]float64{1: 2, 3: 4}},
		{"IF(1 > 2, b, a)", map[int]float64{0: 1, 1: 2, 3: 4}},
	} {
		in := request(hidden(stat("a", "a")), hidden(stat("b", "b")), hidden(stat("none", "none")), metricDataQuery{Id: "e", Expression: c.expression})
		out, err := s.getMetricData(in)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if diff := cmp.Diff(c.want, byMinute(out.MetricDataResults[0])); diff != "" {
			t.Errorf("%s: %s", c.expression, diff)
		}
	}
}

func byMinute(r metricDataResult) map[int]float64 {
	got := map[int]float64{}
	for i, at := range r.Timestamps {
		got[int(at.Sub(noon)/time.Minute)] = r.Values[i]
	}
	return got
}

func TestExpressionErrors(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{"a +", "it ends too early"},
		{"a b", `unexpected "b"`},
		{"(a", "a parenthesis is not closed"},
		{"SUM(a", `expected a comma or ")"`},
		{`METRICS("a`, "a quoted text has no end"},
		{"a § 2", `unexpected character 'Â'`},
		{"1.2.3 * a", `"1.2.3" is not a number`},
		{"nowhere * 2", "the id nowhere does not exist"},
		{"e * 2", "it depends on itself"},
		{"SUM(a)", "it is a number; a returned expression must be a time series"},
		{"SERVICE_QUOTA(a)", "the embedded CloudWatch has no function SERVICE_QUOTA"},
		{"SEARCH('{N x', 'Sum', 60)", "the search's { is not closed"},
		{"SEARCH(' ', 'Sum', 60)", "the search is empty"},
		{"SEARCH('{N} (a', 'Sum')", "a parenthesis of the search is not closed"},
		{"SEARCH('{N} a )', 'Sum')", `unexpected ")" in the search`},
		{"SEARCH('{N} MetricName=', 'Sum')", "the search lacks a term for MetricName"},
		{"SEARCH('a OR', 'Sum')", "the search lacks a term"},
		{"SEARCH('a', 'Total')", "Total is not a statistic"},
		{"SORT(METRICS(), P50, ASC)", "the id P50 does not exist"},
		{"SORT(METRICS(), LINEAR, ASC)", "SORT: the function must be AVG, MIN, MAX or SUM"},
		{"SLICE(METRICS(), 0.5)", "SLICE: an index must be a whole number from 0"},
		{"FILL(a)", "FILL takes from 2 to 2 arguments, not 1"},
		{"FILL(a, 'ZERO')", "FILL: the second argument must be a number, a time series, REPEAT or LINEAR"},
		{"METRICS() * METRICS()", "unsupported operand types array of time series and array of time series"},
		{"MAX(METRICS('x'))", "MAX: the array has no time series"},
	} {
		_, err := mathStore().getMetricData(request(hidden(stat("a", "a")), metricDataQuery{Id: "e", Expression: c.expression}))
		e, ok := errors.AsType[*wire.Error](err)
		if !ok || e.Code != "InvalidParameterValueException" || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s: error %v, want %q", c.expression, err, c.want)
		}
	}
}

func TestArrayExpressionMakesResultsOfOneID(t *testing.T) {
	out, err := mathStore().getMetricData(request(hidden(stat("a", "a")), hidden(stat("b", "b")), metricDataQuery{Id: "e", Label: "twice", Expression: "METRICS()*2"}))
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, r := range out.MetricDataResults {
		labels = append(labels, r.Id+": "+r.Label)
	}
	if diff := cmp.Diff([]string{"e: twice a", "e: twice b"}, labels); diff != "" {
		t.Error(diff)
	}
}

func TestPagesJoinToTheWhole(t *testing.T) {
	s := mathStore()
	for _, scan := range []string{scanAscending, scanDescending} {
		for limit := int64(1); limit <= 7; limit++ {
			in := request(stat("a", "a"), stat("b", "b"))
			in.ScanBy, in.MaxDatapoints = scan, &limit
			joined := map[string][]float64{}
			for pages := 0; pages == 0 || in.NextToken != ""; pages++ {
				out, err := s.getMetricData(in)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range out.MetricDataResults {
					joined[r.Id] = append(joined[r.Id], r.Values...)
				}
				in.NextToken = out.NextToken
			}
			want := map[string][]float64{"a": {1, 2, 4}, "b": {10, 30, 0}}
			if scan == scanDescending {
				want = map[string][]float64{"a": {4, 2, 1}, "b": {0, 30, 10}}
			}
			if diff := cmp.Diff(want, joined); diff != "" {
				t.Errorf("%s, %d a page: %s", scan, limit, diff)
			}
		}
	}
}

func TestGetMetricDataRefuses(t *testing.T) {
	change := func(f func(*getMetricDataInput)) *getMetricDataInput {
		in := request(stat("a", "a"))
		f(in)
		return in
	}
	for _, c := range []struct {
		name string
		in   *getMetricDataInput
		code string
	}{
		{"no query", request(), "MissingRequiredParameterException"},
		{"501 queries", request(make([]metricDataQuery, 501)...), "InvalidParameterValueException"},
		{"an id twice", request(stat("a", "a"), stat("a", "b")), "InvalidParameterValueException"},
		{"an id in upper case", request(stat("A", "a")), "InvalidParameterValueException"},
		{"neither metric nor expression", request(metricDataQuery{Id: "a"}), "InvalidParameterCombinationException"},
		{"nothing returned", request(hidden(stat("a", "a"))), "InvalidParameterValueException"},
		{"period 45", change(func(in *getMetricDataInput) { in.MetricDataQueries[0].MetricStat.Period = 45 }), "InvalidParameterValueException"},
		{"period 90", change(func(in *getMetricDataInput) { in.MetricDataQueries[0].MetricStat.Period = 90 }), "InvalidParameterValueException"},
		{"trimmed mean", change(func(in *getMetricDataInput) { in.MetricDataQueries[0].MetricStat.Stat = "tm90" }), "InvalidParameterValueException"},
		{"p101", change(func(in *getMetricDataInput) { in.MetricDataQueries[0].MetricStat.Stat = "p101" }), "InvalidParameterValueException"},
		{"no start", change(func(in *getMetricDataInput) { in.StartTime = nil }), "MissingRequiredParameterException"},
		{"end at start", change(func(in *getMetricDataInput) { in.EndTime = in.StartTime }), "InvalidParameterValueException"},
		{"scan sideways", change(func(in *getMetricDataInput) { in.ScanBy = "Sideways" }), "InvalidParameterValueException"},
		{"100 801 points", change(func(in *getMetricDataInput) { in.MaxDatapoints = new(int64(100801)) }), "InvalidParameterValueException"},
		{"a foreign token", change(func(in *getMetricDataInput) { in.NextToken = "!" }), "InvalidNextToken"},
		{"a long expression", request(metricDataQuery{Id: "e", Expression: strings.Repeat("1", 2049)}), "InvalidParameterValueException"},
	} {
		_, err := mathStore().getMetricData(c.in)
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != c.code {
			t.Errorf("%s: error %v, want %s", c.name, err, c.code)
		}
	}
}

func TestGetMetricStatisticsRefuses(t *testing.T) {
	const value, missing, combination = "InvalidParameterValueException", "MissingRequiredParameterException", "InvalidParameterCombinationException"
	for _, c := range []struct {
		name   string
		change func(*getMetricStatisticsInput)
		code   string
	}{
		{"nothing", func(*getMetricStatisticsInput) {}, ""},
		{"no namespace", func(in *getMetricStatisticsInput) { in.Namespace = "" }, missing},
		{"no name", func(in *getMetricStatisticsInput) { in.MetricName = "" }, missing},
		{"no end", func(in *getMetricStatisticsInput) { in.EndTime = nil }, missing},
		{"no period", func(in *getMetricStatisticsInput) { in.Period = 0 }, value},
		{"no statistic", func(in *getMetricStatisticsInput) { in.Statistics = nil }, missing},
		{"a percentile as a simple statistic", func(in *getMetricStatisticsInput) { in.Statistics = []string{"p50"} }, value},
		{"six statistics", func(in *getMetricStatisticsInput) { in.Statistics = slicesOf(6, "Sum") }, value},
		{"eleven percentiles", func(in *getMetricStatisticsInput) { in.ExtendedStatistics = slicesOf(11, "p50") }, value},
		{"a simple statistic as a percentile", func(in *getMetricStatisticsInput) { in.ExtendedStatistics = []string{"Sum"} }, value},
		{"31 dimensions", func(in *getMetricStatisticsInput) { in.Dimensions = slicesOf(31, dimension{"a", "b"}) }, value},
		// 1441 s by 1 s
		{"1441 points", func(in *getMetricStatisticsInput) {
			in.Period, in.EndTime = 1, new(timestampAt(noon.Add(1441*time.Second)))
		}, combination},
	} {
		in := &getMetricStatisticsInput{
			Namespace: "N", MetricName: "a", Period: 60, Statistics: []string{"Sum"},
			StartTime: new(timestampAt(noon)), EndTime: new(timestampAt(noon.Add(time.Minute))),
		}
		c.change(in)
		_, err := mathStore().getMetricStatistics(in)
		e, _ := errors.AsType[*wire.Error](err)
		if c.code == "" && err != nil || c.code != "" && (e == nil || e.Code != c.code) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.code)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{"a+b", "RUNNING_SUM(FILL(a,0))/RUNNING_SUM(FILL(b,0))", `SUM(METRICS("a"))`, "IF(a>1 && b<2,[a,b],-1^.5)", "((((", "'", "AND"} {
		f.Add(seed)
	}
	s := mathStore()
	f.Fuzz(func(t *testing.T, expression string) {
		out, err := s.getMetricData(request(hidden(stat("a", "a")), hidden(stat("b", "b")), metricDataQuery{Id: "e", Expression: expression}))
		if err != nil {
			if _, ok := errors.AsType[*wire.Error](err); !ok {
				t.Fatalf("%q: %v is no answer for a client", expression, err)
			}
			return
		}
		for _, r := range out.MetricDataResults {
			for _, v := range r.Values {
				if !finite(v) {
					t.Fatalf("%q: value %v", expression, v)
				}
			}
		}
	})
}
