package cli

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// spotEvery is how often the instance is asked: AWS says to look every 5 s
// (EC2 user guide, "Spot Instance interruption notices", 2026-11-22).
const spotEvery = 5 * time.Second

// notices are what the machine says of its own end; nil where nobody listens.
func notices(ctx context.Context, spot bool) <-chan string {
	if !spot {
		return nil
	}
	out := make(chan string, 1)
	client := imds.New(imds.Options{})
	go watchSpot(ctx, out, func(ctx context.Context) ([]byte, error) {
		got, err := client.GetMetadata(ctx, &imds.GetMetadataInput{Path: "spot/instance-action"})
		if err != nil {
			return nil, err // 404 while there is no notice
		}
		defer got.Content.Close() //nolint:errcheck // it was read
		return io.ReadAll(io.LimitReader(got.Content, 4096))
	})
	return out
}

// watchSpot asks for the notice until there is one, and says it once.
func watchSpot(ctx context.Context, out chan<- string, ask func(context.Context) ([]byte, error)) {
	tick := time.NewTicker(spotEvery)
	defer tick.Stop()
	for {
		if text, err := ask(ctx); err == nil {
			out <- spotNotice(text)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// spotNotice is EC2's notice in words.
func spotNotice(text []byte) string {
	var action struct {
		Action string    `json:"action"`
		Time   time.Time `json:"time"`
	}
	if err := json.Unmarshal(text, &action); err != nil || action.Action == "" {
		return "the spot instance is to be taken away"
	}
	return "the spot instance is to be taken away (" + action.Action + ") at " + action.Time.UTC().Format("15:04:05")
}
