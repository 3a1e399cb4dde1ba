package lambda

import (
	"maps"
	"net/http"
	"slices"
)

// listEventSourceMappings gives all mappings in one page, by UUID; of one
// function or stream where the query names it.
func (s *Server) listEventSourceMappings(r *http.Request, _ []byte) (int, any, error) {
	stream, name := r.URL.Query().Get("EventSourceArn"), r.URL.Query().Get("FunctionName")
	s.mu.Lock()
	defer s.mu.Unlock()
	var of *function
	if name != "" {
		var err error
		if of, err = s.function(name); err != nil {
			return 0, nil, err
		}
	}
	answer := struct{ EventSourceMappings []mappingConfiguration }{[]mappingConfiguration{}}
	for _, uuid := range slices.Sorted(maps.Keys(s.mappings)) {
		m := s.mappings[uuid]
		if (stream == "" || stream == m.config.StreamARN) && (of == nil || of == m.f) {
			answer.EventSourceMappings = append(answer.EventSourceMappings, s.describeMapping(m))
		}
	}
	return http.StatusOK, answer, nil
}
