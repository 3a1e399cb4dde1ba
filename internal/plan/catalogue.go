package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// BaselineRates are the load levels of a baseline test, records per second.
var BaselineRates = []float64{10, 50, 100, 200, 500, 1000, 2000}

// Lengths of a step where the user gives none.
const (
	// AWSStep holds five whole CloudWatch minutes, the first of which is left out.
	AWSStep      = 5 * time.Minute
	EmbeddedStep = 30 * time.Second
)

// DefaultKeys is the size of the partition key pool: enough keys to spread
// over any number of shards that one generator can fill.
const DefaultKeys = 10000

// Catalogue are the tests known by name, in the order they are listed. The
// rates are for the embedded pipeline's four shards: --rate gives others.
func Catalogue() []Test {
	var tests []Test
	for _, b := range []struct {
		name  string
		bytes int
	}{
		{"baseline-500b", 500}, // the primary baseline stands first
		{"baseline-100b", 100},
		{"baseline-1kb", 1 << 10},
		{"baseline-5kb", 5 << 10},
		{"baseline-10kb", 10 << 10},
	} {
		tests = append(tests, catalogued(b.name, Baseline, Payload{Bytes: b.bytes}, StepsAt(BaselineRates, EmbeddedStep)))
	}
	standard := Payload{Bytes: 500}
	return append(
		tests,
		catalogued("sustained", Sustained, standard, StepsAt([]float64{1000}, 30*time.Minute)),
		catalogued("variable", Variable, standard, variableSteps()),
		catalogued("stress", Stress, standard, stressSteps()),
		catalogued("spike", Spike, standard, spikeSteps()),
		catalogued("endurance", Endurance, standard, StepsAt([]float64{500}, 24*time.Hour)),
		catalogued("smoke", Smoke, smokePayload, StepsAt([]float64{10, 100, 500, 50, 300, 50}, 10*time.Second)),
	)
}

func catalogued(name string, kind Kind, payload Payload, steps []Step) Test {
	return Test{
		Name: name, Kind: kind, Payload: payload, Keys: Keys{Pool: DefaultKeys},
		Put: DefaultPut, Targets: DefaultTargets, Steps: steps, Seed: 1,
	}
}

// smokePayload has every size of the baselines.
var smokePayload = Payload{Bytes: 5170, Sizes: Sizes{Min: 100, Max: 10 << 10}}

// Named is the catalogue's test of that name. The error of an unknown one
// lists what there is.
func Named(name string) (Test, error) {
	tests := Catalogue()
	i := slices.IndexFunc(tests, func(t Test) bool { return t.Name == name })
	if i < 0 {
		return Test{}, fmt.Errorf("unknown test %q: the catalogue has %s", name, strings.Join(Names(), ", "))
	}
	return tests[i], nil
}

// Names are the catalogue's names in its order.
func Names() []string {
	var names []string
	for _, t := range Catalogue() {
		names = append(names, t.Name)
	}
	return names
}

// StepsAt are judged steps of one length at each rate.
func StepsAt(rates []float64, length time.Duration) []Step {
	steps := make([]Step, len(rates))
	for i, r := range rates {
		steps[i] = Step{Rate: r, Duration: length, Judged: true}
	}
	return steps
}
