package ledger

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/probe/line"
)

func TestStepAccounts(t *testing.T) {
	steps := []StepRange{
		{Step: 0, Rate: 10, First: 0, End: 10},
		{Step: 1, Rate: 20, First: 10, End: 30},
		{Step: 2, Rate: 30, First: 30, End: 60}, // not begun
	}
	r := play(t, steps, `
		accepted 0-19
		rejected 20-24 ProvisionedThroughputExceededException
		notsent 25-29
		fail 1 5-14
		ok 2 5-14
		ok 3 0-4
		ok 4 15-18,18@50
		close`)
	// The retried batch lies across both steps: 5 of its 20 deliveries each
	// time in step 0. Batch 0-4 starts below 14: 5 reordered, of step 0.
	want := []string{
		`offered=10 accepted=10 attempted=15 processed=10 reordered=5 retried=5`,
		`offered=20 accepted=10 rejected=5 notsent=5 attempted=15 processed=9 lost=1 dup.producer=1 retried=5
		lost 0/19`,
		``,
	}
	for k := range steps {
		if diff := cmp.Diff(lines(want[k]), show(&r.Steps[k].Account)); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", k, diff)
		}
		if r.Steps[k].Rate != steps[k].Rate || r.Steps[k].Step != k {
			t.Errorf("step %d is called %d at %v/s", k, r.Steps[k].Step, r.Steps[k].Rate)
		}
	}
	total := `offered=30 accepted=20 rejected=5 notsent=5 attempted=30 processed=19 lost=1 dup.producer=1 reordered=5 retried=10
		lost 0/19
		records lost, acknowledged and not in the stream: 1`
	if diff := cmp.Diff(lines(total), show(&r.Account)); diff != "" {
		t.Errorf("total (-want +got):\n%s", diff)
	}
}

func TestReadBackKeepsAPlaceOnce(t *testing.T) {
	tr := trace{t: t, book: NewBook(thisRun, oneStep)}
	tr.do("accepted", []string{"0-9"})
	tr.do("ok", []string{"1", "0-4"})
	for range 3 {
		tr.do("found", []string{"0-9"})
	}
	if n := len(tr.book.back.places); n != 5 {
		t.Errorf("%d places kept, want 5: the records not processed, once", n)
	}
}

func TestUnreadableSequenceNumbers(t *testing.T) {
	tr := trace{t: t, book: NewBook(thisRun, oneStep)}
	tr.do("accepted", []string{"0-4"})
	records := tr.records("0-4")
	l := line.Account(records[:2], origin, line.Options{})
	l.RequestID, l.OK, l.First, l.Last = "r", true, "first", "last"
	tr.book.AddLine(&l)
	tr.book.AddReadBack(records[2].Shard, "latest", records[2].Data)
	r := tr.book.Close(tr.closing(nil))
	want := lines(`offered=5 accepted=5 attempted=2 processed=2 lost=2 unexplained=1 reordered=?
		lost 0/3
		lost 0/4
		records in the stream, unknown whether the mapping has passed them: 1
		records lost, acknowledged and not in the stream: 2
		reordered is unknown, invocations without a readable sequence number: 1`)
	if diff := cmp.Diff(want, show(&r.Account)); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
}

