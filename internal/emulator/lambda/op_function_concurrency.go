package lambda

import (
	"net/http"

	"weir/internal/emulator/wire"
)

type reservation struct {
	ReservedConcurrentExecutions *int `json:",omitempty"`
}

// putFunctionConcurrency sets the reservation, at once. Executions under way
// are not ended when it is below their number.
func (s *Server) putFunctionConcurrency(r *http.Request, body []byte) (int, any, error) {
	var request reservation
	if err := wire.DecodeJSON(body, &request); err != nil {
		return 0, nil, err
	}
	if n := request.ReservedConcurrentExecutions; n == nil || *n < 0 {
		return 0, nil, invalid("ReservedConcurrentExecutions must be a number from 0")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	if err := s.concurrency.Reserve(f.name, *request.ReservedConcurrentExecutions); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, request, nil
}

// getFunctionConcurrency answers an empty object for a function without a
// reservation.
func (s *Server) getFunctionConcurrency(r *http.Request, _ []byte) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	var answer reservation
	if n, ok := s.concurrency.Reserved(f.name); ok {
		answer.ReservedConcurrentExecutions = &n
	}
	return http.StatusOK, answer, nil
}
