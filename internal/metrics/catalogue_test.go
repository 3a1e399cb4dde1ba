package metrics

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCatalogueCounts(t *testing.T) {
	got := map[string]int{}
	for _, m := range Catalogue {
		got[m.Group]++
	}
	// 10 + 8 + 7 + 4 + 4 = 33
	want := map[string]int{GroupKinesis: 10, GroupLambda: 8, GroupPipeline: 7, GroupCost: 4, GroupK6: 4}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCatalogueIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Catalogue {
		if seen[m.ID] {
			t.Errorf("%s stands twice", m.ID)
		}
		seen[m.ID] = true
		v := reflect.ValueOf(m)
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			switch {
			case name == "Critical", name == "Series" && m.Group == GroupCost, name == "Dimensions" && m.Group == GroupK6:
				continue
			case v.Field(i).IsZero():
				t.Errorf("%s has no %s", m.ID, name)
			}
		}
	}
}

// The critical six: iterator age; duration; errors; throttles of writes, reads
// and the function; record latency; throughput match.
func TestCriticalMetrics(t *testing.T) {
	var got []string
	for _, m := range Catalogue {
		if m.Critical {
			got = append(got, m.ID)
		}
	}
	if diff := cmp.Diff([]string{"K1", "K4", "K5", "L1", "L2", "L3", "E1", "E2"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestQueries(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]\w*$`)
	seen := map[string]bool{}
	for _, q := range Queries() {
		if !id.MatchString(q.ID) || seen[q.ID] {
			t.Errorf("id %q is not a valid, unique one", q.ID)
		}
		seen[q.ID] = true
		if q.Counter != (q.Statistic == "Sum") {
			t.Errorf("%s: a counter is what is summed", q.ID)
		}
		if !slices.Contains([]string{ByStream, ByFunction, ByMapping, ByStreamFunction}, q.Dimension) {
			t.Errorf("%s: dimension %q", q.ID, q.Dimension)
		}
	}
	for _, series := range []string{IteratorAge, DurationMax, Errors, Invocations, WriteThrottled, ReadThrottled, Throttles, IncomingRecords, Polled} {
		if !seen[series] {
			t.Errorf("no query for %s, which a target is judged by", series)
		}
	}
}

// A catalogue entry that CloudWatch vends names its series as the query does.
func TestCatalogueAgreesWithQueries(t *testing.T) {
	bySeries := map[string]Query{}
	for _, q := range Queries() {
		bySeries[q.Series] = q
	}
	for _, m := range Catalogue {
		if m.Source != SourceCloudWatch {
			continue
		}
		q, ok := bySeries[m.Series]
		if !ok {
			t.Errorf("%s: series %q is not asked for", m.ID, m.Series)
			continue
		}
		if q.Namespace != m.Namespace || !regexp.MustCompile(regexp.QuoteMeta(q.Name)).MatchString(m.Name) {
			t.Errorf("%s is %s %s, its query asks for %s %s", m.ID, m.Namespace, m.Name, q.Namespace, q.Name)
		}
	}
}

func TestAgeFloor(t *testing.T) {
	// one base poll a second, and the batching window on top
	if got := AgeFloor(2 * time.Second); got != 3*time.Second {
		t.Errorf("got %v, want 3s", got)
	}
}
