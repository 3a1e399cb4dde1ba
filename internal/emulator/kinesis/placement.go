package kinesis

// Placement says which shard of a new stream takes a record.
type Placement struct{ partition partition }

// NewPlacement is that of a stream born with so many shards, at least one.
func NewPlacement(shards int) *Placement { return &Placement{newPartition(splitEvenly(shards))} }

// Of is the number of the shard that takes the partition key, or the explicit
// hash key where there is one. It must be a hash key as PutRecord takes it.
func (p *Placement) Of(partitionKey, explicitHashKey string) int {
	key := hashPartitionKey([]byte(partitionKey))
	if explicitHashKey != "" {
		key, _ = parseHashKey(explicitHashKey)
	}
	return p.partition.of(key)
}

// ShardID is the name of a stream's n-th shard, from 0.
func ShardID(n int) string { return shardID(n) }
