package load

import (
	"errors"
	"fmt"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/modules"
)

// instance is the module k6/x/kinesis in one VU.
type instance struct {
	extension *extension
	vu        modules.VU
	env       lookup
	metrics   *putMetrics
	exports   modules.Exports
}

// NewModuleInstance implements modules.Module.
func (x *extension) NewModuleInstance(vu modules.VU) modules.Instance {
	rt, init := vu.Runtime(), vu.InitEnv()
	m := &instance{extension: x, vu: vu}
	m.env = func(name string) string {
		if v, ok := init.RuntimeOptions.Env[name]; ok { // k6 run -e NAME=value
			return v
		}
		v, _ := init.LookupEnv(name)
		return v
	}
	x.logTo(init.Logger)
	var err error
	if m.metrics, err = newPutMetrics(init.Registry); err != nil {
		common.Throw(rt, err)
	}
	if x.observed != nil {
		if err := x.observed.subscribe(vu); err != nil {
			common.Throw(rt, err)
		}
	}
	// Values are made once: k6 asks for the exports at every access of an
	// imported name, and would convert Go values each time.
	named := map[string]any{
		"Test":   rt.ToValue(m.newTest),
		"Client": rt.ToValue(m.newClient),
		"Stream": rt.ToValue(m.newStream),
	}
	if err := m.addJSLib(named); err != nil {
		common.Throw(rt, err)
	}
	m.exports = modules.Exports{Default: rt.ToValue(named), Named: named}
	return m
}

// Exports implements modules.Instance.
func (m *instance) Exports() modules.Exports { return m.exports }

// throw throws err in the script.
func (m *instance) throw(err error) { common.Throw(m.vu.Runtime(), err) }

// method adds a function to an object that the script holds.
func (m *instance) method(on *sobek.Object, name string, f func(sobek.FunctionCall) sobek.Value) {
	if err := on.Set(name, f); err != nil {
		m.throw(fmt.Errorf("define %s: %w", name, err))
	}
}

// errInit says that a call was made before there is an iteration to make it.
var errInit = errors.New("kinesis: records can't be put in the init context; call this from a function that k6 runs")

// inIteration throws where nothing can be sent.
func (m *instance) inIteration() {
	if m.vu.State() == nil {
		m.throw(errInit)
	}
	if m.extension.observed != nil {
		m.extension.observed.begin(m.vu)
	}
}

// announce names the target in the log, once a process, so that nobody puts
// into a real account unknowingly.
func (m *instance) announce(t Target) {
	if m.extension.announce(t) {
		m.vu.InitEnv().Logger.Infof("kinesis: records go to %v", t)
	}
}

// options reads the members of the object a script gave; a missing one is
// empty.
type options struct{ object *sobek.Object }

func (m *instance) optionsOf(v sobek.Value) options {
	if common.IsNullish(v) {
		return options{}
	}
	return options{v.ToObject(m.vu.Runtime())}
}

func (o options) value(name string) sobek.Value {
	if o.object == nil {
		return nil
	}
	if v := o.object.Get(name); !common.IsNullish(v) {
		return v
	}
	return nil
}

// text is a member as JavaScript prints it: an array as its elements with
// commas between.
func (o options) text(name string) string {
	if v := o.value(name); v != nil {
		return v.String()
	}
	return ""
}

// duration reads text like "500ms", or a number of milliseconds as in k6's own
// modules.
func (o options) duration(name string, otherwise time.Duration) (time.Duration, error) {
	v := o.value(name)
	if v == nil {
		return otherwise, nil
	}
	if n, ok := v.Export().(int64); ok {
		return time.Duration(n) * time.Millisecond, nil
	}
	d, err := time.ParseDuration(v.String())
	if err != nil {
		return 0, fmt.Errorf("%s: %q is not a duration: write for example '10s' or milliseconds", name, v.String())
	}
	return d, nil
}
