package judge

import (
	"time"

	"weir/internal/record"
)

// window is a half-open range of Unix seconds. A point belongs to the window
// in which its period starts.
type window struct{ from, to int64 }

func (w window) holds(t int64) bool { return t >= w.from && t < w.to }

func (w window) times() [2]time.Time {
	return [2]time.Time{time.Unix(w.from, 0).UTC(), time.Unix(w.to, 0).UTC()}
}

// span is the smallest window around all of ws, the zero one of none.
func span(ws []window) window {
	if len(ws) == 0 {
		return window{}
	}
	s := ws[0]
	for _, w := range ws[1:] {
		s = window{min(s.from, w.from), max(s.to, w.to)}
	}
	return s
}

// offeredWindow is the stretch in which step s was offered, its warm-up left
// out. A step that never ended reaches to the last point; one that never began
// is empty, after it.
func offeredWindow(d *record.Data, s record.Step) window {
	if s.Start.IsZero() {
		return window{seriesEnd(d), seriesEnd(d)}
	}
	w := window{from: s.Start.Unix(), to: s.End.Unix()}
	if s.End.IsZero() {
		w.to = seriesEnd(d)
	}
	w.from = max(s.Start.Add(s.Warmup).Unix(), settled(d, w))
	return w
}

// judgedWindow is where the pipeline's series are read for step i: the whole
// periods of its metrics within the step (CloudWatch's begin at multiples of
// their length), so that no step answers for a neighbour. What the pipeline
// does after the load (the drain) is the work of the last step.
func judgedWindow(d *record.Data, i int) window {
	w := offeredWindow(d, d.Run.Steps[i])
	period := int64(max(d.Run.Pipeline.ResolutionS, 1))
	w.from = (w.from + period - 1) / period * period
	if i == len(d.Run.Steps)-1 {
		w.to = max(w.to, seriesEnd(d))
	} else {
		w.to = w.to / period * period
	}
	w.to = max(w.to, w.from)
	return w
}

// seriesEnd is the second after the last point.
func seriesEnd(d *record.Data) int64 {
	if len(d.Series) == 0 {
		return 0
	}
	return d.Series[len(d.Series)-1].T + 1
}

// sum adds a series' values over the windows; n is the number of its points.
func sum(d *record.Data, series string, ws ...window) (total float64, n int) {
	each(d, series, ws, func(_ int64, v float64) { total += v; n++ })
	return total, n
}

// maximum is a series' largest value over the windows; n is the number of its
// points.
func maximum(d *record.Data, series string, ws ...window) (largest float64, n int) {
	each(d, series, ws, func(_ int64, v float64) {
		if n == 0 || v > largest {
			largest = v
		}
		n++
	})
	return largest, n
}

// counter is a series' sum. A counter without points is zero where one of its
// siblings (metrics published by the same activity) has points: the pipeline
// was watched and had nothing to count. Otherwise it is not known.
func counter(d *record.Data, ws []window, series string, siblings ...string) (total float64, known bool) {
	total, n := sum(d, series, ws...)
	if n > 0 {
		return total, true
	}
	for _, s := range siblings {
		if _, n := sum(d, s, ws...); n > 0 {
			return 0, true
		}
	}
	return 0, false
}

func each(d *record.Data, series string, ws []window, do func(t int64, v float64)) {
	for _, p := range d.Series {
		v, ok := p.V[series]
		if !ok {
			continue
		}
		for _, w := range ws {
			if w.holds(p.T) {
				do(p.T, v)
				break
			}
		}
	}
}
