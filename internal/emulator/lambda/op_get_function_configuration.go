package lambda

import "net/http"

// getFunctionConfiguration knows no qualifiers: there is only $LATEST.
func (s *Server) getFunctionConfiguration(r *http.Request, _ []byte) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.describe(f), nil
}
