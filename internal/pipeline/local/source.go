package local

import (
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
)

// source is the embedded stream as the embedded mapping reads it: in process,
// under the same read limits as any consumer, and struck by the faults that name
// GetRecords.
type source struct {
	*kinesis.Server
	faults *fault.Schedule
}

func (s source) Position(streamARN, shard string, start lambda.StartingPosition) (uint64, error) {
	return s.Server.Position(streamARN, shard, kinesis.Start{Type: kinesis.StartType(start.Type), Timestamp: start.At})
}

func (s source) Read(streamARN, shard string, from uint64, limit int) (lambda.Read, error) {
	v := s.faults.Call("", "GetRecords", time.Now())
	// Of a call that failed the mapping has nothing, and polls again.
	nothing := lambda.Read{Next: from, Throttled: true, Latency: v.Wait}
	if refused := v.Error != nil || v.Reset; refused {
		return nothing, nil
	}
	got, err := s.Server.Read(streamARN, shard, from, limit)
	switch {
	case err != nil:
		return lambda.Read{}, err
	case v.DropAnswer:
		return nothing, nil
	}
	records := make([]lambda.Record, len(got.Records))
	for i, r := range got.Records {
		records[i] = lambda.Record(r)
	}
	return lambda.Read{
		Records: records, Next: got.Next, MillisBehind: got.MillisBehind,
		Throttled: got.Throttled, Skipped: got.Skipped, Latency: got.Latency + v.Wait,
	}, nil
}
