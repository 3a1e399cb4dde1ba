package load

import (
	"bytes"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"weir/internal/load/frame"
)

// sink is a pipe whose reader takes what it is let to.
type sink struct {
	bytes.Buffer
	open   chan struct{}
	closed bool
}

func (s *sink) Write(b []byte) (int, error) {
	<-s.open
	return s.Buffer.Write(b)
}

func (s *sink) Close() error {
	s.closed = true
	return nil
}

// A child that takes nothing costs observations beyond the queue's, not time.
func TestFeedDropsWhatIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &sink{open: make(chan struct{})}
		f := startFeed(to)
		f.put([]frame.Observation{{T: 0}})
		synctest.Wait() // it is being written
		for second := range int64(queuedObservations + 3) {
			f.put([]frame.Observation{{T: second + 1}})
		}
		f.end()
		f.put([]frame.Observation{{T: -1}}) // too late
		f.end()
		close(to.open)
		synctest.Wait()
		var got []int64
		if err := frame.ReadObservations(&to.Buffer, func(o frame.Observation) { got = append(got, o.T) }); err != nil {
			t.Fatal(err)
		}
		var want []int64
		for second := range int64(queuedObservations + 1) {
			want = append(want, second)
		}
		if diff := cmp.Diff(want, got); diff != "" || f.dropped.Load() != 3 || !to.closed {
			t.Errorf("%d dropped, want 3; closed %v; written (-want +got):\n%s", f.dropped.Load(), to.closed, diff)
		}
	})
}
