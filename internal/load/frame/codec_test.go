package frame

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/ledger"
	"weir/internal/stats"
)

func example() Frame {
	var put stats.Histogram
	put.Record(3 * time.Millisecond)
	put.RecordN(time.Second, 4)
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return Frame{
		T: start.Add(time.Second), Started: start, Final: true, OfferedTo: 12, InFlight: 1,
		Steps: []StepFrame{{
			Step: 1, Accepted: 5, Rejected: map[string]int64{"InternalFailure": 2}, Bytes: 3500, Calls: 1, Put: &put,
			Fates: []FateRange{
				{Fate: ledger.Accepted, From: 0, To: 5},
				{Fate: ledger.Rejected, Cause: "InternalFailure", From: 5, To: 7},
			},
		}},
		Foreign:    []Foreign{{Seq: 3, ID: 1<<64 - 1, StreamSeq: "495"}},
		Health:     Health{RSSBytes: 1, HeapBytes: 2, CPU: 3, GCPause: 4, Goroutines: 5, Sockets: 6},
		K6:         map[string]Sample{"vus": {Count: 1, Sum: 4, Min: 4, Max: 4, Last: 4}},
		Exceptions: 1,
	}
}

func TestRoundTrip(t *testing.T) {
	var pipe bytes.Buffer
	want := example()
	for range 2 {
		if err := Write(&pipe, want); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		got, err := Read(&pipe)
		if err != nil {
			t.Fatal(err)
		}
		// Histograms compare by what they say.
		hist := cmp.Transformer("quantiles", func(h *stats.Histogram) []any {
			return []any{h.Count(), h.Quantile(0.1), h.Max()}
		})
		if diff := cmp.Diff(want, got, hist); diff != "" {
			t.Errorf("frame (-want +got):\n%s", diff)
		}
	}
	if _, err := Read(&pipe); !errors.Is(err, io.EOF) {
		t.Errorf("after the last frame: %v, want io.EOF", err)
	}
}

// A child that is killed may leave part of a frame: that must not look like the end.
func TestCutOff(t *testing.T) {
	var whole bytes.Buffer
	if err := Write(&whole, example()); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < whole.Len(); n++ {
		if _, err := Read(bytes.NewReader(whole.Bytes()[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%d of %d bytes: %v, want %v", n, whole.Len(), err, io.ErrUnexpectedEOF)
		}
	}
}

func FuzzRead(f *testing.F) {
	var whole bytes.Buffer
	if err := Write(&whole, example()); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte{0, 0, 0, 2, '{', '}'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0, 0, 0, 4, 'n', 'u', 'l', 'l'})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := Write(&again, got); err != nil {
			t.Fatalf("a frame that was read can't be written: %v", err)
		}
	})
}
