// A Lambda function that reads orders from a Kinesis stream, with weir's probe
// around it.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"weir/probe"
)

func main() { lambda.Start(probe.Handler(handle)) }

// handle takes a batch; one record that can't be read fails it as a whole.
func handle(_ context.Context, batch events.KinesisEvent) error {
	for _, record := range batch.Records {
		var order map[string]any
		if err := json.Unmarshal(record.Kinesis.Data, &order); err != nil {
			return fmt.Errorf("read the order in %s: %w", record.EventID, err)
		}
	}
	return nil
}
