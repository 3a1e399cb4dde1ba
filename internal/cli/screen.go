package cli

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"weir/internal/observe"
	"weir/internal/record"
)

// screen is the view in a terminal: a block of a few lines drawn in place.
type screen struct {
	program *tea.Program
	ended   chan struct{}
}

// moment is what the block shows.
type moment struct {
	now      time.Time
	live     observe.Live
	draining bool
}

type saying string

func newScreen(p *Process, run *record.Run) *screen {
	m := &block{run: run, began: time.Now()}
	// Signals and keys stay weir's and the terminal's: Ctrl-C has to reach weir.
	s := &screen{
		program: tea.NewProgram(m, tea.WithOutput(p.Stderr), tea.WithInput(nil), tea.WithoutSignalHandler()),
		ended:   make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		if _, err := s.program.Run(); err != nil {
			fmt.Fprintln(p.Stderr, "weir: draw the progress:", err)
		}
	}()
	return s
}

func (s *screen) update(now time.Time, live observe.Live) {
	s.program.Send(moment{now: now, live: live})
}
func (s *screen) draining()       { s.program.Send(moment{draining: true}) }
func (s *screen) say(text string) { s.program.Send(saying(text)) }

func (s *screen) close() {
	s.program.Quit()
	<-s.ended
}

// block is bubbletea's model of the view.
type block struct {
	run    *record.Run
	began  time.Time
	at     moment
	drains bool
	said   []string
}

func (b *block) Init() tea.Cmd { return nil }

func (b *block) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case moment:
		if msg.draining {
			b.drains = true
			break
		}
		b.at = msg
	case saying:
		b.said = append(b.said, string(msg))
	}
	return b, nil
}

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
)

func (b *block) View() tea.View {
	var s strings.Builder
	for i, l := range opening(b.run) {
		if i == 0 {
			l = bold.Render(l)
		}
		s.WriteString(l + "\n")
	}
	fmt.Fprintf(&s, "\n%s  %s\n", b.bar(40), position(b.run, b.at.now, b.drains))
	for i, f := range figures(b.at.live) {
		if i%4 == 0 {
			s.WriteString("\n")
		}
		fmt.Fprintf(&s, "%-28s", f)
	}
	s.WriteString("\n")
	for _, text := range b.said {
		s.WriteString(faint.Render(text) + "\n")
	}
	return tea.NewView(s.String())
}

// bar is the share of the load's time that has passed.
func (b *block) bar(width int) string {
	share := 0.0
	if steps := b.run.Steps; len(steps) > 0 && !b.run.LoadStart.IsZero() && !steps[len(steps)-1].End.IsZero() {
		whole := steps[len(steps)-1].End.Sub(b.run.LoadStart)
		share = min(max(float64(b.at.now.Sub(b.run.LoadStart))/float64(whole), 0), 1)
	}
	full := int(share * float64(width))
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}
