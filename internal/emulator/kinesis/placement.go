package kinesis

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"weir/internal/quota"
)

// Placement says which shard of a stream takes a record, from its birth on and
// after each of its reshards, without a stream. The reshards together divide the
// hash keys into parts, each of which is within one shard at any time. Parts are
// numbered from 0 in order of their keys; those of a stream that is never
// resharded are its shards.
type Placement struct {
	parts  partition
	shares []float64
	// Stages are what the stream is born as and what each reshard makes of it.
	Stages []Stage
	// ShardCount is how many shards there ever are.
	ShardCount int
}

// Stage is a stream's shards from one reshard to the next.
type Stage struct {
	Shards   []int         // the shard of each part
	Replaced []Replacement // that led here from the stage before, in order
	Err      error         // why the reshard could not be made: all is as before
}

// Replacement is open shards that were closed and those opened in their place,
// by their numbers.
type Replacement struct{ Closed, Opened []int }

// ReshardKind is what a Reshard does.
type ReshardKind int

// The kinds of reshards: as Server.Split, Merge and Scale make them.
const (
	SplitInTwo ReshardKind = iota
	MergeWithNext
	ScaleTo
)

// Reshard is a change of a stream's open shards: of the shard of that number, or
// to that number of shards.
type Reshard struct {
	Kind ReshardKind
	N    int
}

// NewPlacement is that of a stream born with so many shards, at least one, and
// resharded so.
func NewPlacement(shards int, reshards ...Reshard) *Placement {
	p := &Placement{ShardCount: shards}
	open := make([]numbered, shards)
	for i, hashes := range splitEvenly(shards) {
		open[i] = numbered{i, hashes}
	}
	stages := [][]numbered{open}
	p.Stages = make([]Stage, 1+len(reshards))
	for i, r := range reshards {
		stage := &p.Stages[i+1]
		open, stage.Replaced, stage.Err = p.reshard(open, r)
		stages = append(stages, open)
	}
	parts := divide(stages)
	p.parts = newPartition(parts)
	for _, part := range parts {
		p.shares = append(p.shares, part.share())
	}
	for i, open := range stages {
		p.Stages[i].Shards = owners(parts, open)
	}
	return p
}

// numbered is an open shard.
type numbered struct {
	number int
	hashes hashRange
}

// reshard is what a reshard makes of the open shards, in a slice of its own.
func (p *Placement) reshard(open []numbered, r Reshard) (after []numbered, replaced []Replacement, err error) {
	ranges := make([]hashRange, len(open))
	for i, s := range open {
		ranges[i] = s.hashes
	}
	changes, err := r.replacements(open, ranges)
	if err != nil {
		return open, nil, err
	}
	after = slices.Clone(open)
	for _, c := range changes {
		var done Replacement
		for _, s := range after[c.at : c.at+c.closed] {
			done.Closed = append(done.Closed, s.number)
		}
		var opened []numbered
		for _, hashes := range c.ranges {
			opened = append(opened, numbered{p.ShardCount, hashes})
			done.Opened = append(done.Opened, p.ShardCount)
			p.ShardCount++
		}
		after = slices.Replace(after, c.at, c.at+c.closed, opened...)
		replaced = append(replaced, done)
	}
	return after, replaced, nil
}

// replacements are those that make the reshard.
func (r Reshard) replacements(open []numbered, ranges []hashRange) ([]replacement, error) {
	if r.Kind == ScaleTo {
		if r.N < 1 || r.N > quota.MaxShardsPerStream {
			return nil, fmt.Errorf("scale to %d shards", r.N)
		}
		return scaling(ranges, r.N), nil
	}
	i := slices.IndexFunc(open, func(s numbered) bool { return s.number == r.N })
	if i < 0 {
		return nil, fmt.Errorf("there is no open shard %s", shardID(r.N))
	}
	if r.Kind == MergeWithNext {
		if i+1 == len(open) {
			return nil, fmt.Errorf("shard %s has no shard above it", shardID(r.N))
		}
		return []replacement{merging(ranges, i)}, nil
	}
	at, ok := ranges[i].middle()
	if !ok {
		return nil, errors.New("shard " + shardID(r.N) + " has too few hash keys for two")
	}
	return []replacement{splitting(ranges, i, at)}, nil
}

// divide cuts the hash keys wherever a shard of any stage ends.
func divide(stages [][]numbered) (parts []hashRange) {
	var ends []hashKey
	for _, open := range stages {
		for _, s := range open {
			ends = append(ends, s.hashes.end)
		}
	}
	slices.SortFunc(ends, hashKey.compare)
	var start hashKey
	for _, end := range slices.Compact(ends) {
		parts = append(parts, hashRange{start, end})
		start = end.after()
	}
	return parts
}

// owners are the numbers of the open shards that hold the parts.
func owners(parts []hashRange, open []numbered) []int {
	shards, i := make([]int, len(parts)), 0
	for n, part := range parts {
		for open[i].hashes.end.below(part.end) {
			i++
		}
		shards[n] = open[i].number
	}
	return shards
}

// Of is the part that has the partition key, or the explicit hash key where
// there is one. It must be a hash key as PutRecord takes it.
func (p *Placement) Of(partitionKey, explicitHashKey string) (part int) {
	key := hashPartitionKey([]byte(partitionKey))
	if explicitHashKey != "" {
		key, _ = parseHashKey(explicitHashKey)
	}
	return p.parts.of(key)
}

// Parts is how many parts there are.
func (p *Placement) Parts() int { return len(p.shares) }

// Share is a part's share of the hash keys.
func (p *Placement) Share(part int) float64 { return p.shares[part] }

// share is the range's share of all hash keys, to a float's precision.
func (r hashRange) share() float64 {
	lo, borrow := bits.Sub64(r.end.lo, r.start.lo, 0)
	hi := r.end.hi - r.start.hi - borrow
	return math.Ldexp(float64(hi), -64) + math.Ldexp(float64(lo)+1, -128)
}

// ShardID is the name of a stream's n-th shard, from 0.
func ShardID(n int) string { return shardID(n) }
