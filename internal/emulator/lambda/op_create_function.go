package lambda

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
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

// createFunction makes a function of a zip: with a program named bootstrap, or
// with Node.js code. One without it fails when it is first invoked, as it does
// in Lambda.
func (s *Server) createFunction(r *http.Request, body []byte) (int, any, error) {
	if err := s.mayRunCode(r); err != nil {
		return 0, nil, err
	}
	var request createFunctionRequest
	if err := wire.DecodeJSON(body, &request); err != nil {
		return 0, nil, err
	}
	if err := request.validate(); err != nil {
		return 0, nil, err
	}
	config := request.config()
	if err := config.validate(); err != nil {
		return 0, nil, invalid("%v", err)
	}
	dir, err := s.useCode(&config, request.Code.ZipFile)
	if err != nil {
		return 0, nil, err
	}
	if err := s.CreateFunction(config); err != nil {
		_ = os.RemoveAll(dir) // the refusal matters more
		return 0, nil, err
	}
	return s.answerFunction(http.StatusCreated, config.Name)
}

// mayRunCode refuses to take programs where the server is not to, and from web
// pages: a browser, which says where a request comes from, would send theirs.
func (s *Server) mayRunCode(r *http.Request) error {
	switch {
	case s.cfg.CodeDir == "":
		return invalid("This embedded Lambda takes its functions when the pipeline starts, not by its API.")
	case r.Header.Get("Origin") != "":
		return &wire.Error{Code: "AccessDeniedException", Message: "The embedded Lambda takes no code from web pages.", Status: http.StatusForbidden}
	}
	return nil
}

// answerFunction answers with the configuration of a function, as it is now.
func (s *Server) answerFunction(status int, name string) (int, any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(name)
	if err != nil {
		return 0, nil, err
	}
	return status, s.describe(f), nil
}

func (q *createFunctionRequest) validate() error {
	switch {
	case !functionName.MatchString(q.FunctionName):
		return invalid("Value '%s' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", q.FunctionName, functionName)
	case q.Role == "":
		return invalid("Role must not be null")
	case q.Handler == "":
		return invalid("Handler must not be null")
	case len(q.Code.ZipFile) == 0:
		return invalid("Please provide a source for function code.")
	}
	return nil
}

func (q *createFunctionRequest) config() FunctionConfig {
	c := FunctionConfig{
		Name: q.FunctionName, Runtime: q.Runtime, Handler: q.Handler,
		Timeout: time.Duration(q.Timeout) * time.Second, MemoryMB: q.MemorySize, Command: []string{bootstrap},
	}
	if q.Environment != nil {
		c.Env = q.Environment.Variables
	}
	return c
}

// useCode unpacks a zip into a new directory, and makes it what the function
// runs.
func (s *Server) useCode(c *FunctionConfig, zipped []byte) (dir string, err error) {
	if dir, err = s.unpackCode(c.Name, zipped); err != nil {
		return "", err
	}
	command, err := program(c.Runtime, dir)
	if err != nil {
		_ = os.RemoveAll(dir) // the refusal matters more
		return "", err
	}
	sum := sha256.Sum256(zipped)
	c.InProcess, c.Work, c.Command, c.Dir = nil, nil, command, dir
	c.codeBytes, c.codeSHA256 = int64(len(zipped)), base64.StdEncoding.EncodeToString(sum[:])
	return dir, nil
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
