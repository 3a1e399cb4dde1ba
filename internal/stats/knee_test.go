package stats

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var search = KneeSearch{From: 100, Least: 1, Most: 100_000, Factor: 2, Ratio: 1.1}

// play runs a search against a pipeline that answers with answer, and writes
// down what was tried.
func play(t testing.TB, s KneeSearch, answer func(rate float64, nth int) string) (string, Bracket) {
	t.Helper()
	var trials []Trial
	var told []string
	for nth := 0; ; nth++ {
		rate, done := s.Next(trials)
		if done {
			return strings.Join(told, " "), s.Bracket(trials)
		}
		if nth > 60 {
			t.Fatalf("no end after %s", strings.Join(told, " "))
		}
		mark := answer(rate, nth)
		trial := Trial{Rate: rate}
		if mark != "?" {
			trial.Sustained = new(mark == "+")
		}
		trials = append(trials, trial)
		told = append(told, fmt.Sprintf("%g%s", rate, mark))
	}
}

func sustainedTo(knee float64) func(float64, int) string {
	return func(rate float64, _ int) string {
		if rate <= knee {
			return "+"
		}
		return "-"
	}
}

func TestKneeSearchTraces(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(float64, int) string
		trace  string
		want   Bracket
	}{
		{
			"climbs, halves, tries both ends again", sustainedTo(1000),
			// 800 and 1600: √(800·1600) = 1131 → 1130; √(800·1130) = 951; 1130/951 =
			// 1.19; √(951·1130) = 1037 → 1040; 1040/951 = 1.094 is narrow enough
			"100+ 200+ 400+ 800+ 1600- 1130- 951+ 1040- 951+ 1040-",
			Bracket{Low: 951, High: 1040},
		},
		{"starts too high", sustainedTo(30), "100- 50- 25+ 35.4- 29.7+ 32.4- 29.7+ 32.4-", Bracket{Low: 29.7, High: 32.4}},
		{"nothing is sustained", sustainedTo(0), "100- 50- 25- 12.5- 6.25- 3.12- 1.56- 1- 1-", Bracket{High: 1}},
		{
			"the generator gives out twice",
			func(rate float64, _ int) string {
				if rate > 300 {
					return "?"
				}
				return "+"
			},
			"100+ 200+ 400? 400? 200+",
			Bracket{Low: 200, Unjudged: 400},
		},
		{
			"one bad trial at the low end is outvoted",
			func(rate float64, nth int) string {
				if nth == 8 { // 951 again
					return "-"
				}
				return sustainedTo(1000)(rate, nth)
			},
			"100+ 200+ 400+ 800+ 1600- 1130- 951+ 1040- 951- 951+ 1040-",
			Bracket{Low: 951, High: 1040},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			trace, got := play(t, search, c.answer)
			if trace != c.trace {
				t.Errorf("tried %s\nwant  %s", trace, c.trace)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestKneeSearchStopsAtMost(t *testing.T) {
	s := search
	s.Most = 500
	trace, got := play(t, s, sustainedTo(1e9))
	if want := "100+ 200+ 400+ 500+ 500+"; trace != want {
		t.Errorf("tried %s, want %s", trace, want)
	}
	if got.Low != 500 || got.High != 0 {
		t.Errorf("%+v", got)
	}
}

func TestContradictionIsRetriedAndNamed(t *testing.T) {
	// 400 never holds though 800 did once: 400 gets three trials, and 800 is named.
	trials := []Trial{{100, new(true)}, {200, new(true)}, {800, new(true)}, {400, new(false)}}
	for want := 2; want <= mostTrials; want++ {
		rate, done := search.Next(trials)
		if done || rate != 400 {
			t.Fatalf("trial %d: next %v, %v", want, rate, done)
		}
		trials = append(trials, Trial{400, new(false)})
	}
	if rate, _ := search.Next(trials); rate != 283 { // √(200·400)
		t.Errorf("then %v, want to bisect below 400", rate)
	}
	if d := cmp.Diff([]float64{800}, search.Bracket(trials).Contradictions); d != "" {
		t.Error(d)
	}
}

func TestKneeSearchBracketsTheTruth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		knee := rapid.Float64Range(2, 50_000).Draw(rt, "knee")
		_, got := play(t, search, sustainedTo(knee))
		if got.Low > knee || got.High <= knee || got.High/got.Low > 1.1 {
			rt.Fatalf("knee %g: %+v", knee, got)
		}
	})
}

func TestKneeSearchWithFlakyTrials(t *testing.T) {
	// One trial in twenty tells the wrong thing: the bracket may be off then, but
	// rarely, and the search always ends.
	right := 0
	for seed := range uint64(200) {
		chance := rand.New(rand.NewPCG(seed, 1))
		knee := 50 + 20_000*chance.Float64()
		_, got := play(t, search, func(rate float64, _ int) string {
			if (rate <= knee) != (chance.Float64() < 0.05) {
				return "+"
			}
			return "-"
		})
		if got.Low <= knee*1.1 && got.High >= knee/1.1 {
			right++
		}
	}
	if right < 160 {
		t.Errorf("the bracket came within 10 %% of the knee in %d of 200 searches", right)
	}
}
