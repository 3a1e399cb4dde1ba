package lambda

import (
	"net/http"
	"time"
)

// functionConfiguration is API_FunctionConfiguration, as far as it has meaning
// here: no code, layers, versions or roles of its own.
type functionConfiguration struct {
	FunctionName     string
	FunctionArn      string
	Runtime          string
	Role             string
	Handler          string
	CodeSize         int64
	Timeout          int
	MemorySize       int
	LastModified     string
	Version          string
	PackageType      string
	Architectures    []string
	CodeSha256       string `json:",omitempty"`
	RevisionId       string
	State            string
	LastUpdateStatus string
	Environment      *functionVariables `json:",omitempty"`
}

type functionVariables struct{ Variables map[string]string }

func (s *Server) describe(f *function) functionConfiguration {
	c := functionConfiguration{
		FunctionName: f.name, FunctionArn: f.arn, Runtime: f.Runtime, Role: s.roleARN(), Handler: f.Handler, CodeSize: f.codeBytes,
		Timeout: int((f.Timeout + time.Second - 1) / time.Second), MemorySize: f.MemoryMB,
		LastModified: f.modified.UTC().Format("2006-01-02T15:04:05.000+0000"), Version: latest,
		PackageType: "Zip", Architectures: []string{"x86_64"}, CodeSha256: f.codeSHA256, RevisionId: f.id, State: "Active", LastUpdateStatus: "Successful",
	}
	if len(f.Env) > 0 {
		c.Environment = &functionVariables{f.Env}
	}
	return c
}

// getFunction leaves out the link to the code: there is none.
func (s *Server) getFunction(r *http.Request, _ []byte) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	type concurrency struct{ ReservedConcurrentExecutions int }
	answer := struct {
		Configuration functionConfiguration
		Code          struct{}
		Concurrency   *concurrency `json:",omitempty"`
	}{Configuration: s.describe(f)}
	if n, ok := s.concurrency.Reserved(f.name); ok {
		answer.Concurrency = &concurrency{n}
	}
	return http.StatusOK, answer, nil
}
