package kinesis

import "time"

// namespace of the stream's CloudWatch metrics
// (streams/latest/dev/monitoring-with-cloudwatch, 2026-11-22).
const namespace = "AWS/Kinesis"

// Series gives the function that records one metric's values. Dimensions are
// name, value pairs. The server asks once for each metric of a stream; the
// functions are called by many goroutines at once.
type Series func(namespace, name, unit string, dims ...string) func(at time.Time, value float64, count int)

// streamSeries are a stream's metrics. Each operation gives each of its metrics
// one value, so that Minimum, Maximum and Average speak of operations and
// SampleCount counts them.
type streamSeries struct {
	incomingBytes, incomingRecords metric
	writeExceeded, readExceeded    metric

	putRecord  putSeries
	putRecords struct {
		putSeries
		total, successful, failed, throttled, records metric
	}
	getRecords struct {
		bytes, latency, success, records, iteratorAge metric
	}
}

type putSeries struct{ bytes, latency, success metric }

type metric func(at time.Time, value float64, count int)

// add records one operation's value.
func (m metric) add(at time.Time, value float64) { m(at, value, 1) }

func newStreamSeries(series Series, stream string) *streamSeries {
	of := func(name, unit string) metric {
		if series == nil {
			return func(time.Time, float64, int) {}
		}
		return series(namespace, name, unit, "StreamName", stream)
	}
	s := &streamSeries{
		incomingBytes:   of("IncomingBytes", "Bytes"),
		incomingRecords: of("IncomingRecords", "Count"),
		writeExceeded:   of("WriteProvisionedThroughputExceeded", "Count"),
		readExceeded:    of("ReadProvisionedThroughputExceeded", "Count"),
		putRecord:       newPutSeries(of, "PutRecord."),
	}
	s.putRecords.putSeries = newPutSeries(of, "PutRecords.")
	s.putRecords.total = of("PutRecords.TotalRecords", "Count")
	s.putRecords.successful = of("PutRecords.SuccessfulRecords", "Count")
	s.putRecords.failed = of("PutRecords.FailedRecords", "Count")
	s.putRecords.throttled = of("PutRecords.ThrottledRecords", "Count")
	s.putRecords.records = of("PutRecords.Records", "Count")
	s.getRecords.bytes = of("GetRecords.Bytes", "Bytes")
	s.getRecords.latency = of("GetRecords.Latency", "Milliseconds")
	s.getRecords.success = of("GetRecords.Success", "Count")
	s.getRecords.records = of("GetRecords.Records", "Count")
	s.getRecords.iteratorAge = of("GetRecords.IteratorAgeMilliseconds", "Milliseconds")
	return s
}

func newPutSeries(of func(name, unit string) metric, prefix string) putSeries {
	return putSeries{
		bytes:   of(prefix+"Bytes", "Bytes"),
		latency: of(prefix+"Latency", "Milliseconds"),
		success: of(prefix+"Success", "Count"),
	}
}

// tally sums up one put operation.
type tally struct {
	total, accepted int
	bytes           int // of the accepted records
}

func (t *tally) count(o *offer) {
	t.total++
	if o.accepted {
		t.accepted++
		t.bytes += o.size()
	}
}

// put records what PutRecord and PutRecords have in common. A call succeeds
// when at least one record did.
func (s *streamSeries) put(operation *putSeries, at time.Time, latency time.Duration, t tally) {
	operation.latency.add(at, milliseconds(latency))
	s.writeExceeded.add(at, float64(t.total-t.accepted))
	if t.accepted == 0 {
		operation.success.add(at, 0)
		return
	}
	operation.success.add(at, 1)
	operation.bytes.add(at, float64(t.bytes))
	s.incomingBytes.add(at, float64(t.bytes))
	s.incomingRecords.add(at, float64(t.accepted))
}

// batch records a PutRecords call.
func (s *streamSeries) batch(at time.Time, latency time.Duration, t tally) {
	s.put(&s.putRecords.putSeries, at, latency, t)
	s.putRecords.total.add(at, float64(t.total))
	s.putRecords.successful.add(at, float64(t.accepted))
	s.putRecords.records.add(at, float64(t.accepted))
	s.putRecords.throttled.add(at, float64(t.total-t.accepted))
	s.putRecords.failed.add(at, 0)
}

// get records a GetRecords call. IteratorAgeMilliseconds is the answer's
// MillisBehindLatest: 0 when caught up.
func (s *streamSeries) get(at time.Time, latency time.Duration, got *found) {
	s.getRecords.latency.add(at, milliseconds(latency))
	if got.Throttled {
		s.readExceeded.add(at, 1)
		s.getRecords.success.add(at, 0)
		return
	}
	s.readExceeded.add(at, 0)
	s.getRecords.success.add(at, 1)
	s.getRecords.bytes.add(at, float64(got.size))
	s.getRecords.records.add(at, float64(got.records))
	s.getRecords.iteratorAge.add(at, float64(got.MillisBehind))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