func TestEmptyInvocationSaysNothing(t *testing.T) {
	b := NewBook(thisRun, oneStep)
	b.AddLine(&line.Line{RequestID: "r", OK: true})
	r := b.Close(Closing{Generator: GeneratorFinished, Probe: true, LinesComplete: true, Delivered: -1})
	if got := show(&r.Account); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestLinesTooLateToOrder(t *testing.T) {
	tr := trace{t: t, book: NewBook(thisRun, oneStep)}
	tr.book.order.size = 1
	for _, step := range [][]string{{"ok", "2", "2"}, {"ok", "3", "3"}, {"ok", "4", "4"}, {"ok", "1", "1"}} {
		tr.do(step[0], step[1:])
	}
	r := tr.book.Close(tr.closing(nil))
	want := []string{"reordered is unknown, log lines too late to be put in order: 1"}
	if diff := cmp.Diff(want, r.Reasons); diff != "" || r.Reordered != nil {
		t.Errorf("reordered %v, reasons (-want +got):\n%s", r.Reordered, diff)
	}
}

func TestCloses(t *testing.T) {
	balanced := Account{
		Offered: 20, Accepted: 10, Rejected: map[string]int64{"a": 3, "b": 2}, Indeterminate: 1, NotSent: 4, // 20 = 10 + 5 + 1 + 4
		Processed: 5, Filtered: 1, DeadLettered: 1, Expired: 1, InFlight: 2, // 10 = 5 + 1 + 1 + 1 + 2
	}
	for _, tt := range []struct {
		name             string
		change           func(*Account)
		balanced, closes bool
	}{
		{"balanced", func(*Account) {}, true, true},
		{"one lost", func(a *Account) { a.InFlight--; a.Lost++ }, true, false},
		{"one unexplained", func(a *Account) { a.InFlight--; a.Unexplained++ }, true, false},
		{"first sum", func(a *Account) { a.NotSent++ }, false, false},
		{"second sum", func(a *Account) { a.Processed++ }, false, false},
	} {
		a := balanced
		tt.change(&a)
		if a.Balanced() != tt.balanced || a.Closes() != tt.closes {
			t.Errorf("%s: balanced %v, closes %v, want %v, %v", tt.name, a.Balanced(), a.Closes(), tt.balanced, tt.closes)
		}
	}
}

// TestContract writes the keys that users read.
func TestContract(t *testing.T) {
	r := play(t, oneStep, `
		accepted 0-9
		rejected 10-12 ProvisionedThroughputExceededException
		rejected 13 InternalFailure
		indeterminate 14-15
		notsent 16
		tries 20 4
		ok 1 0-4,3@100
		fail 1 5
		ok 2 6
		ok 3 6
		found 5,7-8
		close filtered=1 dead=1 delivered=9`)
	got, err := json.MarshalIndent(r.Account, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	// Record 3 has a copy at 100, so 6 at its place comes after a higher one,
	// but inside what that batch spans: a redelivery, not disorder. 5 failed
	// and was passed: dead-lettered; 7 filtered, 8 delivered past; 9 missing.
	want := `{
 "offered": 17,
 "accepted": 10,
 "rejected": {
  "InternalFailure": 1,
  "ProvisionedThroughputExceededException": 3
 },
 "indeterminate": 2,
 "not_sent": 1,
 "attempted": 9,
 "processed": 6,
 "filtered": 1,
 "dead_lettered": 1,
 "expired": 0,
 "in_flight": 0,
 "lost": 2,
 "unexplained": 0,
 "duplicates": {
  "producer": 1,
  "mapping": 1
 },
 "reordered": 0,
 "reordered_before_stream": 0,
 "put_tries": 20,
 "put_retries": 4,
 "retried": 1,
 "read_back": true,
 "no_token": 0,
 "lost_ids": [
  {
   "producer": 0,
   "sequence": 8
  },
  {
   "producer": 0,
   "sequence": 9
  }
 ],
 "reasons": [
  "records lost, acknowledged and not in the stream: 1",
  "records lost, delivered past and never processed: 1",
  "records that counters explain in part, the lost ones among them may be others than those named: 2"
 ]
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("ledger.json (-want +got):\n%s", diff)
	}
}

// Records that were put count as tries once each and again with each retry;
// where the producer's two counts disagree the account says so.
func TestTriesMatchFates(t *testing.T) {
	for tries, want := range map[string]string{
		"tries 14 4": "", // 10 records were put
		"tries 14 3": "the producer put 11 records by its count of tries and 10 by their fates",
	} {
		r := play(t, oneStep, `
			accepted 0-6
			rejected 7-8 InternalFailure
			indeterminate 9
			notsent 10
			ok 1 0-6
			`+tries+`
			close`)
		if got := strings.Join(r.Reasons, "; "); got != want {
			t.Errorf("%s: reasons %q, want %q", tries, got, want)
		}
	}
}

func TestCloseIsPure(t *testing.T) {
	tr := trace{t: t, book: NewBook(thisRun, oneStep)}
	for _, step := range [][]string{
		{"accepted", "0-9"},
		{"ok", "2", "5-7"},
		{"ok", "1", "0-4"},
		{"found", "8-9"},
	} {
		tr.do(step[0], step[1:])
	}
	first := tr.book.Close(tr.closing(nil))
	if diff := cmp.Diff(first, tr.book.Close(tr.closing(nil))); diff != "" {
		t.Errorf("closed again (-first +second):\n%s", diff)
	}
	tr.do("ok", []string{"3", "8-9"})
	r := tr.book.Close(tr.closing(nil))
	if got, want := show(&r.Account), `offered=10 accepted=10 attempted=10 processed=10`; got != want {
		t.Errorf("with one more line: %s, want %s", got, want)
	}
}

func TestClosedSaysWhetherTheLoadEnded(t *testing.T) {
	b := NewBook(thisRun, oneStep)
	for g, want := range map[Generator]bool{GeneratorRunning: false, GeneratorFinished: true, GeneratorKilled: false} {
		if got := b.Close(Closing{Generator: g}).Closed; got != want {
			t.Errorf("generator %v: closed %v, want %v", g, got, want)
		}
	}
}

func TestCallersReasonsComeFirst(t *testing.T) {
	b := NewBook(thisRun, oneStep)
	given := []string{"the log group could not be read"}
	r := b.Close(Closing{Probe: true, Reasons: given})
	want := []string{given[0], "reordered is unknown, log lines are missing"}
	if diff := cmp.Diff(want, r.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestTotals(t *testing.T) {
	tr := trace{t: t, book: NewBook(thisRun, oneStep)}
	for _, step := range []struct {
		do                                      []string
		offered, accepted, processed, unsettled int64
	}{
		{[]string{"offer", "10"}, 10, 0, 0, 0},
		{[]string{"accepted", "0-4"}, 10, 5, 0, 5},
		{[]string{"indeterminate", "5-7"}, 10, 5, 0, 8},
		{[]string{"rejected", "8", "InternalFailure"}, 10, 5, 0, 8},
		{[]string{"ok", "1", "0-3"}, 10, 5, 4, 4},
		{[]string{"fail", "2", "4-5"}, 10, 6, 4, 4},   // 5 was seen: accepted
		{[]string{"ok", "3", "4-5"}, 10, 6, 6, 2},     // 6 and 7 are open
		{[]string{"found", "6"}, 10, 7, 6, 2},         // 6 is in the stream
		{[]string{"ok", "4", "12"}, 13, 8, 7, 2},      // the log is ahead of the producer
		{[]string{"accepted", "10-12"}, 13, 10, 7, 4}, // 10 and 11
		{[]string{"ok", "5", "13"}, 14, 11, 8, 4},
		{[]string{"indeterminate", "13"}, 14, 11, 8, 4}, // seen before
		{[]string{"offer", "5000"}, 1000, 11, 8, 4},     // the schedule's end
	} {
		tr.do(step.do[0], step.do[1:])
		offered, accepted, processed := tr.book.Totals()
		got := [4]int64{offered, accepted, processed, tr.book.Unsettled()}
		if want := [4]int64{step.offered, step.accepted, step.processed, step.unsettled}; got != want {
			t.Errorf("after %v: offered, accepted, processed, unsettled = %v, want %v", step.do, got, want)
		}
	}
}

func TestLostRecordsNamedUpToALimit(t *testing.T) {
	steps := []StepRange{{Step: 0, First: 0, End: 70}, {Step: 1, First: 70, End: 500}}
	b := NewBook(thisRun, steps)
	b.Settle(3, Accepted, "", line.Range{From: 0, To: 500})
	r := b.Close(Closing{Generator: GeneratorFinished, Probe: true, LinesComplete: true, ReadBack: true, ReadBackComplete: true})
	if r.Lost != 500 || len(r.LostIDs) != 100 {
		t.Fatalf("lost %d, named %d, want 500 and 100", r.Lost, len(r.LostIDs))
	}
	if got, want := r.LostIDs[99], (ID{Producer: 3, Sequence: 99}); got != want {
		t.Errorf("the last named is %v, want %v", got, want)
	}
	if n := len(r.Steps[1].LostIDs); n != 100 {
		t.Errorf("step 1 names %d, want 100", n)
	}
}

func TestProducersHaveSlotsOfTheirOwn(t *testing.T) {
	b := NewBook(thisRun, oneStep)
	b.Settle(0, Accepted, "", line.Range{From: 0, To: 5})
	b.Settle(1, Accepted, "", line.Range{From: 0, To: 7})
	l := &line.Line{RequestID: "r", Shard: shardName("0"), Start: origin, OK: true, Records: 5, First: number(0), Last: number(4)}
	l.Groups = []line.Group{{Run: thisRun, Producer: 1, Seqs: line.Set{{From: 0, To: 5}}}}
	b.AddLine(l)
	if offered, accepted, processed := b.Totals(); offered != 12 || accepted != 12 || processed != 5 {
		t.Errorf("offered %d, accepted %d, processed %d, want 12, 12, 5", offered, accepted, processed)
	}
}

func TestBookWithoutSteps(t *testing.T) {
	r := play(t, nil, `
		offer 10
		accepted 0-9
		ok 1 5-9,x@3
		ok 2 0-4
		found 0-9
		close`)
	want := lines(`
		records settled outside the schedule, left out: 10
		records of other runs or without token that this run did not send: 11`)
	if got := show(&r.Account); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
