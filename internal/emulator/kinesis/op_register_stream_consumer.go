package kinesis

import (
	"fmt"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

type registerRequest struct {
	StreamARN, ConsumerName *string
	Tags                    map[string]string
}

func (r *registerRequest) check(v *validation) {
	v.needs("streamARN", r.StreamARN, arnPattern, 1, quota.MaxARNChars)
	v.needs("consumerName", r.ConsumerName, namePattern, 1, quota.MaxStreamNameChars)
	v.tags(r.Tags)
}

// registerStreamConsumer answers RegisterStreamConsumer.
func (s *Server) registerStreamConsumer(c *call) (any, error) {
	var in registerRequest
	if err := c.read(&in, in.check); err != nil {
		return nil, err
	}
	var out struct{ Consumer consumerDescription }
	err := s.locked(streamRef{StreamARN: in.StreamARN}, c.start, func(st *stream) error {
		if c.start.Before(st.active) {
			return s.notActive(st, statusCreating)
		}
		if err := s.checkRegistration(st, *in.ConsumerName, c.start); err != nil {
			return err
		}
		tags, err := withTags(nil, in.Tags, "consumer "+*in.ConsumerName)
		if err != nil {
			return err
		}
		made := &consumer{
			name:       *in.ConsumerName,
			arn:        consumerARN(st.arn, *in.ConsumerName, c.start),
			created:    c.start,
			active:     c.start.Add(s.cfg.CreateTime),
			tags:       tags,
			series:     newConsumerSeries(s.cfg.Series, st.name, *in.ConsumerName),
			subscribed: make(map[string]*subscription),
		}
		st.consumers[made.name] = made
		out.Consumer = made.describe(c.start)
		out.Consumer.ConsumerStatus = statusCreating
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkRegistration refuses a name that is taken and a consumer too many; st.mu
// is held.
func (s *Server) checkRegistration(st *stream, name string, now time.Time) error {
	living := st.living(now)
	if taken := living[name]; taken != nil {
		return &wire.Error{
			Code: "ResourceInUseException",
			Message: fmt.Sprintf("Consumer %s under stream %s already exists for account %s.",
				name, st.name, s.cfg.AccountID),
		}
	}
	if len(living) >= quota.MaxConsumersPerStream {
		return limitExceeded(fmt.Sprintf("Stream %s under account %s cannot have more than %d consumers.", st.name, s.cfg.AccountID, quota.MaxConsumersPerStream))
	}
	creating := 0
	for _, c := range living {
		if c.status(now) == statusCreating {
			creating++
		}
	}
	if creating >= quota.ConsumersBeingMade {
		return limitExceeded(fmt.Sprintf("Stream %s under account %s cannot have more than %d consumers in CREATING state.", st.name, s.cfg.AccountID, quota.ConsumersBeingMade))
	}
	return nil
}
