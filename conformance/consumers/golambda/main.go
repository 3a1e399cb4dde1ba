// Command golambda is a Lambda function on AWS's own runtime client for Go. It
// appends the records that it is given to the file GOT.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handle(_ context.Context, e events.KinesisEvent) error {
	var lines []byte
	for _, r := range e.Records {
		lines = append(append(lines, r.Kinesis.Data...), '\n')
	}
	f, err := os.OpenFile(os.Getenv("GOT"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open GOT: %w", err)
	}
	if _, err := f.Write(lines); err != nil {
		return fmt.Errorf("write GOT: %w", err)
	}
	return f.Close()
}

func main() { lambda.Start(handle) }
