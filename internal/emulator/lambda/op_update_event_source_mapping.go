package lambda

import (
	"net/http"

	"weir/internal/emulator/wire"
)

// updateEventSourceMapping lets what is under way come to its end and goes on
// behind it with the new configuration. The stream cannot be changed.
func (s *Server) updateEventSourceMapping(r *http.Request, body []byte) (int, any, error) {
	var request mappingRequest
	if err := wire.DecodeJSON(body, &request); err != nil {
		return 0, nil, err
	}
	request.EventSourceArn, request.StartingPosition = nil, nil
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.mapping(r.PathValue("uuid"))
	if err != nil {
		return 0, nil, err
	}
	if err := m.settled(); err != nil {
		return 0, nil, err
	}
	config := m.config
	if err := request.apply(&config); err != nil {
		return 0, nil, err
	}
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return 0, nil, err
	}
	filter, err := compileFilter(config.Filters)
	if err != nil {
		return 0, nil, err
	}
	f, err := s.function(config.Function)
	if err != nil {
		return 0, nil, err
	}
	m.f, m.filter = f, filter
	state := s.update(m, config)
	answer := s.describeMapping(m)
	answer.State = state
	return http.StatusAccepted, answer, nil
}
