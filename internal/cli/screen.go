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

// screen is the view in a terminal: a block of a few lines drawn in place. It
// hands bubbletea's goroutine finished texts, for the run stays its owner's.
type screen struct {
	run     *record.Run
	drains  bool
	program *tea.Program
	ended   chan struct{}
}

func newScreen(p *Process, run *record.Run) *screen {
	// Signals and keys stay weir's and the terminal's: Ctrl-C has to reach weir.
	s := &screen{
		run: run,
		program: tea.NewProgram(block{opening: opening(run), position: position(run, time.Time{}, false)},
			tea.WithOutput(p.Stderr), tea.WithInput(nil), tea.WithoutSignalHandler()),
		ended: make(chan struct{}),
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
	s.program.Send(moment{position: position(s.run, now, s.drains), share: elapsed(s.run, now), figures: figures(live)})
}
func (s *screen) draining()       { s.drains = true }
func (s *screen) say(text string) { s.program.Send(saying(text)) }

func (s *screen) close() {
	s.program.Quit()
	<-s.ended
}

// moment is what changes from one update to the next.
type moment struct {
	position string
	share    float64 // of the load's time that has passed
	figures  []string
}

// saying is a sentence that stays on the screen.
type saying string

// block is bubbletea's model of the view.
type block struct {
	opening  []string
	position string
	share    float64
	figures  []string
	said     []string
	width    int // of the terminal in cells; 0 until it is known
}

func (b block) Init() tea.Cmd { return nil }

func (b block) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		b.width = msg.Width
	case moment:
		b.position, b.share, b.figures = msg.position, msg.share, msg.figures
	case saying:
		b.said = append(b.said, string(msg))
	}
	return b, nil
}

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
)

// Widths of the block's parts, in cells.
const (
	barWidth      = 40
	positionWidth = 46 // room for the position beside the bar
	figureWidth   = 26
	usualWidth    = 80 // of a terminal that does not tell
)

func (b block) View() tea.View {
	width := b.width
	if width == 0 {
		width = usualWidth
	}
	var s strings.Builder
	for i, l := range b.opening {
		style := lipgloss.NewStyle()
		if i == 0 {
			style = bold
		}
		s.WriteString(style.Width(width).Render(l) + "\n")
	}
	s.WriteString("\n" + bar(b.share, min(barWidth, max(width-positionWidth, 0))) + "  " + b.position + "\n\n")
	s.WriteString(columns(b.figures, width))
	for _, text := range b.said {
		s.WriteString(faint.Width(width).Render(text) + "\n")
	}
	return tea.NewView(s.String())
}

// columns sets figures in as many columns as the width has room for.
func columns(figures []string, width int) string {
	across := max(width/figureWidth, 1)
	var s strings.Builder
	for i, f := range figures {
		s.WriteString(f)
		if i%across == across-1 || i == len(figures)-1 {
			s.WriteString("\n")
			continue
		}
		s.WriteString(strings.Repeat(" ", max(figureWidth-lipgloss.Width(f), 1)))
	}
	return s.String()
}

// bar shows a share of 0 to 1.
func bar(share float64, width int) string {
	full := int(share * float64(width))
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}
