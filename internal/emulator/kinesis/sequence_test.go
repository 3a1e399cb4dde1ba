package kinesis

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The number is that of the sample event in AWS's documentation of Lambda with
// Kinesis (lambda/latest/dg/with-kinesis), whose record arrived at 1545084650.987.
func TestParseDocumentedSequence(t *testing.T) {
	got, ok := parseSequence("49590338271490256608559692538361571095921575989136588898")
	want := sequence{created: 1542776258, shard: 6, index: 1734642199, arrival: 1545084650}
	if !ok || got != want {
		t.Errorf("parsed as %+v, %v, want %+v", got, ok, want)
	}
}

func TestSequenceText(t *testing.T) {
	q := newSequencer(time.Unix(1_700_000_000, 0), 3)
	// hex 2 | 06553f100 | 3 | 0000000000000001 | 00 | 06553f101 | 00000003 | 2
	const want = "49646437577175378652512468275251745506222989458687393842"
	if got := string(q.append(nil, 0, 1_700_000_001_500)); got != want {
		t.Errorf("sequence number %s, want %s", got, want)
	}
}

func TestSequencesRiseAndParseBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		created := rapid.Int64Range(0, 1<<36-1).Draw(t, "created")
		shard := rapid.Uint32Range(0, 1<<31-1).Draw(t, "shard")
		position := rapid.Uint64Range(0, 1<<62).Draw(t, "position")
		arrival := rapid.Int64Range(0, (1<<36-1)*1000).Draw(t, "arrival")
		later := rapid.Uint64Range(1, 1<<40).Draw(t, "distance")
		q := newSequencer(time.Unix(created, 0), shard)

		text := string(q.append(nil, position, arrival))
		got, ok := parseSequence(text)
		want := sequence{uint64(created), shard, position + 1, uint64(arrival / 1000)}
		if !ok || got != want {
			t.Fatalf("%s parses as %+v, %v, want %+v", text, got, ok, want)
		}
		// Equal lengths make the order of texts that of numbers, whatever the clock does.
		if next := string(q.append(nil, position+later, 0)); next <= text || q.start() >= text {
			t.Fatalf("start %s, %s, %s do not rise", q.start(), text, next)
		}
	})
}

func FuzzParseSequence(f *testing.F) {
	f.Add("49590338271490256608559692538361571095921575989136588898")
	f.Add("0")
	f.Add("99999999999999999999999999999999999999999999999999999999")
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := parseSequence(text); ok {
			if again := string(s.append(nil)); again != text {
				t.Errorf("%s parses as %+v, which is %s", text, s, again)
			}
		}
	})
}

// Going on from one number gives what making each anew does.
func TestNumberText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newSequencer(time.Unix(rapid.Int64Range(0, 1<<36-1).Draw(t, "created"), 0), rapid.Uint32().Draw(t, "shard"))
		position := rapid.Uint64Range(0, 1<<62).Draw(t, "position")
		arrival := rapid.Int64Range(0, 1<<40).Draw(t, "arrival")
		var n numberText
		for range 300 {
			if got, want := string(n.next(q, position, arrival)), string(q.append(nil, position, arrival)); got != want {
				t.Fatalf("position %d, arrival %d: %s, want %s", position, arrival, got, want)
			}
			position++
			arrival += int64(rapid.SampledFrom([]int{0, 0, 300}).Draw(t, "pause"))
		}
	})
}

func BenchmarkSequence(b *testing.B) {
	q := newSequencer(time.Unix(1_700_000_000, 0), 3)
	b.Run("anew", func(b *testing.B) {
		var buf [sequenceDigits]byte
		for i := uint64(0); b.Loop(); i++ {
			q.append(buf[:0], i, 1_700_000_001_500)
		}
	})
	b.Run("next", func(b *testing.B) {
		var n numberText
		for i := uint64(0); b.Loop(); i++ {
			n.next(q, i, 1_700_000_001_500)
		}
	})
}
