package inspect

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"

	"weir/internal/doctor"
)

// simulator is the part of IAM's client that answers without trying.
type simulator interface {
	SimulatePrincipalPolicy(context.Context, *iam.SimulatePrincipalPolicyInput, ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error)
}

// readPermissions asks IAM what the caller may do; where IAM doesn't say, what
// was tried does, and the rest stays unknown.
func (r *reader) readPermissions(ctx context.Context, s simulator) {
	r.tryPut(ctx)
	simulated := r.simulate(ctx, s)
	for _, p := range doctor.Needed(doctor.UseRun, r.scope()) {
		if answer, ok := simulated[p.Action]; ok {
			p.Allowed, p.How = answer, "simulated by IAM"
		}
		// A call that was answered knows better: the simulation sees no resource
		// policies and no session policy.
		if answer, ok := r.tried[p.Action]; ok {
			p.Allowed, p.How = answer, "tried"
		}
		r.facts.Permissions = append(r.facts.Permissions, p)
	}
}

// scope names the pipeline's parts for IAM.
func (r *reader) scope() doctor.Scope {
	return doctor.Scope{
		Partition: partition(r.facts.Caller), Region: r.facts.Region, Account: r.facts.Account,
		Stream: r.Address.Stream, Function: r.Address.Function,
	}
}

// partition is the second part of an ARN: aws, aws-cn or aws-us-gov.
func partition(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) < 3 {
		return "aws"
	}
	return parts[1]
}

// simulate asks for all actions of one resource at a time. The answer holds
// what IAM told.
func (r *reader) simulate(ctx context.Context, s simulator) map[string]doctor.Answer {
	principal := principalOf(r.facts.Caller)
	answers := map[string]doctor.Answer{}
	byResource := map[string][]string{}
	for _, p := range doctor.Needed(doctor.UseRun, r.scope()) {
		if principal == "" {
			answers[p.Action] = doctor.Allowed // the account's root user
			continue
		}
		byResource[p.Resource] = append(byResource[p.Resource], p.Action)
	}
	for resource, actions := range byResource {
		got, err := s.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: &principal, ActionNames: actions, ResourceArns: []string{resource},
		})
		if err != nil {
			return answers // it won't be told of the others either
		}
		for _, e := range got.EvaluationResults {
			answers[aws.ToString(e.EvalActionName)] = doctor.Denied
			if e.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed {
				answers[aws.ToString(e.EvalActionName)] = doctor.Allowed
			}
		}
	}
	return answers
}

// principalOf is the user or role that a caller's ARN stands for, as IAM names
// it; empty for the root user, whom no policy binds. A role's path isn't in
// the session's ARN; IAM doesn't find such a one, and nothing is known.
func principalOf(caller string) string {
	prefix, session, ok := strings.Cut(caller, ":assumed-role/")
	if ok {
		role, _, _ := strings.Cut(session, "/")
		return strings.Replace(prefix, ":sts:", ":iam:", 1) + ":role/" + role
	}
	if strings.HasSuffix(caller, ":root") {
		return ""
	}
	return caller
}

// tryPut asks Kinesis whether it would take a record. An endpoint of the
// user's may not know DryRun and would keep the record, so only AWS is asked.
func (r *reader) tryPut(ctx context.Context) {
	if r.facts.Endpoint != "" || r.facts.Stream == nil {
		return
	}
	_, err := r.clients.Kinesis.PutRecords(ctx, &kinesis.PutRecordsInput{
		StreamName: &r.Address.Stream, DryRun: aws.Bool(true),
		Records: []kinesistypes.PutRecordsRequestEntry{{Data: []byte("weir doctor"), PartitionKey: aws.String("weir")}},
	})
	if dry, ok := errors.AsType[smithy.APIError](err); ok && dry.ErrorCode() == "DryRunOperationException" {
		r.tried["kinesis:PutRecords"] = doctor.Allowed
		return
	}
	r.noted("kinesis:PutRecords", "", err)
}
