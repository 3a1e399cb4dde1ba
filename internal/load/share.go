package load

import (
	"errors"
	"fmt"
	"strings"

	"go.k6.io/k6/v2/lib"
)

// share is the part of a test's turns that this process takes where several
// carry it out together: its execution segment of k6's. k6 cuts the iterations
// of a scenario by the same arithmetic, so that every turn is taken by exactly
// one process. Records keep the slots, due times, bodies and keys that they have
// on a single machine. A nil share is the whole.
type share struct {
	segment *lib.ExecutionSegment
	tuple   *lib.ExecutionTuple
	cycle   []uint64 // own turns among the first of every length turns
	length  uint64
}

// newShare is the share of a segment, such as 1/4:2/4, in a sequence, such as
// 0,1/4,2/4,3/4,1; nil where neither is given.
func newShare(segment, sequence string) (*share, error) {
	if segment == "" {
		if sequence != "" {
			return nil, errors.New("an execution segment sequence is of use with an execution segment only")
		}
		return nil, nil
	}
	own, err := lib.NewExecutionSegmentFromString(segment)
	if err != nil {
		return nil, fmt.Errorf("execution segment %q: %w", segment, err)
	}
	var all *lib.ExecutionSegmentSequence
	if sequence != "" {
		parsed, err := lib.NewExecutionSegmentSequenceFromString(sequence)
		if err != nil {
			return nil, fmt.Errorf("execution segment sequence %q: %w", sequence, err)
		}
		all = &parsed
	}
	tuple, err := lib.NewExecutionTuple(own, all)
	if err != nil {
		return nil, fmt.Errorf("execution segment %q of %q: %w", segment, sequence, err)
	}
	start, offsets, length := tuple.GetStripedOffsets()
	s := &share{segment: own, tuple: tuple, length: uint64(length)}
	for at := uint64(start); len(s.cycle) < len(offsets); {
		s.cycle = append(s.cycle, at)
		at += uint64(offsets[len(s.cycle)-1])
	}
	return s, nil
}

// number is the segment's place in its sequence, from 0.
func (s *share) number() int {
	if s == nil {
		return 0
	}
	return s.tuple.SegmentIndex
}

// parts is how many equal parts the sequence can be cut into.
func (s *share) parts() uint64 {
	if s == nil {
		return 1
	}
	return s.length
}

// of is how many of the first n turns are this process's.
func (s *share) of(n uint64) uint64 {
	if s == nil {
		return n
	}
	return uint64(s.tuple.ScaleInt64(int64(n)))
}

// turn is the number in the whole schedule of the own-th turn of this process.
func (s *share) turn(own uint64) uint64 {
	if s == nil {
		return own
	}
	n := uint64(len(s.cycle))
	return own/n*s.length + s.cycle[own%n]
}

// takes reports whether a turn is this process's.
func (s *share) takes(turn uint64) bool { return s.of(turn+1) > s.of(turn) }

// agrees says that k6 runs another segment than this one, as one given in the
// script's options, which are not known when the schedule is made.
func (s *share) agrees(k6 *lib.ExecutionSegment) error {
	ours := "none"
	if s != nil {
		ours = s.segment.String()
		if s.segment.Equal(k6) {
			return nil
		}
	} else if k6 == nil {
		return nil
	}
	return fmt.Errorf("k6 runs execution segment %v, the schedule was made for %s: give it by --execution-segment, not in the script", k6, ours)
}

// segmentOf finds the execution segment and its sequence where k6 does: in its
// arguments, or else in the environment.
func segmentOf(args []string, env lookup) (segment, sequence string) {
	flag := func(name, variable string) string {
		value := env(variable)
		for i, arg := range args {
			if v, ok := strings.CutPrefix(arg, name+"="); ok {
				value = v
			} else if arg == name && i+1 < len(args) {
				value = args[i+1]
			}
		}
		return value
	}
	return flag("--execution-segment", "K6_EXECUTION_SEGMENT"), flag("--execution-segment-sequence", "K6_EXECUTION_SEGMENT_SEQUENCE")
}
