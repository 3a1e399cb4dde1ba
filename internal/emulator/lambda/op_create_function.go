package lambda

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// createFunctionRequest is the body of CreateFunction, as far as it has meaning
// here.
type createFunctionRequest struct {
	FunctionName, Runtime, Role, Handler string
	Timeout, MemorySize                  int
	Code                                 struct{ ZipFile []byte }
	Environment                          *functionVariables
}

var functionName = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

// createFunction makes a function of a zip with a program named bootstrap. One
// without it fails when it is first invoked, as it does in Lambda.
func (s *Server) createFunction(_ *http.Request, body []byte) (int, any, error) {
	if s.cfg.CodeDir == "" {
		return 0, nil, invalid("The embedded Lambda takes its functions when the pipeline starts, not by CreateFunction.")
	}
	var request createFunctionRequest
	if err := wire.DecodeJSON(body, &request); err != nil {
		return 0, nil, err
	}
	if err := request.validate(); err != nil {
		return 0, nil, err
	}
	dir, err := s.unpackCode(request.FunctionName, request.Code.ZipFile)
	if err != nil {
		return 0, nil, err
	}
	config := request.config(dir)
	err = config.validate()
	if err != nil {
		err = invalid("%v", err)
	} else {
		err = s.CreateFunction(config)
	}
	if err != nil {
		_ = os.RemoveAll(dir) // the refusal matters more
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return http.StatusCreated, s.describe(s.functions[config.Name]), nil
}

func (q *createFunctionRequest) validate() error {
	switch {
	case !functionName.MatchString(q.FunctionName):
		return invalid("Value '%s' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", q.FunctionName, functionName)
	case !slices.Contains([]string{"provided.al2023", "provided.al2"}, q.Runtime):
		return invalid("The embedded Lambda runs provided.al2023 and provided.al2, not %q.", q.Runtime)
	case q.Role == "":
		return invalid("Role must not be null")
	case q.Handler == "":
		return invalid("Handler must not be null")
	case len(q.Code.ZipFile) == 0:
		return invalid("Please provide a source for function code.")
	}
	return nil
}

func (q *createFunctionRequest) config(dir string) FunctionConfig {
	c := FunctionConfig{
		Name: q.FunctionName, Runtime: q.Runtime, Handler: q.Handler,
		Timeout: time.Duration(q.Timeout) * time.Second, MemoryMB: q.MemorySize,
		Command: []string{filepath.Join(dir, "bootstrap")}, Dir: dir, codeBytes: int64(len(q.Code.ZipFile)),
	}
	if q.Environment != nil {
		c.Env = q.Environment.Variables
	}
	return c
}

// unpackCode unpacks a function's zip into a new directory.
func (s *Server) unpackCode(name string, zipped []byte) (dir string, err error) {
	base, err := filepath.Abs(s.cfg.CodeDir)
	if err != nil {
		return "", fmt.Errorf("find code directory: %w", err)
	}
	dir, err = os.MkdirTemp(base, name+"-")
	if err != nil {
		return "", fmt.Errorf("make code directory: %w", err)
	}
	if err := unzip(zipped, dir, quota.CodeUnzippedBytes); err != nil {
		_ = os.RemoveAll(dir) // the refusal matters more
		return "", err
	}
	return dir, nil
}
