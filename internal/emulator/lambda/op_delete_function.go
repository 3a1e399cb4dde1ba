package lambda

import "net/http"

// deleteFunction forgets the function at once. Its mappings stay.
func (s *Server) deleteFunction(r *http.Request, _ []byte) (int, any, error) {
	if err := s.DeleteFunction(r.PathValue("name")); err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, nil
}
