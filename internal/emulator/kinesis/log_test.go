package kinesis

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// keep is what the log should hold: the plainest possible model of it.
type keep struct {
	position uint64
	key      string
	data     string
	arrival  int64
}

func scanAll(l *recordLog, from uint64) (got []keep, next uint64) {
	x := l.measure(from, math.MaxInt, math.MaxInt64)
	l.scan(max(from, l.first), x.next, func(position uint64, key, data []byte, arrival int64) {
		got = append(got, keep{position, string(key), string(data), arrival})
	})
	return got, x.next
}

func TestLogAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := recordLog{segmentBytes: rapid.IntRange(1, 40).Draw(t, "segment")}
		var model []keep
		var arrival, held int64
		for i := range rapid.IntRange(1, 60).Draw(t, "operations") {
			switch rapid.IntRange(0, 9).Draw(t, "operation") {
			case 0:
				held -= l.dropOldest()
				model = since(model, func(k keep) bool { return k.position >= l.first })
			case 1:
				cutoff := arrival - rapid.Int64Range(0, 10).Draw(t, "retention")
				held -= l.expire(cutoff)
				model = since(model, func(k keep) bool { return k.arrival >= cutoff })
			default:
				arrival += rapid.Int64Range(0, 3).Draw(t, "pause")
				k := keep{l.next, fmt.Sprint("k", i), rapid.StringN(0, 20, 60).Draw(t, "data"), arrival}
				position, n := l.append([]byte(k.key), []byte(k.data), k.arrival)
				if position != k.position {
					t.Fatalf("position %d, want %d", position, k.position)
				}
				held += n
				model = append(model, k)
			}
			check(t, &l, model, held)
		}
	})
}

func since(model []keep, stays func(keep) bool) []keep {
	i := slices.IndexFunc(model, stays)
	if i < 0 {
		return nil
	}
	return model[i:]
}

func check(t *rapid.T, l *recordLog, model []keep, held int64) {
	got, next := scanAll(l, 0)
	if !slices.Equal(got, model) || next != l.next {
		t.Fatalf("log holds %v up to %d, want %v", got, next, model)
	}
	var memory int64
	for _, s := range l.segments {
		memory += s.held()
	}
	if memory != held {
		t.Fatalf("log holds %d bytes, its account says %d", memory, held)
	}
	for _, k := range model {
		want := model[slices.IndexFunc(model, func(m keep) bool { return m.arrival >= k.arrival })].position
		if got := l.firstSince(k.arrival); got != want {
			t.Fatalf("first record since %d is %d, want %d", k.arrival, got, want)
		}
	}
}

func TestScanPassesOverEmptyPlaces(t *testing.T) {
	l := recordLog{segmentBytes: 100}
	l.append([]byte("a"), []byte("1"), 1)
	l.append(nil, nil, 2)
	l.append([]byte("b"), []byte("3"), 3)
	l.append(nil, nil, 4)
	got, next := scanAll(&l, 0)
	want := []keep{{0, "a", "1", 1}, {2, "b", "3", 3}}
	if !slices.Equal(got, want) || next != 4 {
		t.Errorf("scanned %v up to %d, want %v up to 4", got, next, want)
	}
}

// A reader keeps what it read while the log goes on and drops it.
func TestReadDataStaysValid(t *testing.T) {
	l := recordLog{segmentBytes: 8}
	l.append([]byte("k"), []byte("first"), 1)
	_, data, _ := l.segments[0].recordAt(0)
	l.append([]byte("k"), []byte("x"), 1)
	l.dropOldest()
	l.append([]byte("k"), []byte("other"), 1)
	if string(data) != "first" {
		t.Errorf("data read before is now %q", data)
	}
	if grown := append(data, '!'); string(grown) != "first!" || cap(data) != len(data) {
		t.Error("a reader's append would write into the log")
	}
}
