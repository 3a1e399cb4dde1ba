package cli

import (
	"context"
	"strings"

	"weir/internal/doctor"
	awspipeline "weir/internal/pipeline/aws"
)

// printPolicy prints the least policy. Without credentials the account is a
// wildcard.
func printPolicy(ctx context.Context, p *Process, f *doctorFlags) error {
	uses := []doctor.Use{doctor.Use(f.iam)}
	if f.iam == "all" {
		uses = doctor.Uses
	}
	scope := doctor.Scope{
		Partition: "aws", Region: first(f.region, p.Getenv("AWS_REGION"), p.Getenv("AWS_DEFAULT_REGION"), "*"), Account: "*",
		Stream: first(f.stream, "*"), Function: first(f.function, "*"), Stack: stackName,
	}
	if f.target == "aws" {
		_, who, err := awspipeline.Find(ctx, awspipeline.Options{Region: f.region, Stream: f.stream})
		if err != nil {
			return usage(err, "without --target aws the policy is printed for any account")
		}
		scope.Region, scope.Account, scope.Partition = who.Region, who.Account, strings.Split(who.ARN, ":")[1]
	}
	policy := doctor.PolicyFor(uses, scope)
	if len(policy.Statement) == 0 {
		return usagef("--iam=%s: run, watch, env or all", f.iam)
	}
	return writeJSON(p.Stdout, policy)
}
