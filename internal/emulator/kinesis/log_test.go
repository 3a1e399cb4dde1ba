package kinesis

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A log of entries is what the plainest model of it is, however its ring grows,
// turns and shrinks.
func TestLogAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l recordLog
		var model []entry
		var next, address uint64
		var arrival int64
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			switch rapid.IntRange(0, 9).Draw(t, "operation") {
			case 0:
				from := address - min(address, rapid.Uint64Range(0, 40).Draw(t, "kept"))
				cutoff := arrival - rapid.Int64Range(0, 40).Draw(t, "retention")
				l.forget(from, cutoff)
				model = since(model, func(e entry) bool { return e.address >= from && e.arrival >= cutoff })
			default:
				for range rapid.IntRange(1, 20).Draw(t, "records") {
					arrival += rapid.Int64Range(0, 3).Draw(t, "pause")
					e := entry{arrival: arrival, address: address, size: rapid.Uint32Range(0, 5).Draw(t, "size"), key: rapid.Uint16Range(0, 2).Draw(t, "key")}
					address += uint64(e.size) + uint64(e.key)
					if position := l.append(e); position != next {
						t.Fatalf("position %d, want %d", position, next)
					}
					next++
					model = append(model, e)
				}
			}
			checkLog(t, &l, model, next)
		}
	})
}

func since(model []entry, stays func(entry) bool) []entry {
	i := slices.IndexFunc(model, stays)
	if i < 0 {
		return nil
	}
	return model[i:]
}

func checkLog(t *rapid.T, l *recordLog, model []entry, next uint64) {
	first := next - uint64(len(model))
	got := l.copy(nil, l.measure(0, math.MaxInt, math.MaxInt64))
	if !slices.Equal(got, model) || l.first != first || l.next != next {
		t.Fatalf("log holds %v from %d to %d, want %v from %d to %d", got, l.first, l.next, model, first, next)
	}
	if places := len(l.ring); places > roomiest*(len(model)|7) {
		t.Fatalf("%d places for %d records", places, len(model))
	}
	for i, e := range model {
		want := first + uint64(slices.IndexFunc(model, func(m entry) bool { return m.arrival >= e.arrival }))
		if got := l.firstSince(e.arrival); got != want {
			t.Fatalf("first record since %d is %d, want %d", e.arrival, got, want)
		}
		if got, ok := l.arrivalOf(first + uint64(i)); got != e.arrival || !ok {
			t.Fatalf("record %d arrived at %d, %v, want %d", first+uint64(i), got, ok, e.arrival)
		}
	}
}

func TestMeasure(t *testing.T) {
	var l recordLog
	for i, key := range []uint16{1, 0, 1, 1, 0} { // positions 1 and 4 are empty
		l.append(entry{key: key, size: uint32(10 * i)}) // 1, 21 and 31 bytes
	}
	tests := []struct {
		from  uint64
		limit int
		most  int64
		want  extent
	}{
		{0, 10, 100, extent{0, 5, 3, 3, 53}},
		{0, 2, 100, extent{0, 3, 2, 2, 22}},
		{0, 10, 22, extent{0, 3, 2, 2, 22}},
		{0, 10, 21, extent{0, 2, 1, 1, 1}}, // past the empty place
		{2, 10, 5, extent{2, 3, 1, 1, 21}}, // one record, whatever its size
		{4, 10, 5, extent{4, 5, 0, 0, 0}},
		{5, 10, 5, extent{5, 5, 0, 0, 0}},
		{0, 0, 5, extent{0, 0, 0, 0, 0}},
	}
	for _, test := range tests {
		if got := l.measure(test.from, test.limit, test.most); got != test.want {
			t.Errorf("from %d, %d records, %d bytes: %+v, want %+v", test.from, test.limit, test.most, got, test.want)
		}
	}
}
