package cloudwatch

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/quota"
)

// GetMetricData reads metrics by exact name and computes expressions. Dynamic
// labels (${…}) are returned as written. Periods are counted from the rounded
// StartTime.
type getMetricDataInput struct {
	MetricDataQueries []metricDataQuery
	StartTime         *timestamp
	EndTime           *timestamp
	NextToken         string
	ScanBy            string
	MaxDatapoints     *int64
}

type metricDataQuery struct {
	Id         string
	MetricStat *metricStat `json:",omitempty"`
	Expression string      `json:",omitempty"`
	Label      string      `json:",omitempty"`
	ReturnData *bool       `json:",omitempty"`
	Period     *int64      `json:",omitempty"`
}

type metricStat struct {
	Metric metric
	Period int64
	Stat   string
	Unit   string `json:",omitempty"`
}

type getMetricDataOutput struct {
	MetricDataResults []metricDataResult
	NextToken         string `json:",omitempty"`
}

type metricDataResult struct {
	Id         string
	Label      string
	StatusCode string
	Timestamps []timestamp
	Values     []float64
}

const (
	scanDescending = "TimestampDescending"
	scanAscending  = "TimestampAscending"

	maxExpressionChars = 2048 // API_MetricDataQuery
)

var queryID = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,254}$`)

func (s *Store) getMetricData(in *getMetricDataInput) (*getMetricDataOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	all, err := newEvaluation(s, in).results()
	if err != nil {
		return nil, err
	}
	limit := int64(quota.GetMetricDataMaxPoints)
	if in.MaxDatapoints != nil {
		limit = *in.MaxDatapoints
	}
	from := pageStart{}
	if in.NextToken != "" {
		if from, err = openPageStart(in.NextToken); err != nil {
			return nil, err
		}
	}
	return page(all, from, int(limit), in.ScanBy == scanAscending), nil
}

func (in *getMetricDataInput) check() error {
	switch {
	case len(in.MetricDataQueries) == 0:
		return missing("MetricDataQueries")
	case len(in.MetricDataQueries) > quota.GetMetricDataMaxQueries:
		return invalidValue("The collection MetricDataQueries must not have a size greater than %d.", quota.GetMetricDataMaxQueries)
	case in.ScanBy != "" && in.ScanBy != scanAscending && in.ScanBy != scanDescending:
		return invalidValue("The parameter ScanBy must be %s or %s; it is %s.", scanAscending, scanDescending, in.ScanBy)
	case in.MaxDatapoints != nil && (*in.MaxDatapoints < 1 || *in.MaxDatapoints > quota.GetMetricDataMaxPoints):
		return invalidValue("The parameter MaxDatapoints must be from 1 to %d.", quota.GetMetricDataMaxPoints)
	}
	seen := map[string]bool{}
	returned := false
	for i := range in.MetricDataQueries {
		q := &in.MetricDataQueries[i]
		if err := q.check(fmt.Sprintf("MetricDataQueries.member.%d", i+1)); err != nil {
			return err
		}
		if seen[q.Id] {
			return invalidValue("The values for parameter id in MetricDataQueries are not unique: %s.", q.Id)
		}
		seen[q.Id] = true
		returned = returned || q.returns()
	}
	if !returned {
		return invalidValue("At least one query of MetricDataQueries must have ReturnData true.")
	}
	_, err := newWindow(in.StartTime, in.EndTime, 60)
	return err
}

func (q *metricDataQuery) check(path string) error {
	switch {
	case !queryID.MatchString(q.Id):
		return invalidValue("The value %s for parameter %s.Id is not matching the expected pattern ^[a-z][A-Za-z0-9_]*$.", q.Id, path)
	case (q.MetricStat == nil) == (q.Expression == ""):
		return invalidCombination("The parameter %s must have exactly one of MetricStat and Expression.", path)
	case len(q.Expression) > maxExpressionChars:
		return invalidValue("The parameter %s.Expression is longer than %d characters.", path, maxExpressionChars)
	case q.MetricStat != nil:
		return q.MetricStat.check(path + ".MetricStat")
	}
	return nil
}

func (m *metricStat) check(path string) error {
	if err := checkNamespace(m.Metric.Namespace); err != nil {
		return err
	}
	if m.Metric.MetricName == "" {
		return missing(path + ".Metric.MetricName")
	}
	if _, ok := parseStatistic(m.Stat); !ok {
		return unsupportedStatistic(path+".Stat", m.Stat)
	}
	if !validPeriod(m.Period) {
		return invalidPeriod(path+".Period", m.Period)
	}
	return checkDimensions(m.Metric.Dimensions, path+".Metric")
}

func (q *metricDataQuery) returns() bool { return q.ReturnData == nil || *q.ReturnData }

func validPeriod(seconds int64) bool {
	return slices.Contains([]int64{1, 5, 10, 20, 30}, seconds) || seconds > 0 && seconds%60 == 0 && seconds <= minutesKept
}

func invalidPeriod(parameter string, seconds int64) error {
	return invalidValue("The value %d for parameter %s is invalid: a period is 1, 5, 10, 20, 30 or a multiple of 60 seconds.", seconds, parameter)
}

// newWindow rounds the start down: to the whole minute, or for periods under a
// minute to one of them (API_GetMetricData, StartTime, read 2026-11-22). The
// coarser rounding of starts over 15 days ago doesn't apply to what is kept
// here.
func newWindow(start, end *timestamp, period int64) (window, error) {
	switch {
	case start == nil:
		return window{}, missing("StartTime")
	case end == nil:
		return window{}, missing("EndTime")
	case !start.Before(end.Time):
		return window{}, invalidValue("The parameter StartTime must be less than the parameter EndTime.")
	case !validPeriod(period):
		return window{}, invalidPeriod("Period", period)
	}
	to := end.Unix()
	if end.Nanosecond() > 0 {
		to++ // the end is exclusive: a second that begins before it counts
	}
	return window{from: roundDown(start.Unix(), min(period, 60)), to: to, period: period}, nil
}

// readStat is one metric's figure over the request's window.
func (s *Store) readStat(m *metricStat, w window) timeSeries {
	figure, _ := parseStatistic(m.Stat) // checked
	slots := s.slots(m.Metric, m.Unit, w)
	ts := timeSeries{label: m.Metric.MetricName, window: w}
	for _, at := range slices.Sorted(maps.Keys(slots)) {
		if value, ok := figure(slots[at]); ok {
			ts.at = append(ts.at, at)
			ts.values = append(ts.values, value)
		}
	}
	return ts
}

// pageStart is where a page begins: a result by number, and the time of the
// last of its points that was already given, if any. Times, not positions:
// points that come in between two pages shift nothing.
type pageStart struct {
	result int
	after  *int64
}

func (p pageStart) token() string {
	return sealToken(fmt.Sprintf("%d %d", p.result, *p.after))
}

func openPageStart(token string) (pageStart, error) {
	position, err := openToken(token)
	if err != nil {
		return pageStart{}, err
	}
	result, after, _ := strings.Cut(position, " ")
	n, err := strconv.Atoi(result)
	if err != nil || n < 0 {
		return pageStart{}, invalidNextToken()
	}
	at, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		return pageStart{}, invalidNextToken()
	}
	return pageStart{n, &at}, nil
}

// namedSeries is one result before it is cut into pages.
type namedSeries struct {
	id string
	timeSeries
}

// page answers with at most limit points. Every result from the page's start on
// is named; those that aren't complete say PartialData.
func page(all []namedSeries, start pageStart, limit int, ascending bool) *getMetricDataOutput {
	out := &getMetricDataOutput{MetricDataResults: []metricDataResult{}}
	var next pageStart
	for i := min(start.result, len(all)); i < len(all); i++ {
		points := all[i].order(ascending)
		if i == start.result && start.after != nil {
			points = pointsAfter(points, *start.after, ascending)
		}
		result := metricDataResult{Id: all[i].id, Label: all[i].label, StatusCode: "Complete", Timestamps: []timestamp{}, Values: []float64{}}
		given := min(limit, len(points))
		for _, p := range points[:given] {
			result.Timestamps = append(result.Timestamps, timestampAt(time.Unix(p.at, 0)))
			result.Values = append(result.Values, p.value)
			next = pageStart{i, &p.at}
		}
		limit -= given
		if given < len(points) {
			result.StatusCode = "PartialData"
			out.NextToken = next.token()
		}
		out.MetricDataResults = append(out.MetricDataResults, result)
	}
	return out
}

func pointsAfter(points []timedValue, after int64, ascending bool) []timedValue {
	return slices.DeleteFunc(points, func(p timedValue) bool {
		if ascending {
			return p.at <= after
		}
		return p.at >= after
	})
}
