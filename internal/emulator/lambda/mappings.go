package lambda

import (
	"fmt"
	"net/http"
	"time"

	"weir/internal/emulator/wire"
)

// States of a mapping (lambda/latest/api/API_EventSourceMappingConfiguration).
const (
	stateCreating  = "Creating"
	stateEnabling  = "Enabling"
	stateEnabled   = "Enabled"
	stateDisabling = "Disabling"
	stateDisabled  = "Disabled"
	stateUpdating  = "Updating"
	stateDeleting  = "Deleting"
)

// mapping is an event source mapping as the API knows it. The server's lock
// guards it; its poller runs while it is enabled.
//
//	create ─► Enabled or Disabled
//	update ─► Updating, Enabling or Disabling ─► Enabled or Disabled
//	delete ─► Deleting ─► gone
type mapping struct {
	uuid       string
	config     MappingConfig
	filter     filter // of config
	f          *function
	state      string
	modified   time.Time // by an update or a change of state
	lastResult string
	core       *Mapping // the poller's while there is one
	poller     *poller  // nil while the mapping is not enabled
}

// CreateMapping adds an event source mapping and enables it, unless it is
// configured as disabled.
func (s *Server) CreateMapping(c MappingConfig) (uuid string, err error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return "", err
	}
	filter, err := compileFilter(c.Filters)
	if err != nil {
		return "", err
	}
	shards, err := s.startPositions(c)
	if err != nil {
		return "", err
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(c.Function)
	if err != nil {
		return "", err
	}
	for _, m := range s.mappings {
		if m.f == f && m.config.StreamARN == c.StreamARN {
			return "", &wire.Error{Code: "ResourceConflictException", Status: http.StatusConflict, Message: fmt.Sprintf(
				`The event source arn (" %s ") and function (" %s ") provided mapping already exists. Please update or delete the existing mapping with UUID %s`, c.StreamARN, f.name, m.uuid)}
		}
	}
	m := &mapping{
		uuid: s.random.uuid(), config: c, filter: filter, f: f, state: stateDisabled,
		modified: now, lastResult: "No records processed", core: NewMapping(s.options(c), shards, s.clock.at(now)),
	}
	s.mappings[m.uuid] = m
	if !c.Disabled {
		s.enable(m)
	}
	return m.uuid, nil
}

// startPositions are the stream's shards and where the mapping starts in each.
func (s *Server) startPositions(c MappingConfig) ([]ShardStart, error) {
	shards, err := s.lineage(c.StreamARN)
	if err != nil {
		return nil, invalid("Stream not found: %s", c.StreamARN)
	}
	for i, shard := range shards {
		shards[i].From, err = s.cfg.Source.Position(c.StreamARN, shard.ID, c.Start)
		if err != nil {
			return nil, fmt.Errorf("find starting position in %s: %w", shard.ID, err)
		}
	}
	return shards, nil
}

// lineage is all of a stream's shards from their first record on. Parents that
// the stream has forgotten, with their records, are left out: nobody is to wait
// for them.
func (s *Server) lineage(streamARN string) ([]ShardStart, error) {
	listed, err := s.cfg.Source.Shards(streamARN)
	if err != nil {
		return nil, fmt.Errorf("list shards: %w", err)
	}
	there := map[string]bool{}
	for _, shard := range listed {
		there[shard.ID] = true
	}
	shards := make([]ShardStart, len(listed))
	for i, shard := range listed {
		shards[i].ID = shard.ID
		for _, parent := range shard.Parents {
			if there[parent] {
				shards[i].Parents = append(shards[i].Parents, parent)
			}
		}
	}
	return shards, nil
}

// enable starts the mapping's poller. The caller holds the lock.
func (s *Server) enable(m *mapping) {
	if s.closed {
		return
	}
	now := s.now()
	m.state, m.modified = stateEnabled, now
	m.core.Resume(s.clock.at(now), s.options(m.config))
	p := &poller{
		s: s, uuid: m.uuid, config: m.config, filter: m.filter, f: m.f, core: m.core, seen: m.core.Events(),
		source: &eventSource{region: s.cfg.Region, streamARN: m.config.StreamARN, roleARN: s.roleARN()},
		series: s.newMappingSeries(m.uuid),
		events: make(chan func(time.Time)), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	p.report = func(result string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		m.lastResult = result
	}
	m.poller = p
	s.background.Go(func() { p.run(s.ctx) })
}

// settle drains the mapping's poller in the background, and then calls next
// with the lock held. The caller holds the lock.
func (s *Server) settle(m *mapping, state string, next func()) {
	m.state, m.modified = state, s.now()
	p := m.poller
	m.poller = nil
	if p == nil {
		next()
		return
	}
	if s.closed {
		return
	}
	close(p.stop)
	s.background.Go(func() {
		<-p.stopped
		s.mu.Lock()
		defer s.mu.Unlock()
		next()
	})
}

// update puts a changed configuration in force, and gives the state until it
// is. The caller holds the lock.
func (s *Server) update(m *mapping, c MappingConfig) (state string) {
	state = stateUpdating
	switch {
	case c.Disabled && !m.config.Disabled:
		state = stateDisabling
	case m.config.Disabled && !c.Disabled:
		state = stateEnabling
	}
	m.config = c
	s.settle(m, state, func() {
		if !c.Disabled {
			s.enable(m)
			return
		}
		m.state, m.modified = stateDisabled, s.now()
	})
	return state
}

// remove drains the mapping and forgets it. The caller holds the lock.
func (s *Server) remove(m *mapping) {
	s.settle(m, stateDeleting, func() { delete(s.mappings, m.uuid) })
}

// mapping is the mapping by UUID. The caller holds the lock.
func (s *Server) mapping(uuid string) (*mapping, error) {
	if m := s.mappings[uuid]; m != nil {
		return m, nil
	}
	return nil, &wire.Error{Code: "ResourceNotFoundException", Message: "The resource you requested does not exist.", Status: http.StatusNotFound}
}

// settled refuses a change while another is under way.
func (m *mapping) settled() error {
	if m.state == stateEnabled || m.state == stateDisabled {
		return nil
	}
	return &wire.Error{Code: "ResourceInUseException", Message: "Cannot change the event source mapping because it is " + m.state + ".", Status: http.StatusBadRequest}
}

// roleARN is the execution role that events and answers name.
func (s *Server) roleARN() string { return "arn:aws:iam::" + s.cfg.AccountID + ":role/weir" }
