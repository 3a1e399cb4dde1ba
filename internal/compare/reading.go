package compare

import (
	"weir/internal/judge"
	"weir/internal/record"
)

// reading is a run with the steps whose figures are compared.
type reading struct {
	data  *record.Data
	steps []judge.Step // the judged ones
}

// read judges runs and names on their side those that take part and those that
// can't.
func read(runs []*record.Data, side *Side) []reading {
	side.Runs, side.LeftOut = []string{}, []LeftOut{}
	var all []reading
	for _, d := range runs {
		r := reading{data: d}
		why := ""
		if d.Run.Status != record.Complete {
			why = "it did not end by itself"
		}
		for _, s := range judge.Judge(d, judge.Options{}).Steps {
			if s.Judged && s.GeneratorBound {
				why = s.Reason
			}
			if s.Judged {
				r.steps = append(r.steps, s)
			}
		}
		if why == "" && len(r.steps) == 0 {
			why = "it has no judged step"
		}
		if why != "" {
			side.LeftOut = append(side.LeftOut, LeftOut{d.Run.ID, why})
			continue
		}
		side.Runs = append(side.Runs, d.Run.ID)
		all = append(all, r)
	}
	return all
}

// parts are the seconds' contributions to a figure while the judged steps were
// offered, their warm-up left out.
func (r reading) parts(of partsOf) []part {
	var all []part
	for _, s := range r.steps {
		from, to := s.Window[0].Unix(), s.Window[1].Unix()
		if end := r.end(s.Index); end > from {
			to = min(to, end)
		}
		for _, p := range r.data.Series {
			if p.T < from || p.T >= to {
				continue
			}
			if q, ok := of(p.V); ok {
				all = append(all, q)
			}
		}
	}
	return all
}

// end is the second in which the step's load ended, 0 where that is not known.
func (r reading) end(index int) int64 {
	for _, s := range r.data.Run.Steps {
		if s.Index == index && !s.End.IsZero() {
			return s.End.Unix()
		}
	}
	return 0
}

func (r reading) offered() (n int64) {
	for _, s := range r.steps {
		n += s.Offered
	}
	return n
}
