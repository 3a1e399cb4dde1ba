package lambda

import "net/http"

// deleteEventSourceMapping lets what is under way come to its end; until then
// the mapping can be seen, Deleting.
func (s *Server) deleteEventSourceMapping(r *http.Request, _ []byte) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.mapping(r.PathValue("uuid"))
	if err != nil {
		return 0, nil, err
	}
	if err := m.settled(); err != nil {
		return 0, nil, err
	}
	s.remove(m)
	answer := s.describeMapping(m)
	answer.State = stateDeleting
	return http.StatusAccepted, answer, nil
}
