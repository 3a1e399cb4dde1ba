package inspect

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"weir/internal/doctor"
	"weir/internal/pipeline"
	"weir/internal/pipeline/local"
	"weir/internal/stack"
)

// The embedded pipeline is read as an account's would be.
func TestReadEmbedded(t *testing.T) {
	o := local.Defaults()
	o.Profile, o.Shards, o.Parallelization, o.RetryAttempts = local.InstantProfile, 3, 2, 5
	p, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()

	f, err := Read(t.Context(), Options{Address: p.Address(), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if f.Account != local.AccountID || f.Network != doctor.NetworkLoopback || len(f.Unreadable) > 0 {
		t.Errorf("facts %+v", f)
	}
	if f.Stream == nil || f.Stream.Shards != 3 || f.Stream.RetentionHours != 24 || f.Stream.Readers != 1 {
		t.Errorf("stream %+v", f.Stream)
	}
	if f.Mapping == nil || f.Mapping.Parallelization != 2 || f.Mapping.RetryAttempts != 5 || f.Mapping.State != "Enabled" {
		t.Errorf("mapping %+v", f.Mapping)
	}
	if f.Function == nil || f.Function.Timeout != 3*time.Second || f.Log == nil || !f.Log.Probe {
		t.Errorf("function %+v, log %+v", f.Function, f.Log)
	}
	if f.ClockAhead == nil || f.ClockAhead.Abs() > 2*time.Second {
		t.Errorf("clock ahead by %v on one machine", f.ClockAhead)
	}

	ended := time.Now().Add(-2 * time.Hour).UTC().Format(time.RFC3339)
	if _, err := p.Address().Clients().Kinesis.AddTagsToStream(t.Context(), &kinesis.AddTagsToStreamInput{StreamName: aws.String("weir"), Tags: map[string]string{stack.ExpiresAt: ended}}); err != nil {
		t.Fatal(err)
	}
	f, err = Read(t.Context(), Options{Address: p.Address(), Now: time.Now()})
	if err != nil || f.Stream == nil || f.Stream.Overdue.Round(time.Minute) != 2*time.Hour {
		t.Errorf("a stream that should have gone two hours ago: %+v, %v", f.Stream, err)
	}

	a := p.Address()
	a.Stream = "other"
	f, err = Read(t.Context(), Options{Address: a, Now: time.Now()})
	if err != nil || len(f.Unreadable) != 1 || !f.Unreadable[0].Missing || f.Stream != nil || f.Mapping != nil {
		t.Errorf("another stream: %+v, %v", f.Unreadable, err)
	}
}

// policies answers by action as IAM would.
type policies map[string]types.PolicyEvaluationDecisionType

func (p policies) SimulatePrincipalPolicy(_ context.Context, in *iam.SimulatePrincipalPolicyInput, _ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	if p == nil {
		return nil, errors.New("AccessDenied")
	}
	out := &iam.SimulatePrincipalPolicyOutput{}
	for _, action := range in.ActionNames {
		decision, ok := p[action]
		if !ok {
			decision = types.PolicyEvaluationDecisionTypeAllowed
		}
		out.EvaluationResults = append(out.EvaluationResults, types.EvaluationResult{EvalActionName: aws.String(action), EvalDecision: decision})
	}
	return out, nil
}

func TestPermissions(t *testing.T) {
	const put, get = "kinesis:PutRecords", "kinesis:GetRecords"
	for _, c := range []struct {
		name   string
		caller string
		iam    policies
		tried  map[string]doctor.Answer
		want   map[string]doctor.Answer
	}{
		{"simulated", "arn:aws:iam::1:user/u", policies{get: types.PolicyEvaluationDecisionTypeImplicitDeny}, nil, map[string]doctor.Answer{put: doctor.Allowed, get: doctor.Denied}},
		{"tried knows better", "arn:aws:iam::1:user/u", policies{put: types.PolicyEvaluationDecisionTypeImplicitDeny}, map[string]doctor.Answer{put: doctor.Allowed}, map[string]doctor.Answer{put: doctor.Allowed, get: doctor.Allowed}},
		{"not told", "arn:aws:iam::1:user/u", nil, map[string]doctor.Answer{get: doctor.Denied}, map[string]doctor.Answer{put: doctor.Unsure, get: doctor.Denied}},
		{"root", "arn:aws:iam::1:root", nil, nil, map[string]doctor.Answer{put: doctor.Allowed, get: doctor.Allowed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &reader{tried: c.tried}
			r.facts.Caller, r.facts.Endpoint = c.caller, "http://127.0.0.1:1"
			r.readPermissions(t.Context(), c.iam)
			got := map[string]doctor.Answer{}
			for _, p := range r.facts.Permissions {
				if slices.Contains([]string{put, get}, p.Action) {
					got[p.Action] = p.Allowed
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrincipalOf(t *testing.T) {
	for caller, want := range map[string]string{
		"arn:aws:iam::111122223333:user/dev/anna":                         "arn:aws:iam::111122223333:user/dev/anna",
		"arn:aws:sts::111122223333:assumed-role/Tester/i-0123":            "arn:aws:iam::111122223333:role/Tester",
		"arn:aws-us-gov:sts::111122223333:assumed-role/Tester/anna@x.org": "arn:aws-us-gov:iam::111122223333:role/Tester",
		"arn:aws:iam::111122223333:root":                                  "",
	} {
		if got := principalOf(caller); got != want {
			t.Errorf("principal of %s: %q, want %q", caller, got, want)
		}
	}
}

func TestNetwork(t *testing.T) {
	for _, c := range []struct {
		endpoint, resolved string
		want               doctor.Network
	}{
		{"", "10.0.3.17", doctor.NetworkPrivate},
		{"", "52.94.1.2", doctor.NetworkPublic},
		{"", "", doctor.NetworkUnknown},
		{"http://127.0.0.1:4567", "", doctor.NetworkLoopback},
		{"http://localhost:4567", "127.0.0.1", doctor.NetworkLoopback},
	} {
		r := &reader{Options: Options{Address: pipeline.Address{}, Resolve: func(_ context.Context, host string) ([]net.IP, error) {
			if c.resolved == "" {
				return nil, errors.New("no such host " + host)
			}
			return []net.IP{net.ParseIP(c.resolved)}, nil
		}}}
		r.facts.Region, r.facts.Endpoint = "eu-west-1", c.endpoint
		if got := r.network(t.Context()); got != c.want {
			t.Errorf("%s that resolves to %s: %s, want %s", c.endpoint, c.resolved, got, c.want)
		}
	}
}
