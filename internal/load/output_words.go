package load

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/sirupsen/logrus"

	"weir/internal/load/frame"
)

// outputWords gathers what k6's outputs log of themselves, by the field
// "output" of their entries: nobody reads k6's log unless told to.
type outputWords struct {
	mu  sync.Mutex
	all map[string]*frame.Output
}

// Levels implements logrus.Hook.
func (*outputWords) Levels() []logrus.Level {
	return []logrus.Level{logrus.ErrorLevel, logrus.WarnLevel, logrus.InfoLevel}
}

// Fire implements logrus.Hook: an entry of level info is an output's report of
// itself, others are its problems.
func (w *outputWords) Fire(e *logrus.Entry) error {
	name, ok := e.Data["output"].(string)
	if !ok {
		return nil
	}
	text := e.Message
	if err, failed := e.Data[logrus.ErrorKey]; failed {
		text += fmt.Sprintf(": %v", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[string]*frame.Output{}
	}
	o := w.all[name]
	if o == nil {
		o = &frame.Output{Name: name}
		w.all[name] = o
	}
	if e.Level == logrus.InfoLevel {
		o.Report = text
		return nil
	}
	o.Problems++
	o.First = cmp.Or(o.First, text)
	return nil
}

// take is what was said, by name.
func (w *outputWords) take() []frame.Output {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []frame.Output
	for _, o := range w.all {
		all = append(all, *o)
	}
	slices.SortFunc(all, func(a, b frame.Output) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
