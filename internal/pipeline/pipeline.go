// Package pipeline is the thing under test as an address: where its stream,
// function, mapping, metrics and logs are, and how to reach them. Load,
// observation and the ledger use the same AWS clients whether the address is
// an account's or the embedded pipeline's.
package pipeline

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Kinds of pipelines.
const (
	Embedded = "embedded"
	AWS      = "aws"
)

// Address says where a pipeline is and how its metrics behave.
type Address struct {
	Kind    string // Embedded or AWS
	Profile string // of an embedded one
	// Config carries region, credentials and (embedded) the endpoint.
	Config   aws.Config
	Endpoint string // base URL of the stream's service; empty: AWS's own

	Stream   string
	Function string // empty: the stream only
	Mapping  string // UUID of the event source mapping, empty without function

	// Resolution is the period at which vended metrics are asked for.
	Resolution time.Duration
	// Settle is how long after an instant its metrics and logs may still change.
	Settle time.Duration
	// DeliveryDelay is how long a healthy pipeline may take from the last record
	// to its function: the drain waits at least as long before it finds nothing new.
	DeliveryDelay time.Duration
}

// LogGroup is where the function's log lines are.
func (a Address) LogGroup() string { return "/aws/lambda/" + a.Function }

// Clients are AWS's own clients for one address.
type Clients struct {
	Kinesis    *kinesis.Client
	Lambda     *lambda.Client
	CloudWatch *cloudwatch.Client
	Logs       *cloudwatchlogs.Client
}

// Clients makes the clients of the address; none calls anything yet.
func (a Address) Clients() Clients {
	return Clients{
		Kinesis:    kinesis.NewFromConfig(a.Config),
		Lambda:     lambda.NewFromConfig(a.Config),
		CloudWatch: cloudwatch.NewFromConfig(a.Config),
		Logs:       cloudwatchlogs.NewFromConfig(a.Config),
	}
}
