package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/report"
)

var errNoRun = errors.New("there is no such run in the folders that are shown")

// opened is a run as a browser that begins to look at it gets it. The events
// from Offset on are what comes after.
type opened struct {
	Series columns         `json:"series"`
	Offset int64           `json:"offset"`
	State  json.RawMessage `json:"state"`
}

// serveRun is the whole run, of which a long one's series are gathered.
func (s *Server) serveRun(w http.ResponseWriter, r *http.Request) {
	dir, ok := s.find(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusNotFound, errNoRun)
		return
	}
	series, now, err := s.snapshot(dir)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	answer(w, opened{Series: series, Offset: now.Offset, State: now.State})
}

// serveEvents streams what is written of a run, as server-sent events: points,
// with the series' offset as their id; state, when it changed; again, when the
// browser has to open the run anew; ended, after which nothing comes.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	dir, ok := s.find(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusNotFound, errNoRun)
		return
	}
	from, err := offsetOf(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := &stream{w: w, flush: http.NewResponseController(w).Flush, offset: from}
	tick := time.NewTicker(s.streamEvery)
	defer tick.Stop()
	for final := false; ; {
		now, err := s.look(dir, out.offset, final)
		if err != nil {
			_ = out.send("failed", "", err.Error()) // the browser may have gone: nobody is left to tell
			return
		}
		if out.tell(now) != nil || final || !now.Live {
			_ = out.send("ended", "", map[string]bool{"served": !final}) // as above
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-s.closing:
			final = true
		case <-tick.C:
		}
	}
}

// offsetOf is where in the series a browser is: what it said when it lost the
// connection, or as it was asked to.
func offsetOf(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("from")
	}
	from, err := strconv.ParseInt(text, 10, 64)
	if err != nil || from < 0 {
		return 0, fmt.Errorf("from=%q is not an offset", text)
	}
	return from, nil
}

// stream writes server-sent events.
type stream struct {
	w       io.Writer
	flush   func() error
	offset  int64
	version int
}

// tell sends what is new.
func (s *stream) tell(now look) error {
	if now.Behind {
		return s.send("again", "", nil)
	}
	if len(now.Points) > 0 {
		if err := s.send("points", strconv.FormatInt(now.Offset, 10), now.Points); err != nil {
			return err
		}
		s.offset = now.Offset
	}
	if now.Version == s.version {
		return s.send("", "", nil) // tells the browser, and us, that the other side is there
	}
	s.version = now.Version
	return s.send("state", "", now.State)
}

// send writes one event; one without a name is a comment.
func (s *stream) send(name, id string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode an event: %w", err)
	}
	var b bytes.Buffer
	switch {
	case name == "":
		b.WriteString(":\n\n")
	case id != "":
		fmt.Fprintf(&b, "event: %s\nid: %s\ndata: %s\n\n", name, id, text)
	default:
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", name, text)
	}
	if _, err := s.w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	return s.flush()
}

// reportPolicy lets a report have its own style and script and reach nothing:
// not even the pages it came from.
const reportPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"

// serveReport is the report that a run, or a search, left in its directory; of
// a run without one it is made from the record.
func (s *Server) serveReport(w http.ResponseWriter, r *http.Request) {
	dir, ok := s.find(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusNotFound, errNoRun)
		return
	}
	text, err := reportOf(dir)
	if err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	w.Header().Set("Content-Security-Policy", reportPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text) // a browser that has gone
}

func reportOf(dir string) ([]byte, error) {
	root, err := os.OpenRoot(dir) // a link in it leads nowhere else
	if err != nil {
		return nil, fmt.Errorf("open the run: %w", err)
	}
	defer root.Close() //nolint:errcheck // only read
	text, err := root.ReadFile("report.html")
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	d, err := record.Read(dir)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = report.HTML(&b, d, judge.Judge(d, judge.Options{}))
	return b.Bytes(), err
}
