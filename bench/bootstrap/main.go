// Bootstrap is the function that the benchmark puts behind the mapping: the
// probe around nothing.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"weir/probe"
)

func main() {
	lambda.Start(probe.Handler(func(context.Context, events.KinesisEvent) error { return nil }))
}
