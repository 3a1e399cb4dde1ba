package kinesis

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// journal writes down the values that a server gives, as "name value".
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) series(namespace, name, unit string, dims ...string) func(time.Time, float64, int) {
	if namespace != "AWS/Kinesis" || len(dims) != 2 || dims[0] != "StreamName" {
		panic(fmt.Sprint("unexpected series ", namespace, " ", dims))
	}
	return func(_ time.Time, value float64, count int) {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.lines = append(j.lines, fmt.Sprint(dims[1], " ", name, " ", value, " ", unit, strings.Repeat(" twice", count-1)))
	}
}

// shardSeries writes down the metrics of shards only, as "stream shard name value".
func (j *journal) shardSeries(namespace, name, unit string, dims ...string) func(time.Time, float64, int) {
	if len(dims) != 4 || dims[2] != "ShardId" {
		return func(time.Time, float64, int) {}
	}
	return j.series(namespace, name, unit, "StreamName", dims[1]+" "+dims[3])
}

// consumerSeries writes down the metrics of consumers only, as "stream consumer
// name value".
func (j *journal) consumerSeries(namespace, name, unit string, dims ...string) func(time.Time, float64, int) {
	if len(dims) != 4 || dims[2] != "ConsumerName" {
		return func(time.Time, float64, int) {}
	}
	return j.series(namespace, name, unit, "StreamName", dims[1]+" "+dims[3])
}

// take is what was written since the last call, sorted.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	slices.Sort(lines)
	return lines
}

func TestSeries(t *testing.T) {
	var j journal
	now := &clock{now: epoch}
	s := New(Config{Now: now.Now, Series: j.series})
	mustCreate(t, s, "s", 1)
	tests := []struct {
		name string
		do   func()
		want []string
	}{
		{"a put of one record, 999 999 + 1 bytes", func() {
			post(s, "Kinesis_20131202.PutRecord", `{"StreamName":"s","PartitionKey":"k","Data":"`+zeros(999_999)+`"}`)
		}, []string{
			"s IncomingBytes 1e+06 Bytes",
			"s IncomingRecords 1 Count",
			"s PutRecord.Bytes 1e+06 Bytes",
			"s PutRecord.Latency 0 Milliseconds",
			"s PutRecord.Success 1 Count",
			"s WriteProvisionedThroughputExceeded 0 Count",
		}},
		{"two records, of which 48 576 bytes are left for one", func() {
			entry := `{"PartitionKey":"k","Data":"` + zeros(30_000) + `"}`
			post(s, "Kinesis_20131202.PutRecords", `{"StreamName":"s","Records":[`+entry+`,`+entry+`]}`)
		}, []string{
			"s IncomingBytes 30001 Bytes",
			"s IncomingRecords 1 Count",
			"s PutRecords.Bytes 30001 Bytes",
			"s PutRecords.FailedRecords 0 Count",
			"s PutRecords.Latency 0 Milliseconds",
			"s PutRecords.Records 1 Count",
			"s PutRecords.Success 1 Count",
			"s PutRecords.SuccessfulRecords 1 Count",
			"s PutRecords.ThrottledRecords 1 Count",
			"s PutRecords.TotalRecords 2 Count",
			"s WriteProvisionedThroughputExceeded 1 Count",
		}},
		{"a refused put of one record", func() {
			post(s, "Kinesis_20131202.PutRecord", `{"StreamName":"s","PartitionKey":"k","Data":"`+zeros(30_000)+`"}`)
		}, []string{
			"s PutRecord.Latency 0 Milliseconds",
			"s PutRecord.Success 0 Count",
			"s WriteProvisionedThroughputExceeded 1 Count",
		}},
		{"a read of the first record 250 ms later", func() {
			now.add(250 * time.Millisecond)
			_, _ = s.Read("s", "shardId-000000000000", 0, 1)
		}, []string{
			"s GetRecords.Bytes 1e+06 Bytes",
			"s GetRecords.IteratorAgeMilliseconds 250 Milliseconds",
			"s GetRecords.Latency 0 Milliseconds",
			"s GetRecords.Records 1 Count",
			"s GetRecords.Success 1 Count",
			"s ReadProvisionedThroughputExceeded 0 Count",
		}},
		{"reads at the tip until the sixth is refused", func() {
			for range 4 {
				_, _ = s.Read("s", "shardId-000000000000", 2, 1)
			}
			j.take()
			_, _ = s.Read("s", "shardId-000000000000", 2, 1)
		}, []string{
			"s GetRecords.Latency 0 Milliseconds",
			"s GetRecords.Success 0 Count",
			"s ReadProvisionedThroughputExceeded 1 Count",
		}},
	}
	for _, test := range tests {
		test.do()
		if diff := cmp.Diff(test.want, j.take()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
