package lambda

import (
	"net/http"
	"time"

	"weir/internal/emulator/wire"
)

// updateFunctionConfiguration changes what the request has, from the next
// invocation on, which is a cold start. Roles, layers and the like mean nothing
// here and are read over.
func (s *Server) updateFunctionConfiguration(r *http.Request, body []byte) (int, any, error) {
	var request struct {
		Timeout, MemorySize *int
		Handler, Runtime    *string
		Environment         *functionVariables
		RevisionID          string `json:"RevisionId"`
	}
	if err := wire.DecodeJSON(body, &request); err != nil {
		return 0, nil, err
	}
	config, err := s.functionToUpdate(r.PathValue("name"), request.RevisionID)
	if err != nil {
		return 0, nil, err
	}
	if err := setPositive(&config.MemoryMB, request.MemorySize, "memorySize"); err != nil {
		return 0, nil, err
	}
	timeout := int(config.Timeout / time.Second)
	if err := setPositive(&timeout, request.Timeout, "timeout"); err != nil {
		return 0, nil, err
	}
	if request.Timeout != nil {
		config.Timeout = time.Duration(timeout) * time.Second
	}
	set(&config.Handler, request.Handler)
	if request.Runtime != nil && config.codeBytes > 0 {
		command, err := program(*request.Runtime, config.Dir)
		if err != nil {
			return 0, nil, err
		}
		config.Runtime, config.Command = *request.Runtime, command
	}
	if request.Environment != nil {
		config.Env = request.Environment.Variables
	}
	if err := config.validate(); err != nil {
		return 0, nil, invalid("%v", err)
	}
	if err := s.UpdateFunction(config); err != nil {
		return 0, nil, err
	}
	return s.answerFunction(http.StatusOK, config.Name)
}
