package line

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSetOf(t *testing.T) {
	for _, c := range []struct {
		name       string
		seqs       []uint64
		want       Set
		duplicates int
	}{
		{"none", nil, nil, 0},
		{"one", []uint64{7}, Set{{7, 8}}, 0},
		{"neighbours join, in any order", []uint64{3, 1, 2}, Set{{1, 4}}, 0},
		{"a gap parts", []uint64{1, 3}, Set{{1, 2}, {3, 4}}, 0},
		{"seen again: 5 twice more, 9 once more", []uint64{5, 9, 5, 5, 9}, Set{{5, 6}, {9, 10}}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, duplicates := SetOf(c.seqs)
			if diff := cmp.Diff(c.want, got); diff != "" || duplicates != c.duplicates {
				t.Errorf("duplicates = %d, want %d (-want +got):\n%s", duplicates, c.duplicates, diff)
			}
		})
	}
}

// A Set built by any of its means is the set that a map would be.
func TestSetModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Set
		model := map[uint64]bool{}
		for _, r := range rapid.SliceOf(rapid.Custom(drawRange)).Draw(t, "ranges") {
			switch rapid.IntRange(0, 2).Draw(t, "by") {
			case 0:
				s.AddRange(r)
			case 1:
				for seq := r.From; seq < r.To; seq++ {
					s.Add(seq)
				}
			case 2:
				s = s.Union(Set{r})
			}
			for seq := r.From; seq < r.To; seq++ {
				model[seq] = true
			}
		}
		want, _ := SetOf(slices.Collect(maps.Keys(model)))
		if diff := cmp.Diff(want, s); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if s.Len() != uint64(len(model)) {
			t.Fatalf("Len() = %d, want %d", s.Len(), len(model))
		}
		for seq := range uint64(80) {
			if s.Contains(seq) != model[seq] {
				t.Fatalf("Contains(%d) = %t of %v", seq, !model[seq], s)
			}
		}
	})
}

func drawRange(t *rapid.T) Range {
	from := rapid.Uint64Range(0, 60).Draw(t, "from")
	return Range{from, from + rapid.Uint64Range(1, 12).Draw(t, "length")}
}

func TestUnion(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, b, u Set
	}{
		{"with nothing", Set{{1, 2}}, nil, Set{{1, 2}}},
		{"apart, interleaved", Set{{0, 2}, {8, 9}}, Set{{4, 6}}, Set{{0, 2}, {4, 6}, {8, 9}}},
		{"one bridges two", Set{{0, 2}, {4, 6}}, Set{{2, 4}}, Set{{0, 6}}},
		{"one within another", Set{{0, 9}}, Set{{2, 4}, {6, 7}}, Set{{0, 9}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.u, c.a.Union(c.b)); diff != "" {
				t.Errorf("a ∪ b (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.u, c.b.Union(c.a)); diff != "" {
				t.Errorf("b ∪ a (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSetRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, _ := SetOf(rapid.SliceOf(rapid.Uint64Range(0, 1<<64-2)).Draw(t, "seqs"))
		got, err := decodeSet(want.encode())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("err = %v (-want +got):\n%s", err, diff)
		}
	})
}
