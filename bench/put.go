package main

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // Kinesis's own hash of a partition key
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
)

// batch is the records of a full PutRecords call, recordBytes each one's data.
const (
	batch       = 500
	recordBytes = 500
	bodies      = 64 // distinct requests, sent in turn
)

var buffers = sync.Pool{New: func() any { return new(make([]byte, 64<<10)) }}

// Answers of the echo server, of the size that Kinesis's have.
var (
	answerOne   = []byte(`{"SequenceNumber":"` + digits + `","ShardId":"shardId-000000000000"}`)
	answerBatch = []byte(`{"FailedRecordCount":0,"Records":[` + string(bytes.Repeat([]byte(string(answerOne)+","), batch-1)) + string(answerOne) + `]}`)
)

const digits = "49600000000000000000000000000000000000000000000000000000"

// puts are requests of so many records each, with data drawn by chance and keys
// that spread evenly over the shards.
func puts(records, shards int) traffic {
	random := rand.New(rand.NewPCG(1, uint64(shards)))
	n := bodies
	if records == 1 {
		n = bodies * batch
	}
	keys := spreadKeys(random, n*records, shards)
	t := traffic{count: func(answer []byte) (int, error) { return countPut(answer, records) }}
	data := make([]byte, recordBytes)
	for range n {
		var body []byte
		for i := range records {
			for j := 0; j < len(data); j += 4 {
				binary.LittleEndian.PutUint32(data[j:], random.Uint32())
			}
			if i > 0 {
				body = append(body, ',')
			}
			body = fmt.Appendf(body, `{"Data":"%s","PartitionKey":"%s"}`, base64.StdEncoding.EncodeToString(data), keys[0])
			keys = keys[1:]
		}
		if records > 1 {
			t.requests = append(t.requests, request("PutRecords", slices.Concat([]byte(`{"StreamName":"`+stream+`","Records":[`), body, []byte(`]}`))))
			continue
		}
		t.requests = append(t.requests, request("PutRecord", append([]byte(`{"StreamName":"`+stream+`",`), body[1:]...)))
	}
	return t
}

// spreadKeys are n distinct keys, ⌈n/shards⌉ at most for each shard, in an order
// drawn by chance, so that no shard is pressed harder than another.
func spreadKeys(random *rand.Rand, n, shards int) []string {
	most := (n + shards - 1) / shards
	filled := make([]int, shards)
	keys := make([]string, 0, n)
	for i := 0; len(keys) < n; i++ {
		key := "partition-key-" + strconv.Itoa(i)
		sum := md5.Sum([]byte(key))                                                          //nolint:gosec // as above
		shard := int(binary.BigEndian.Uint64(sum[:8]) / (math.MaxUint64/uint64(shards) + 1)) // exact for powers of two
		if filled[shard] < most {
			filled[shard]++
			keys = append(keys, key)
		}
	}
	random.Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

var noneFailed = []byte(`"FailedRecordCount":0`)

func countPut(answer []byte, records int) (int, error) {
	if records > 1 && !bytes.Contains(answer[:min(len(answer), 100)], noneFailed) && !bytes.Contains(answer, noneFailed) {
		return 0, fmt.Errorf("records were refused: %.200s", answer)
	}
	return records, nil
}

// putRow measures puts of so many records a call.
func putRow(records, shards int, factor float64) func(context.Context, *bench) (figures, error) {
	return func(ctx context.Context, b *bench) (figures, error) {
		t := puts(records, shards)
		var ours, echoed cost
		err := b.serving(ctx, []string{"-shards", strconv.Itoa(shards), "-factor", fmt.Sprint(factor)}, func(p *process) (err error) {
			ours, err = b.cost(ctx, p, t)
			return err
		})
		if err != nil {
			return figures{}, err
		}
		err = b.serving(ctx, []string{"-kind", "echo"}, func(p *process) (err error) {
			echoed, err = b.cost(ctx, p, t)
			return err
		})
		if err != nil {
			return figures{}, err
		}
		f := figures{ours: ours.String(), peers: fmt.Sprintf("echo %v: %.0f %% of it", echoed, 100*echoed.micros/ours.micros)}
		if shards <= 64 {
			f.peers += "; " + b.beside(ctx, ours, t, shards)
		}
		f.reach = "≥ 1 800 k records/s, ≥ 20 % of echo, ≥ 100 × kinesalite"
		if records == 1 {
			f.reach = "≥ 45 k records/s, ≥ 8 × kinesalite"
		}
		return f, nil
	}
}

// beside is the peer's cost of the same traffic.
func (b *bench) beside(ctx context.Context, ours cost, t traffic, shards int) string {
	if b.kinesalite == nil {
		b.kinesalite = installKinesalite(ctx)
	}
	p, err := b.kinesalite.start(ctx, shards)
	if err != nil {
		return "kinesalite not measured: " + err.Error()
	}
	defer p.close()
	theirs, err := b.cost(ctx, p, t)
	if err != nil {
		return "kinesalite not measured: " + err.Error()
	}
	return fmt.Sprintf("kinesalite %v: %.0f ×", theirs, theirs.micros/ours.micros)
}

// serving runs measure against a server of ours.
func (b *bench) serving(ctx context.Context, args []string, measure func(*process) error) error {
	if b.profile != "" {
		args = append(args, "-cpuprofile", b.profile)
	}
	p, err := startServer(ctx, args...)
	if err != nil {
		return err
	}
	defer p.close()
	return measure(p)
}

// cost is a server's processor time per record.
type cost struct {
	micros    float64
	low, high float64 // of the windows
}

func (c cost) String() string {
	return fmt.Sprintf("%.3f µs (%.3f to %.3f) = %s k records/s/core", c.micros, c.low, c.high, thousands(1e3/c.micros))
}

func thousands(n float64) string {
	text := strconv.FormatFloat(n, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}

// cost drives a server for some windows, after one to warm up, and gives their
// median.
func (b *bench) cost(ctx context.Context, p *process, t traffic) (cost, error) {
	if _, err := t.drive(ctx, p.addr, b.window/2, 0); err != nil {
		return cost{}, err
	}
	var all []float64
	for range b.windows {
		before, _, err := p.usage()
		if err != nil {
			return cost{}, err
		}
		records, err := t.drive(ctx, p.addr, b.window, 0)
		if err != nil {
			return cost{}, err
		}
		after, _, err := p.usage()
		if err != nil {
			return cost{}, err
		}
		all = append(all, float64(after-before)/float64(time.Microsecond)/float64(records))
	}
	slices.Sort(all)
	return cost{all[len(all)/2], all[0], all[len(all)-1]}, nil
}
