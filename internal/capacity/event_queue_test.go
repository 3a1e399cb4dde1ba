package capacity

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The queue gives events in order of time, and of equal times in the order in
// which they were added.
func TestEventQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q eventQueue
		var want []event
		for i := range rapid.IntRange(1, 200).Draw(t, "events") {
			if len(want) > 0 && rapid.IntRange(0, 2).Draw(t, "take") == 0 {
				if got := q.next(); got.at != want[0].at || got.index != want[0].index {
					t.Fatalf("took %+v, want %+v", got, want[0])
				}
				want = want[1:]
				continue
			}
			e := event{at: time.Duration(rapid.IntRange(0, 20).Draw(t, "at")), index: int32(i)}
			q.add(e)
			want = append(want, e)
			slices.SortStableFunc(want, func(a, b event) int { return cmp.Compare(a.at, b.at) })
		}
	})
}
