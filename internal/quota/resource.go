package quota

// Resource is a part of the pipeline that can give out.
type Resource string

// Resources of the pipeline, in the order of the road.
const (
	Generator    Resource = "generator"
	WriteRecords Resource = "shard write limit by records"
	WriteBytes   Resource = "shard write limit by bytes"
	HotShard     Resource = "hot shard"
	ReadLimit    Resource = "shard read limit"
	Lanes        Resource = "mapping concurrency" // shards × parallelization factor ÷ time per batch
	Concurrency  Resource = "function concurrency"
	FunctionTime Resource = "function time"
	FunctionFail Resource = "function errors"
	Delivery     Resource = "delivery" // records lost, given up or not accounted for
	Latency      Resource = "latency"  // everything keeps up, too slowly
)
