package stats

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// Trial is one attempt at a rate in the search for a knee.
type Trial struct {
	Rate float64 `json:"rate"`
	// Sustained says whether the rate was; nil where it could not be told.
	Sustained *bool `json:"sustained"`
}

// KneeSearch looks for the rate at which something stops keeping up: it climbs
// by a factor until a rate is not sustained, closes in by bisection, and tries
// both ends of the bracket again. It keeps nothing: the trials so far say what
// is next, so that a search can be resumed from its record.
type KneeSearch struct {
	From  float64 // the first rate
	Least float64 // below it "no rate is sustained" is the answer
	Most  float64 // above it nothing is tried
	// Factor of the climb, above 1.
	Factor float64
	// Ratio of the bracket's ends at which the search is over: 1.1 is a bracket
	// of ±5 %.
	Ratio float64
}

// Trials at one rate: both ends of the bracket are tried at least enough times,
// and a rate that contradicts its neighbours at most so often.
const (
	enoughTrials = 2
	mostTrials   = 3
)

// Bracket is what a search found.
type Bracket struct {
	// Low is the highest sustained rate, 0 where none was; High the lowest that
	// was not, 0 where every rate tried was sustained or could not be judged.
	Low, High float64
	// Unjudged is the lowest rate above Low at which no trial could be judged (the
	// generator gave out), 0 where there is none: the knee may lie above it.
	Unjudged float64
	// Contradictions are rates sustained above one that was not, after every
	// repetition: the pipeline's capacity varies by that much.
	Contradictions []float64
}

// votes are the trials at one rate.
type votes struct {
	rate                float64
	sustained, not, mum int
}

func (v votes) trials() int  { return v.sustained + v.not + v.mum }
func (v votes) holds() bool  { return v.sustained > v.not }
func (v votes) breaks() bool { return v.not > v.sustained }
func (v votes) tied() bool   { return v.sustained == v.not && v.sustained > 0 }
func (v votes) silent() bool { return v.sustained+v.not == 0 }

// count gathers trials by rate, in rising order.
func count(trials []Trial) []votes {
	var all []votes
	for _, t := range trials {
		at, found := slices.BinarySearchFunc(all, t.Rate, func(v votes, r float64) int { return cmp.Compare(v.rate, r) })
		if !found {
			all = slices.Insert(all, at, votes{rate: t.Rate})
		}
		switch {
		case t.Sustained == nil:
			all[at].mum++
		case *t.Sustained:
			all[at].sustained++
		default:
			all[at].not++
		}
	}
	return all
}

// Bracket is what the trials so far show.
func (s KneeSearch) Bracket(trials []Trial) Bracket {
	var b Bracket
	all := count(trials)
	for _, v := range all {
		switch {
		case v.breaks() && b.High == 0:
			b.High = v.rate
		case v.holds() && b.High == 0:
			b.Low = v.rate
		case v.holds():
			b.Contradictions = append(b.Contradictions, v.rate)
		}
	}
	for _, v := range all {
		if v.silent() && v.rate > b.Low && (b.High == 0 || v.rate < b.High) {
			b.Unjudged = v.rate
			break
		}
	}
	return b
}

// Next is the rate to try next; done when there is none.
func (s KneeSearch) Next(trials []Trial) (rate float64, done bool) {
	all := count(trials)
	if len(all) == 0 {
		return s.From, false
	}
	at := func(rate float64) votes {
		i := slices.IndexFunc(all, func(v votes) bool { return v.rate == rate })
		return all[i]
	}
	for _, v := range all {
		if v.tied() && v.trials() < 2*mostTrials || v.silent() && v.trials() < enoughTrials {
			return v.rate, false
		}
	}
	b := s.Bracket(trials)
	if len(b.Contradictions) > 0 && at(b.High).trials() < mostTrials {
		return b.High, false
	}
	if next, ok := s.approach(b); ok {
		return next, false
	}
	for _, end := range []float64{b.Low, b.High} {
		if end > 0 && at(end).trials() < enoughTrials {
			return end, false
		}
	}
	return 0, true
}

// approach is the next rate outside or inside the bracket, none when the
// bracket is as narrow as it should be or can be.
func (s KneeSearch) approach(b Bracket) (float64, bool) {
	switch {
	case b.Unjudged > 0 || b.Low == 0 && b.High == 0:
		return 0, false // the generator's end: a lower rate tells nothing about the pipeline's
	case b.High == 0:
		return min(threeDigits(b.Low*s.Factor), s.Most), b.Low < s.Most
	case b.Low == 0:
		return max(threeDigits(b.High/s.Factor), s.Least), b.High > s.Least
	}
	middle := threeDigits(math.Sqrt(b.Low * b.High))
	return middle, b.High/b.Low > s.Ratio && middle > b.Low && middle < b.High
}

// threeDigits rounds a rate for its readers.
func threeDigits(rate float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(rate, 'g', 3, 64), 64)
	if err != nil {
		return rate // not a number: nothing to round
	}
	return rounded
}
