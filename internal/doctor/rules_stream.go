package doctor

import (
	"fmt"
	"math"
	"strings"
	"time"

	"weir/internal/quota"
)

func streamState(f *Facts) []Finding {
	s := f.Stream
	if s == nil || s.Status == "ACTIVE" || s.Status == "UPDATING" {
		return nil
	}
	return []Finding{{
		ID: "stream-state", Severity: Blocker, What: fmt.Sprintf("stream %s is %s", s.Name, s.Status),
		Why: "only an ACTIVE or UPDATING stream takes records", Fix: "aws kinesis wait stream-exists --stream-name " + s.Name,
	}}
}

// recordSize compares the load's records, and those that the stream lets in,
// with what the stream and an invocation take.
func recordSize(f *Facts) []Finding {
	s := f.Stream
	if s == nil {
		return nil
	}
	fix := fmt.Sprintf("aws kinesis update-max-record-size --stream-arn arn:aws:kinesis:%s:%s:stream/%s --max-record-size-in-kib ", f.Region, f.Account, s.Name)
	var all []Finding
	if f.Load.RecordBytes > s.MaxRecordBytes {
		all = append(all, Finding{
			ID: "record-size", Severity: Blocker, What: fmt.Sprintf("records of %d B are over the stream's limit of %d B", f.Load.RecordBytes, s.MaxRecordBytes),
			Why: "every put is refused", Fix: fix + fmt.Sprint((f.Load.RecordBytes+1023)/1024),
		})
	}
	if f.Mapping != nil && eventBytes(s.MaxRecordBytes) > quota.InvocationPayloadBytes {
		all = append(all, Finding{
			ID: "record-event", Severity: Warning, What: fmt.Sprintf("the stream takes records of %d MiB, an invocation only 6 MiB of JSON", s.MaxRecordBytes>>20),
			Why: "a record above about 4.5 MiB, in base64, fits no event: the stream accepts it and the function can't be given it", Fix: fix + "4096",
		})
	}
	return all
}

// hotKey finds keys that alone fill a shard.
func hotKey(f *Facts) []Finding {
	if f.Stream == nil || f.Load.HotShare == 0 || f.Load.Rate == 0 {
		return nil
	}
	most := keyLimit(f.Load.RecordBytes)
	hot := f.Load.HotShare * f.Load.Rate
	if hot <= most {
		return nil
	}
	return []Finding{{
		ID: "hot-key", Severity: Blocker, What: fmt.Sprintf("one partition key has %.0f of %.0f records/s; its shard writes %.0f", hot, f.Load.Rate, most),
		Why: "all records of a key go to one shard: more shards don't help", Fix: fmt.Sprintf("split the key (key#0 … key#%d), or offer at most %.0f records/s", int(math.Ceil(hot/most))-1, most/f.Load.HotShare),
	}}
}

// keyLimit is what one shard, and so one key, writes, in records per second.
func keyLimit(recordBytes int) float64 {
	return min(quota.ShardWriteRecordsPerSecond, quota.ShardWriteBytesPerSecond/float64(max(recordBytes, 1)))
}

// otherReaders share the shards' 2 MiB and 5 calls a second.
func otherReaders(f *Facts) []Finding {
	s := f.Stream
	if s == nil || f.Mapping == nil || f.Mapping.FanOut || s.Readers < 3 {
		return nil
	}
	return []Finding{{
		ID: "readers", Severity: Warning, What: fmt.Sprintf("%d mappings poll stream %s", s.Readers, s.Name),
		Why: "they share 2 MiB/s and 5 GetRecords calls a second of each shard: reads are throttled and the iterator age grows",
		Fix: fmt.Sprintf("aws kinesis register-stream-consumer --stream-arn arn:aws:kinesis:%s:%s:stream/%s --consumer-name %s, and map that consumer's ARN", f.Region, f.Account, s.Name, "fan-out"),
	}}
}

// shardMetrics show a hot shard; at stream level it is averaged away.
func shardMetrics(f *Facts) []Finding {
	if f.Stream == nil || f.Stream.Shards < 2 || len(f.Stream.ShardMetrics) > 0 {
		return nil
	}
	wanted := []string{"IncomingRecords", "IncomingBytes", "WriteProvisionedThroughputExceeded"}
	return []Finding{{
		ID: "shard-metrics", Severity: Note, What: "enhanced (shard-level) monitoring is off",
		Why: "a hot shard doesn't show in the stream's sums; each metric of each shard is charged as a custom metric",
		Fix: fmt.Sprintf("aws kinesis enable-enhanced-monitoring --stream-name %s --shard-level-metrics %s", f.Stream.Name, strings.Join(wanted, " ")),
	}}
}

// overdue is weir env's nagging.
func overdue(f *Facts) []Finding {
	if f.Stream == nil || f.Stream.Overdue == 0 {
		return nil
	}
	return []Finding{{
		ID: "overdue", Severity: Warning, What: fmt.Sprintf("the test pipeline's time to live ended %v ago", f.Stream.Overdue.Round(time.Minute)),
		Why: "its shards, alarms and dashboard are paid for by the hour", Fix: "weir env down --name " + f.Stream.Name,
	}}
}

func customerKey(f *Facts) []Finding {
	s := f.Stream
	if s == nil || s.Encryption != "KMS" || s.Key == "" || strings.HasSuffix(s.Key, "alias/aws/kinesis") {
		return nil
	}
	return []Finding{{
		ID: "customer-key", Severity: Note, What: "the stream is encrypted with a key of yours, " + s.Key,
		Why: "whoever puts needs kms:GenerateDataKey and whoever reads kms:Decrypt on it; a disabled key stops the pipeline",
		Fix: "aws kms describe-key --key-id " + s.Key,
	}}
}
