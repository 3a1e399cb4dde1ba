package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"
)

// The row of GetRecords reads full answers from the start of each shard.
const (
	getShards    = 8
	getPerAnswer = 10_000
)

var sequenceNumber = []byte(`"SequenceNumber"`)

// getRow measures reads from the start of filled shards, again and again.
func getRow(ctx context.Context, b *bench) (f figures, err error) {
	f.reach = "≥ 3 500 k records/s"
	args := []string{"-shards", strconv.Itoa(getShards), "-retain", strconv.Itoa(1 << 30), "-factor", "100000"}
	err = b.serving(ctx, args, func(p *process) error {
		// A fifth more than the answers need, as keys spread by chance.
		if _, err := puts(batch, getShards).drive(ctx, p.addr, time.Minute, getShards*getPerAnswer/batch*6/5); err != nil {
			return err
		}
		t, err := gets(p.addr)
		if err != nil {
			return err
		}
		c, err := b.cost(ctx, p, t)
		f.ours = c.String()
		return err
	})
	return f, err
}

// gets are GetRecords calls from the start of each shard.
func gets(addr string) (traffic, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return traffic{}, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close() //nolint:errcheck // nothing is under way
	in := bufio.NewReader(conn)
	t := traffic{count: func(answer []byte) (int, error) { return bytes.Count(answer, sequenceNumber), nil }}
	for i := range getShards {
		ask := fmt.Sprintf(`{"StreamName":"%s","ShardId":"shardId-%012d","ShardIteratorType":"TRIM_HORIZON"}`, stream, i)
		if _, err := conn.Write(request("GetShardIterator", []byte(ask))); err != nil {
			return traffic{}, fmt.Errorf("send: %w", err)
		}
		answer, err := receive(in, nil)
		if err != nil {
			return traffic{}, err
		}
		// {"ShardIterator":"…"} is all that GetRecords asks for.
		t.requests = append(t.requests, request("GetRecords", slices.Clone(answer)))
	}
	return t, nil
}
