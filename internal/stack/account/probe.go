package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"weir/internal/stack"
)

// Code is a function's code and what runs it.
type Code struct {
	Zip     []byte
	Runtime string
	Handler string
}

// Function is the function as it is.
type Function struct{ Runtime, Architecture, CodeSHA256 string }

// Has reports whether the function already runs that code.
func (f Function) Has(c Code) bool {
	sum := sha256.Sum256(c.Zip)
	return f.Runtime == c.Runtime && f.CodeSHA256 == base64.StdEncoding.EncodeToString(sum[:])
}

// Function reads a function.
func (a *Account) Function(ctx context.Context, name string) (Function, error) {
	out, err := a.lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	if err != nil {
		return Function{}, fmt.Errorf("look at function %s: %w", name, err)
	}
	f := Function{
		Runtime: string(out.Configuration.Runtime), CodeSHA256: aws.ToString(out.Configuration.CodeSha256),
		Architecture: stack.X86,
	}
	if len(out.Configuration.Architectures) > 0 {
		f.Architecture = string(out.Configuration.Architectures[0])
	}
	return f, nil
}

// updateTime is how long Lambda may take to change a function.
const updateTime = 2 * time.Minute

// SetRuntime changes what runs a function's code, if the function belongs to a
// stack of weir's of that name.
func (a *Account) SetRuntime(ctx context.Context, stackName string, in *lambda.UpdateFunctionConfigurationInput) error {
	if err := a.own(ctx, stackName, aws.ToString(in.FunctionName)); err != nil {
		return err
	}
	if _, err := a.lambda.UpdateFunctionConfiguration(ctx, in); err != nil {
		return err
	}
	return a.updated(ctx, in.FunctionName)
}

// SetCode uploads a function's code, with the same condition.
func (a *Account) SetCode(ctx context.Context, stackName string, in *lambda.UpdateFunctionCodeInput) error {
	if err := a.own(ctx, stackName, aws.ToString(in.FunctionName)); err != nil {
		return err
	}
	if _, err := a.lambda.UpdateFunctionCode(ctx, in); err != nil {
		return err
	}
	return a.updated(ctx, in.FunctionName)
}

// own is an error where weir did not make the stack, or the function is none of
// its parts.
func (a *Account) own(ctx context.Context, stackName, function string) error {
	s, err := a.State(ctx, stackName)
	if err != nil {
		return err
	}
	foreign := fmt.Errorf("function %s is not of a stack %s with the tag %s: weir changes only what it made", function, stackName, stack.MadeBy)
	if !s.Ours() {
		return foreign
	}
	out, err := a.stacks.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: &stackName})
	if err != nil {
		return fmt.Errorf("list the parts of the stack %s: %w", stackName, err)
	}
	for _, r := range out.StackResourceSummaries {
		if aws.ToString(r.ResourceType) == "AWS::Lambda::Function" && aws.ToString(r.PhysicalResourceId) == function {
			return nil
		}
	}
	return foreign
}

func (a *Account) updated(ctx context.Context, name *string) error {
	waiter := lambda.NewFunctionUpdatedV2Waiter(a.lambda, func(o *lambda.FunctionUpdatedV2WaiterOptions) { o.MinDelay = time.Second })
	if err := waiter.Wait(ctx, &lambda.GetFunctionInput{FunctionName: name}, updateTime); err != nil {
		return fmt.Errorf("wait until %s is changed: %w", *name, err)
	}
	return nil
}

// ConfigurationInput is the call that changes what runs the code.
func ConfigurationInput(name string, c Code) *lambda.UpdateFunctionConfigurationInput {
	return &lambda.UpdateFunctionConfigurationInput{FunctionName: &name, Runtime: types.Runtime(c.Runtime), Handler: &c.Handler}
}

// CodeInput is the call that uploads it.
func CodeInput(name string, c Code) *lambda.UpdateFunctionCodeInput {
	return &lambda.UpdateFunctionCodeInput{FunctionName: &name, ZipFile: c.Zip}
}
