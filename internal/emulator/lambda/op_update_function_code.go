package lambda

import (
	"net/http"
	"os"

	"weir/internal/emulator/wire"
)

// updateFunctionCode runs the code of another zip from the next invocation
// on. The function that the pipeline started with can be replaced so too.
func (s *Server) updateFunctionCode(r *http.Request, body []byte) (int, any, error) {
	if err := s.mayRunCode(r); err != nil {
		return 0, nil, err
	}
	var request struct {
		ZipFile    []byte
		RevisionID string `json:"RevisionId"`
		DryRun     bool
	}
	if err := wire.DecodeJSON(body, &request); err != nil {
		return 0, nil, err
	}
	if len(request.ZipFile) == 0 {
		return 0, nil, invalid("Please provide a source for function code.")
	}
	config, err := s.functionToUpdate(r.PathValue("name"), request.RevisionID)
	if err != nil {
		return 0, nil, err
	}
	if config.codeBytes == 0 { // it was this program's, or a command's
		config.Runtime = "provided.al2023"
	}
	dir, err := s.useCode(&config, request.ZipFile)
	if err != nil {
		return 0, nil, err
	}
	if request.DryRun {
		_ = os.RemoveAll(dir) // a temporary directory's
		return s.answerFunction(http.StatusOK, config.Name)
	}
	if err := s.UpdateFunction(config); err != nil {
		_ = os.RemoveAll(dir) // the refusal matters more
		return 0, nil, err
	}
	return s.answerFunction(http.StatusOK, config.Name)
}

// functionToUpdate is the configuration of a function, if it still is the
// revision; empty: any.
func (s *Server) functionToUpdate(name, revision string) (FunctionConfig, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(name)
	if err != nil {
		return FunctionConfig{}, err
	}
	if revision != "" && revision != f.id {
		return FunctionConfig{}, &wire.Error{
			Code: "PreconditionFailedException", Status: http.StatusPreconditionFailed,
			Message: "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
		}
	}
	return f.FunctionConfig, nil
}
