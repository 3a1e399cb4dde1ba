package lambda

import "net/http"

// createFunction refuses: the functions of the embedded pipeline are given when
// it starts, as a program or as the built-in work model, because there is no
// place here to unpack and run a deployment package.
func (s *Server) createFunction(*http.Request, []byte) (int, any, error) {
	return 0, nil, invalid("The embedded Lambda takes its functions when the pipeline starts, not by CreateFunction.")
}
