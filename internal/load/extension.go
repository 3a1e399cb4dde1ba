package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/output"

	"weir/internal/load/frame"
	"weir/internal/load/push"
	"weir/internal/plan"
	"weir/internal/producer"
	"weir/probe/token"
)

// Names under which k6 knows us.
const (
	moduleName = "k6/x/kinesis"
	outputName = "weir"
)

// Register makes the module and the outputs known to k6. It must be called
// once, before k6 executes.
func Register() {
	x := &extension{outlets: map[producerKey]*outlet{}, run: rand.Uint32N(token.MaxRun + 1)}
	if os.Getenv(envFrames) != "" {
		x.tally = new(tally)
	}
	if in := observedInput(os.Getenv); in != nil {
		x.observed = newObserved(in)
	}
	modules.Register(moduleName, x)
	output.RegisterExtension(outputName, x.newOutput)
	output.RegisterExtension(push.CloudWatchName, push.NewCloudWatch)
	output.RegisterExtension(push.DogStatsDName, push.NewDogStatsD)
}

// extension is what all VUs of one k6 process share.
type extension struct {
	tally    *tally        // nil without a parent
	observed *observed     // the same
	slots    atomic.Uint64 // taken by scripts that bring their own schedule
	strange  atomic.Uint64 // the same, by records that go elsewhere
	run      uint32        // identity in ledger tokens where no parent gave one

	mu        sync.Mutex
	test      plan.Test
	generator *generator // of the test; nil when the script has none
	outlets   map[producerKey]*outlet
	elsewhere []string // targets beside the run's own, since the last frame
	announced map[string]bool
	log       logrus.FieldLogger // k6's
	chosen    []frame.Encoding   // since the last frame
}

// producerKey tells producers of scripts apart: VUs that ask for the same
// share one, and with it its connections.
type producerKey struct {
	Target
	timeout  time.Duration
	retry    producer.Retry
	encoding producer.Encoding
	single   bool // PutRecord for one record
	keys     accessKeys
}

// generatorFor returns the process's generator and makes it for the first VU.
func (x *extension) generatorFor(defaults settings, env lookup) (*generator, error) {
	spec, err := specFrom(env)
	if err != nil {
		return nil, err
	}
	if spec == nil {
		if spec, err = x.aloneSpec(defaults, env); err != nil {
			return nil, err
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.generator != nil {
		if !reflect.DeepEqual(x.test, spec.Test) {
			return nil, errors.New("a second Test: a script can have one, for its schedule is the process's")
		}
		return x.generator, nil
	}
	part, err := newShare(segmentOf(os.Args, env))
	if err != nil {
		return nil, err
	}
	g, err := newGenerator(context.Background(), *spec, part, x.tally, env, x.chose)
	if err != nil {
		return nil, err
	}
	x.generator, x.test = g, spec.Test
	return g, nil
}

// aloneSpec is the spec of a script that k6 runs without a parent.
func (x *extension) aloneSpec(defaults settings, env lookup) (*Spec, error) {
	target, err := targetFrom(env)
	if err != nil {
		return nil, err
	}
	if target.Stream == "" {
		return nil, errors.New("no stream: set KINESIS_STREAM_NAME")
	}
	test, err := defaults.test(env)
	if err != nil {
		return nil, err
	}
	return &Spec{Test: test, Run: x.run, Target: target}, nil
}

// target is the parent's, or by environment.
func (x *extension) target(env lookup) (Target, error) {
	spec, err := specFrom(env)
	if err != nil {
		return Target{}, err
	}
	if spec != nil {
		return spec.Target, nil
	}
	return targetFrom(env)
}

// identity is what tokens of a script's records say of their origin.
func (x *extension) identity(env lookup) (run uint32, number uint16, err error) {
	spec, err := specFrom(env)
	if err != nil || spec == nil {
		return x.run, 0, err
	}
	return spec.Run, spec.Producer, nil
}

// connections bounds the calls that scripts have under way on one producer.
const connections = 2000

// outlet is a producer of a script's records. Those that it puts into another
// stream than the run's are not the run's: nobody will look for them there.
type outlet struct {
	*producer.Producer
	own bool
}

// outletFor returns the outlet of a target, making it at the first call.
func (x *extension) outletFor(key producerKey, env lookup) (*outlet, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if o := x.outlets[key]; o != nil {
		return o, nil
	}
	spec, err := specFrom(env)
	if err != nil {
		return nil, err
	}
	p, err := newProducer(context.Background(), key, connections, env, x.chose)
	if err != nil {
		return nil, fmt.Errorf("prepare producer for %v: %w", key.Target, err)
	}
	o := &outlet{p, spec == nil || key.same(spec.Target)}
	if !o.own {
		x.elsewhere = append(x.elsewhere, Target{Region: key.Region, Endpoint: key.Endpoint, Stream: key.streamName()}.String())
	}
	x.outlets[key] = o
	return o, nil
}

// take gives n records their slots, and returns the first.
func (x *extension) take(o *outlet, n uint64) uint64 {
	if !o.own {
		return x.strange.Add(n) - n
	}
	return x.slots.Add(n) - n
}

// count notes what became of a call's records.
func (x *extension) count(o *outlet, s sent) {
	if o.own {
		x.tally.send(s)
	}
}

// strangers are the targets beside the run's own that were found since they
// were last asked for.
func (x *extension) strangers() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	taken := x.elsewhere
	x.elsewhere = nil
	return taken
}

// logTo names k6's log, which all VUs share.
func (x *extension) logTo(log logrus.FieldLogger) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.log = log
}

// chose takes note of the encoding that calls are written in where that was left
// open.
func (x *extension) chose(c producer.Choice) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.chosen = append(x.chosen, frame.Encoding{Chosen: string(c.Encoding), Reason: c.Reason})
	if x.log != nil {
		x.log.Infof("kinesis: calls are written in %s: %s", c.Encoding, c.Reason)
	}
}

// choices are those since they were last asked for.
func (x *extension) choices() []frame.Encoding {
	x.mu.Lock()
	defer x.mu.Unlock()
	taken := x.chosen
	x.chosen = nil
	return taken
}

// announce reports whether a target is to be named in the log: once a process.
func (x *extension) announce(t Target) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.announced[t.String()] {
		return false
	}
	if x.announced == nil {
		x.announced = map[string]bool{}
	}
	x.announced[t.String()] = true
	return true
}
