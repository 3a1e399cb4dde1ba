package local

import (
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
)

// source is the embedded stream as the embedded mapping reads it: in process,
// under the same read limits as any consumer.
type source struct{ *kinesis.Server }

func (s source) Shards(streamARN string) ([]lambda.Shard, error) {
	ids, err := s.Server.Shards(streamARN)
	if err != nil {
		return nil, err
	}
	shards := make([]lambda.Shard, len(ids))
	for i, id := range ids {
		shards[i].ID = id
		if shards[i].Parents, err = s.Parents(streamARN, id); err != nil {
			return nil, err
		}
	}
	return shards, nil
}

func (s source) Position(streamARN, shard string, start lambda.StartingPosition) (uint64, error) {
	return s.Server.Position(streamARN, shard, kinesis.Start{Type: kinesis.StartType(start.Type), Timestamp: start.At})
}

func (s source) Read(streamARN, shard string, from uint64, limit int) (lambda.Read, error) {
	got, err := s.Server.Read(streamARN, shard, from, limit)
	if err != nil {
		return lambda.Read{}, err
	}
	return read(got), nil
}

// read is a read of the stream in the mapping's types.
func read(got kinesis.Read) lambda.Read {
	r := lambda.Read{
		Records: make([]lambda.Record, len(got.Records)), Next: got.Next, MillisBehind: got.MillisBehind,
		Throttled: got.Throttled, Skipped: got.Skipped, Latency: got.Latency, End: got.End,
	}
	for i, record := range got.Records {
		r.Records[i] = lambda.Record(record)
	}
	for _, child := range got.Children {
		r.Children = append(r.Children, lambda.Shard{ID: child.ID, Parents: child.Parents})
	}
	return r
}
