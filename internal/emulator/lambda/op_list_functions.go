package lambda

import (
	"maps"
	"net/http"
	"slices"
)

// listFunctions gives all functions in one page, by name.
func (s *Server) listFunctions(*http.Request, []byte) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := struct{ Functions []functionConfiguration }{[]functionConfiguration{}}
	for _, name := range slices.Sorted(maps.Keys(s.functions)) {
		answer.Functions = append(answer.Functions, s.describe(s.functions[name]))
	}
	return http.StatusOK, answer, nil
}
