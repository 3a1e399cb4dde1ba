package local

import (
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
)

// source is the embedded stream as the embedded mapping reads it: in process,
// under the same read limits as any consumer.
type source struct{ *kinesis.Server }

func (s source) Position(streamARN, shard string, start lambda.StartingPosition) (uint64, error) {
	return s.Server.Position(streamARN, shard, kinesis.Start{Type: kinesis.StartType(start.Type), Timestamp: start.At})
}

func (s source) Read(streamARN, shard string, from uint64, limit int) (lambda.Read, error) {
	got, err := s.Server.Read(streamARN, shard, from, limit)
	if err != nil {
		return lambda.Read{}, err
	}
	records := make([]lambda.Record, len(got.Records))
	for i, r := range got.Records {
		records[i] = lambda.Record(r)
	}
	return lambda.Read{
		Records: records, Next: got.Next, MillisBehind: got.MillisBehind,
		Throttled: got.Throttled, Skipped: got.Skipped, Latency: got.Latency,
	}, nil
}
