package lambda

import "net/http"

// getAccountSettings gives the concurrency limits; code sizes are Lambda's
// defaults and mean nothing here.
func (s *Server) getAccountSettings(*http.Request, []byte) (int, any, error) {
	type limits struct {
		TotalCodeSize, CodeSizeUnzipped, CodeSizeZipped int64
		ConcurrentExecutions                            int
		UnreservedConcurrentExecutions                  int
	}
	type usage struct{ TotalCodeSize, FunctionCount int64 }
	s.mu.Lock()
	defer s.mu.Unlock()
	return http.StatusOK, struct {
		AccountLimit limits
		AccountUsage usage
	}{
		limits{75 << 30, 250 << 20, 50 << 20, s.cfg.AccountConcurrency, s.concurrency.Unreserved()},
		usage{FunctionCount: int64(len(s.functions))},
	}, nil
}
