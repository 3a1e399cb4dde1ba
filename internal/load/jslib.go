package load

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/grafana/sobek"
)

// jslibText is the part of the module that has the call shapes of jslib-aws. It
// is JavaScript because it is all about those: classes, defaults, errors.
//
//go:embed jslib.js
var jslibText string

var jslibProgram = sync.OnceValues(func() (*sobek.Program, error) {
	return sobek.Compile("k6/x/kinesis/jslib.js", jslibText, true)
})

// addJSLib adds AWSConfig, KinesisClient and the errors that it throws.
func (m *instance) addJSLib(named map[string]any) error {
	program, err := jslibProgram()
	if err != nil {
		return fmt.Errorf("compile jslib.js: %w", err)
	}
	rt := m.vu.Runtime()
	made, err := rt.RunProgram(program)
	if err != nil {
		return fmt.Errorf("run jslib.js: %w", err)
	}
	define, ok := sobek.AssertFunction(made)
	if !ok {
		return fmt.Errorf("jslib.js gives %v instead of a function", made)
	}
	classes, err := define(sobek.Undefined(), rt.ToValue(m.newClient), rt.ToValue(m.encodeBase64), rt.ToValue(m.decodeBase64))
	if err != nil {
		return fmt.Errorf("define jslib.js's classes: %w", err)
	}
	object := classes.ToObject(rt)
	for _, name := range object.Keys() {
		named[name] = object.Get(name)
	}
	return nil
}

// encodeBase64 is the text that stands for an ArrayBuffer in the API's JSON.
func (m *instance) encodeBase64(f sobek.FunctionCall) sobek.Value {
	buffer, _ := f.Argument(0).Export().(sobek.ArrayBuffer)
	return m.vu.Runtime().ToValue(base64.StdEncoding.EncodeToString(buffer.Bytes()))
}

func (m *instance) decodeBase64(f sobek.FunctionCall) sobek.Value {
	b, err := base64.StdEncoding.DecodeString(f.Argument(0).String())
	if err != nil {
		m.throw(fmt.Errorf("kinesis: a record's Data must be base64 as in jslib-aws: %w", err))
	}
	rt := m.vu.Runtime()
	return rt.ToValue(rt.NewArrayBuffer(b))
}
