// Package ui serves pages in a browser: the run under way, the library of all
// runs, two runs laid over each other, a campaign's calendar. It reads run
// directories as they grow, whoever writes them, and changes nothing: whatever
// it shows is in the record.
package ui

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"sync"
	"time"

	"weir/internal/record"
)

//go:embed static
var static embed.FS

// Options say what is shown, and to whom.
type Options struct {
	// Runs is the folder of the runs. It need not exist yet.
	Runs string
	// Campaigns is the folder of the campaigns, whose runs are shown as well.
	Campaigns string
	// Hosts are names, beside localhost and addresses, under which a browser
	// may ask for the pages.
	Hosts []string
	// Alive tells whether the process of a run that has not ended is there.
	Alive func(record.Run) bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Server serves the pages. It is safe for concurrent use.
type Server struct {
	options Options
	closing chan struct{} // closed when streams are to say their last word
	// Paces of reading a run, which may share its machine with the load, and of
	// telling a browser.
	lookEvery, streamEvery time.Duration

	mu      sync.Mutex
	watched map[string]*watched // by the run's directory
	known   map[string]summary  // the library's, by the run's directory
}

// New makes a server. It reads nothing before it is asked.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{
		options: o, closing: make(chan struct{}), lookEvery: 500 * time.Millisecond, streamEvery: time.Second,
		watched: map[string]*watched{}, known: map[string]summary{},
	}
}

// Handler is the pages and what they ask for.
func (s *Server) Handler() http.Handler {
	assets, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(assets))
	mux.HandleFunc("GET /api/runs", s.serveRuns)
	mux.HandleFunc("GET /api/runs/{id}", s.serveRun)
	mux.HandleFunc("GET /api/runs/{id}/events", s.serveEvents)
	mux.HandleFunc("GET /api/compare/{base}/{fresh}", s.serveComparison)
	mux.HandleFunc("GET /api/campaigns", s.serveCampaigns)
	mux.HandleFunc("GET /runs/{id}/report.html", s.serveReport)
	return guard(s.options.Hosts, mux)
}

// lastWords is how long open streams get to say how a run ended.
const lastWords = 2 * time.Second

// Serve serves on l until ctx ends. Open streams are told then what the records
// hold at last.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve the pages: %w", err)
	case <-ctx.Done():
	}
	close(s.closing)
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := server.Shutdown(patience); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("end the pages: %w", err)
	}
	return server.Close()
}

// answer writes v as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a browser that has gone
}

// refuse answers with an error in words.
func refuse(w http.ResponseWriter, code int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()}) // a browser that has gone
}
