package report

import (
	"fmt"
	"html/template"

	"weir/internal/judge"
	"weir/internal/ledger"
)

// Measures of the ledger's picture, in units of its view box.
const (
	flowWidth  = 1140
	flowHeight = 176
	flowBar    = 38
	flowUpper  = 24
	flowLower  = 112
)

// ledgerClasses colour the ledger's parts: good, waiting, bad.
var ledgerClasses = map[string]string{
	"accepted": "good", "rejected": "bad", "indeterminate": "doubt", "not sent": "idle",
	"processed": "good", "filtered": "idle", "dead-lettered": "doubt", "expired": "bad",
	"in flight": "wait", "lost": "bad", "unexplained": "doubt",
}

// flow draws the account as two stacked bars to one scale: what became of the
// offered records, and below its accepted part what became of those.
func flow(a ledger.Account) template.HTML {
	offered, accepted := sides(a)
	s := &svg{}
	s.open(flowWidth, flowHeight, "ledger: offered and accepted records by what became of them")
	scale := flowWidth / float64(max(a.Offered, a.Accepted, 1))
	s.text("caption", 0, flowUpper-8, "start", "offered "+judge.Count(a.Offered))
	s.stack(offered, flowUpper, scale)
	right := float64(a.Accepted) * scale
	if a.Accepted > 0 {
		s.path("funnel", fmt.Sprintf("M0 %dH%.1fV%dH0Z", flowUpper+flowBar, right, flowLower))
		s.text("caption", 8, flowLower-17, "start", "accepted "+judge.Count(a.Accepted)+", of them:")
	}
	s.stack(accepted, flowLower, scale)
	return s.close()
}

// stack draws one bar; a part of any size is at least a hair wide, and named
// inside where there is room.
func (s *svg) stack(parts []entry, top, scale float64) {
	x := 0.0
	for _, p := range parts {
		if p.N == 0 {
			continue
		}
		w := max(float64(p.N)*scale, 2)
		s.rect("part "+ledgerClasses[p.Name], x, top, w, flowBar)
		label := p.Name + " " + judge.Count(p.N)
		if w > 8.2*float64(len(label)) {
			s.text("inside", x+10, top+flowBar/2+5, "start", label)
		}
		x += w
	}
}
