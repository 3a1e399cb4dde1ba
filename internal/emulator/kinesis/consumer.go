package kinesis

import (
	"strconv"
	"time"

	"weir/internal/emulator/wire"
)

// consumer is a registered consumer of one stream, under that stream's lock.
type consumer struct {
	name       string
	arn        string
	created    time.Time
	active     time.Time // when CREATING ends
	gone       time.Time // when DELETING ends; zero while it is registered
	tags       map[string]string
	policy     string
	series     *consumerSeries
	subscribed map[string]*subscription // the latest of each shard
}

func consumerARN(stream, name string, created time.Time) string {
	return stream + "/consumer/" + name + ":" + strconv.FormatInt(created.Unix(), 10)
}

func (c *consumer) status(now time.Time) string {
	switch {
	case !c.gone.IsZero():
		return statusDeleting
	case now.Before(c.active):
		return statusCreating
	}
	return statusActive
}

// living are the consumers that aren't gone; st.mu is held.
func (st *stream) living(now time.Time) map[string]*consumer {
	living := make(map[string]*consumer, len(st.consumers))
	for name, c := range st.consumers {
		if c.gone.IsZero() || now.Before(c.gone) {
			living[name] = c
		}
	}
	return living
}

func (st *stream) consumerCount(now time.Time) int {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return len(st.living(now))
}

// consumerOf is the consumer of that ARN, nil where there is none; st.mu is held.
func (st *stream) consumerOf(arn string, now time.Time) *consumer {
	for _, c := range st.living(now) {
		if c.arn == arn {
			return c
		}
	}
	return nil
}

// consumerDescription is a consumer as the lists give it.
type consumerDescription struct {
	ConsumerName              string
	ConsumerARN               string
	ConsumerStatus            string
	ConsumerCreationTimestamp wire.Timestamp
}

func (c *consumer) describe(now time.Time) consumerDescription {
	return consumerDescription{c.name, c.arn, c.status(now), wire.Timestamp{Time: c.created}}
}

// consumerRef names a consumer by its ARN, or by its stream's and its name.
type consumerRef struct {
	StreamARN    *string
	ConsumerName *string
	ConsumerARN  *string
}

func (v *validation) consumer(ref consumerRef) {
	v.text("streamARN", ref.StreamARN, arnPattern, 1, 2048)
	v.text("consumerName", ref.ConsumerName, namePattern, 1, 128)
	v.text("consumerARN", ref.ConsumerARN, consumerPattern, 1, 2048)
}

// withConsumer does something to a consumer under its stream's lock.
func (s *Server) withConsumer(ref consumerRef, now time.Time, do func(*stream, *consumer) error) error {
	arn := ref.ConsumerARN
	if arn == nil {
		if ref.StreamARN == nil || ref.ConsumerName == nil {
			return invalidArgument("Either ConsumerARN or both StreamARN and ConsumerName should be provided.")
		}
		arn = ref.StreamARN
	}
	return s.locked(streamRef{StreamName: new(nameOf(*arn))}, now, func(st *stream) error {
		if ref.ConsumerARN != nil {
			if c := st.consumerOf(*arn, now); c != nil {
				return do(st, c)
			}
			return s.consumerNotFound(*arn)
		}
		if c := st.living(now)[*ref.ConsumerName]; c != nil {
			return do(st, c)
		}
		return s.consumerNotFound(*ref.ConsumerName)
	})
}

func (s *Server) consumerNotFound(nameOrARN string) *wire.Error {
	return notFound("Consumer " + nameOrARN + ", account " + s.cfg.AccountID + " not found.")
}

// consumerSeries are a consumer's metrics
// (streams/latest/dev/monitoring-with-cloudwatch, 2026-11-22).
type consumerSeries struct {
	rateExceeded, success              metric // of SubscribeToShard calls
	bytes, records, sent, millisBehind metric // of events
}

func newConsumerSeries(series Series, stream, name string) *consumerSeries {
	of := func(metric, unit string) metric {
		if series == nil {
			return func(time.Time, float64, int) {}
		}
		return series(namespace, metric, unit, "StreamName", stream, "ConsumerName", name)
	}
	return &consumerSeries{
		rateExceeded: of("SubscribeToShard.RateExceeded", "Count"),
		success:      of("SubscribeToShard.Success", "Count"),
		bytes:        of("SubscribeToShardEvent.Bytes", "Bytes"),
		records:      of("SubscribeToShardEvent.Records", "Count"),
		sent:         of("SubscribeToShardEvent.Success", "Count"),
		millisBehind: of("SubscribeToShardEvent.MillisBehindLatest", "Milliseconds"),
	}
}

// event records one event that was sent.
func (s *consumerSeries) event(at time.Time, got *found) {
	s.bytes.add(at, float64(got.size))
	s.records.add(at, float64(got.records))
	s.sent.add(at, 1)
	s.millisBehind.add(at, float64(got.MillisBehind))
}
