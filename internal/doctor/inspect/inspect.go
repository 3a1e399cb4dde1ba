// Package inspect reads the facts that package doctor judges. It changes
// nothing: what it tries, it tries dry.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"weir/internal/doctor"
	"weir/internal/pipeline"
)

// Options say what to look at. The address needs no mapping: it is looked for.
type Options struct {
	Address pipeline.Address
	Load    doctor.Load
	Now     time.Time
	// Resolve finds the addresses of a host name; nil: the system's resolver.
	Resolve func(ctx context.Context, host string) ([]net.IP, error)
}

// reader reads one pipeline. What it could not read is in facts.Unreadable;
// which actions it found allowed or denied is in tried.
type reader struct {
	Options
	clients pipeline.Clients
	facts   doctor.Facts
	tried   map[string]doctor.Answer
	stream  string // ARN, once it is known
}

// Read looks at everything. Only an error of whom the credentials belong to is
// one; what else can't be read is among the facts.
func Read(ctx context.Context, o Options) (doctor.Facts, error) {
	r := &reader{Options: o, clients: o.Address.Clients(), tried: map[string]doctor.Answer{}}
	r.facts = doctor.Facts{
		Pipeline: o.Address.Kind, Region: o.Address.Config.Region, Endpoint: r.endpoint(), Load: o.Load,
	}
	if err := r.identity(ctx); err != nil {
		return doctor.Facts{}, err
	}
	r.readStream(ctx)
	r.readFunction(ctx)
	r.readMapping(ctx)
	r.readMetrics(ctx)
	r.readLog(ctx)
	r.readQuotas(ctx)
	r.facts.Network = r.network(ctx)
	if o.Address.Kind == pipeline.AWS {
		r.readPermissions(ctx, iam.NewFromConfig(o.Address.Config))
	}
	return r.facts, nil
}

// endpoint is that of the user's, empty for AWS's own.
func (r *reader) endpoint() string {
	return aws.ToString(r.clients.Kinesis.Options().BaseEndpoint)
}

// identity also compares the clocks: AWS's answer says when it was given.
func (r *reader) identity(ctx context.Context) error {
	who, err := sts.NewFromConfig(r.Address.Config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("ask AWS who the credentials belong to: %w", err)
	}
	r.facts.Account, r.facts.Caller = aws.ToString(who.Account), aws.ToString(who.Arn)
	if skew, ok := awsmiddleware.GetAttemptSkew(who.ResultMetadata); ok {
		r.facts.ClockAhead = new(-skew)
	}
	return nil
}

// noted keeps what a call's error says: of the action, and of the part that it
// was to read. It reports whether there was none.
func (r *reader) noted(action, part string, err error) bool {
	if err == nil {
		r.tried[action] = doctor.Allowed
		return true
	}
	code := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	u := doctor.Unreadable{Part: part, Error: err.Error(), Missing: code == "ResourceNotFoundException"}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		u.Error = action + ": " + code + ": " + api.ErrorMessage()
	}
	switch code {
	case "AccessDeniedException", "AccessDenied", "UnauthorizedOperation":
		r.tried[action] = doctor.Denied
		return false // the permission says it
	case "ResourceNotFoundException":
		r.tried[action] = doctor.Allowed
	}
	if part != "" {
		r.facts.Unreadable = append(r.facts.Unreadable, u)
	}
	return false
}

// network tells the way to the stream's endpoint by what its name resolves to:
// an interface endpoint with private DNS gives a private address.
func (r *reader) network(ctx context.Context) doctor.Network {
	host := "kinesis." + r.facts.Region + ".amazonaws.com"
	if r.facts.Endpoint != "" {
		u, err := url.Parse(r.facts.Endpoint)
		if err != nil {
			return doctor.NetworkUnknown
		}
		host = u.Hostname()
	}
	addresses := []net.IP{net.ParseIP(host)}
	if addresses[0] == nil {
		var err error
		if addresses, err = r.resolve(ctx, host); err != nil || len(addresses) == 0 {
			return doctor.NetworkUnknown
		}
	}
	switch at := addresses[0]; {
	case at.IsLoopback():
		return doctor.NetworkLoopback
	case at.IsPrivate():
		return doctor.NetworkPrivate
	}
	return doctor.NetworkPublic
}

func (r *reader) resolve(ctx context.Context, host string) ([]net.IP, error) {
	if r.Resolve != nil {
		return r.Resolve(ctx, host)
	}
	return net.DefaultResolver.LookupIP(ctx, "ip", host)
}
