package load

import "github.com/grafana/sobek"

// work is what a call of a script does outside of the VU's event loop.
type work func() settlement

// settlement ends a call back on the VU's event loop, for only there may its
// runtime be touched: it gives what the call returns, or what it throws.
type settlement func() (value, thrown sobek.Value)

// forms adds a function to an object in two forms: one that returns a promise,
// so that an iteration can have many calls under way, and one that blocks the
// VU. prepare reads the arguments; it runs on the event loop and may throw.
func (m *instance) forms(on *sobek.Object, async, blocking string, prepare func(sobek.FunctionCall) work) {
	m.method(on, async, func(f sobek.FunctionCall) sobek.Value {
		m.inIteration()
		return m.promise(prepare(f))
	})
	m.method(on, blocking, func(f sobek.FunctionCall) sobek.Value {
		m.inIteration()
		value, thrown := prepare(f)()()
		if thrown != nil {
			panic(thrown) // sobek's way to throw a value
		}
		return value
	})
}

func (m *instance) promise(w work) sobek.Value {
	rt := m.vu.Runtime()
	promise, resolve, reject := rt.NewPromise()
	enqueue := m.vu.RegisterCallback()
	go func() {
		settle := w()
		enqueue(func() error {
			value, thrown := settle()
			if thrown != nil {
				return reject(thrown)
			}
			return resolve(value)
		})
	}()
	return rt.ToValue(promise)
}
