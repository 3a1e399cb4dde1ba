// Command harlow consumes the stream by github.com/harlow/kinesis-consumer, with
// checkpoints in memory. That library reads a reshard's children together with
// their parents, so its stream must not be resharded.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/kinesis"
	consumer "github.com/harlow/kinesis-consumer"

	"consumers/tally"
)

func main() { tally.Main(time.Minute, consume) }

func consume(ctx context.Context, t *tally.Tally) error {
	// Version 1 of AWS's SDK for Go doesn't know AWS_ENDPOINT_URL.
	s, err := session.NewSession(&aws.Config{Endpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL"))})
	if err != nil {
		return fmt.Errorf("load configuration: %w", err)
	}
	c, err := consumer.New(os.Getenv("STREAM"), consumer.WithClient(kinesis.New(s)), consumer.WithShardIteratorType("TRIM_HORIZON"))
	if err != nil {
		return fmt.Errorf("make the consumer: %w", err)
	}
	go func() {
		err := c.Scan(ctx, func(r *consumer.Record) error {
			t.Add(r.Data)
			return nil
		})
		if err != nil {
			log.Print(err)
		}
	}()
	return nil
}
