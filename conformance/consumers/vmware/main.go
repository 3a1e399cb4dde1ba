// Command vmware consumes the stream by vmware-go-kcl-v2, a Kinesis Client
// Library in Go, with its leases in DynamoDB; "fanout" as its argument reads by
// enhanced fan-out. That library may begin a reshard's children before their
// parents, and doesn't know a merge's second parent, so its stream must not be
// resharded.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/vmware/vmware-go-kcl-v2/clientlibrary/config"
	kcl "github.com/vmware/vmware-go-kcl-v2/clientlibrary/interfaces"
	"github.com/vmware/vmware-go-kcl-v2/clientlibrary/worker"
	"github.com/vmware/vmware-go-kcl-v2/logger"

	"consumers/tally"
)

func main() { tally.Main(time.Minute, consume) }

func consume(_ context.Context, t *tally.Tally) error {
	fanOut := len(os.Args) > 1 && os.Args[1] == "fanout"
	stream := os.Getenv("STREAM")
	quiet := logrus.New()
	quiet.SetLevel(logrus.WarnLevel)
	// The library waits a minute for new shards at its defaults.
	c := config.NewKinesisClientLibConfig(fmt.Sprint(stream, "-vmware-", fanOut), stream, os.Getenv("AWS_REGION"), "worker").
		WithKinesisEndpoint(os.Getenv("AWS_ENDPOINT_URL")).
		WithDynamoDBEndpoint(os.Getenv("DYNAMODB_ENDPOINT")).
		WithInitialPositionInStream(config.TRIM_HORIZON).
		WithEnhancedFanOutConsumer(fanOut).
		WithShardSyncIntervalMillis(500).
		WithIdleTimeBetweenReadsInMillis(250).
		WithLogger(logger.NewLogrusLogger(quiet))
	w := worker.NewWorker(factory{t}, c)
	if err := w.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	return nil // the process ends without a farewell to its leases
}

type factory struct{ tally *tally.Tally }

// CreateProcessor makes the processor of a shard.
func (f factory) CreateProcessor() kcl.IRecordProcessor { return processor(f) }

type processor struct{ tally *tally.Tally }

// Initialize has nothing to do.
func (processor) Initialize(*kcl.InitializationInput) {}

// ProcessRecords counts the records and notes how far it came.
func (p processor) ProcessRecords(in *kcl.ProcessRecordsInput) {
	for _, r := range in.Records {
		p.tally.Add(r.Data)
	}
	if n := len(in.Records); n > 0 {
		if err := in.Checkpointer.Checkpoint(in.Records[n-1].SequenceNumber); err != nil {
			log.Print(err)
		}
	}
}

// Shutdown notes a shard's end, which releases its children.
func (processor) Shutdown(in *kcl.ShutdownInput) {
	if in.ShutdownReason == kcl.TERMINATE {
		if err := in.Checkpointer.Checkpoint(nil); err != nil {
			log.Print(err)
		}
	}
}
