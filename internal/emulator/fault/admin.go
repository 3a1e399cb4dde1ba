package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
)

// AdminPath is where the admin endpoint lies, beside AWS's paths.
const AdminPath = "/_weir/faults"

// Orders is who takes and ends faults.
type Orders interface {
	// Order takes a fault whose clock begins now; the error is the client's.
	Order(text string) (id int, err error)
	End(id int) bool
	EndAll()
	Faults() []Status
}

// Admin answers AdminPath: GET lists the faults, POST {"fault":TEXT} orders one
// whose START counts from now, DELETE ends all and DELETE …/ID one of them. It
// serves this machine only, and a POST must say that it is JSON, which a web
// page of another origin can't.
func Admin(o Orders) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+AdminPath, func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, o.Faults())
	})
	mux.HandleFunc("POST "+AdminPath, func(w http.ResponseWriter, r *http.Request) { post(w, r, o) })
	mux.HandleFunc("DELETE "+AdminPath, func(w http.ResponseWriter, _ *http.Request) {
		o.EndAll()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE "+AdminPath+"/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.PathValue("id"))
		if err != nil || !o.End(id) {
			refuse(w, http.StatusNotFound, fmt.Errorf("there is no fault %s", r.PathValue("id")))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromThisMachine(r) {
			refuse(w, http.StatusForbidden, fmt.Errorf("%s serves this machine only", AdminPath))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// longestOrder bounds the body of a POST.
const longestOrder = 4 << 10

func post(w http.ResponseWriter, r *http.Request, o Orders) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, errors.New("send Content-Type: application/json"))
		return
	}
	var in struct {
		Fault string `json:"fault"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestOrder))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf(`read the body: %w; write {"fault":"%s"}`, err, Kinds[0].Example))
		return
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		refuse(w, http.StatusBadRequest, errors.New("one order at a time: there is more behind the first"))
		return
	}
	id, err := o.Order(in.Fault)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]int{"id": id})
}

func fromThisMachine(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

func refuse(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that is gone has no use for it
}
