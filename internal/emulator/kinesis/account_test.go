package kinesis

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
)

func TestSDKAccountLimits(t *testing.T) {
	c, _, _ := start(t, Config{})
	create := func(name string, shards *int32) string {
		_, err := c.CreateStream(t.Context(), &client.CreateStreamInput{StreamName: &name, ShardCount: shards})
		return codeOf(err)
	}
	for i := range 50 {
		if code := create(fmt.Sprint("free", i), nil); code != "" {
			t.Fatal(code)
		}
	}
	if code := create("free50", nil); code != "LimitExceededException" {
		t.Errorf("a 51st on-demand stream gives %q", code)
	}
	for i, want := range []string{"", "", "LimitExceededException"} { // 2 × 10 000 are 20 000
		if code := create(fmt.Sprint("large", i), aws.Int32(10_000)); code != want {
			t.Errorf("stream %d of 10 000 shards gives %q, want %q", i, code, want)
		}
	}
}

// Each operation has a second's calls, and refused ones cost nothing.
func TestSDKControlRates(t *testing.T) {
	c, _, now := start(t, Config{ControlRates: true})
	list := func() string {
		_, err := c.ListStreams(t.Context(), &client.ListStreamsInput{})
		return codeOf(err)
	}
	burst := func(want int) {
		t.Helper()
		passed := 0
		for range 10 {
			switch code := list(); code {
			case "":
				passed++
			case "LimitExceededException":
			default:
				t.Fatal(code)
			}
		}
		if passed != want {
			t.Errorf("%d of 10 calls passed, want %d", passed, want)
		}
	}
	burst(5)
	if _, err := c.DescribeLimits(t.Context(), &client.DescribeLimitsInput{}); err != nil {
		t.Errorf("another operation: %v", err)
	}
	now.add(400 * time.Millisecond) // 5 a second × 0.4 s
	burst(2)
	now.add(time.Hour)
	burst(5)
}
