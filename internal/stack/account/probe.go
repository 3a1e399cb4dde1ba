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

// SetCode gives a function other code, if it belongs to a stack of weir's of
// that name.
func (a *Account) SetCode(ctx context.Context, stackName, name string, c Code) error {
	owned, err := a.owns(ctx, stackName, name)
	if err != nil {
		return err
	}
	if !owned {
		return fmt.Errorf("function %s is not of a stack %s with the tag %s: weir changes only what it made", name, stackName, stack.MadeBy)
	}
	f, err := a.Function(ctx, name)
	if err != nil {
		return err
	}
	if f.Runtime != c.Runtime {
		if _, err := a.lambda.UpdateFunctionConfiguration(ctx, ConfigurationInput(name, c)); err != nil {
			return fmt.Errorf("change the runtime of %s: %w", name, err)
		}
		if err := a.updated(ctx, name); err != nil {
			return err
		}
	}
	if _, err := a.lambda.UpdateFunctionCode(ctx, CodeInput(name, c)); err != nil {
		return fmt.Errorf("upload the code of %s: %w", name, err)
	}
	return a.updated(ctx, name)
}

// owns reports whether weir made the stack and the function is one of its parts.
func (a *Account) owns(ctx context.Context, stackName, function string) (bool, error) {
	s, err := a.State(ctx, stackName)
	if err != nil || !s.Ours() {
		return false, err
	}
	out, err := a.stacks.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: &stackName})
	if err != nil {
		return false, fmt.Errorf("list the parts of the stack %s: %w", stackName, err)
	}
	for _, r := range out.StackResourceSummaries {
		if aws.ToString(r.ResourceType) == "AWS::Lambda::Function" && aws.ToString(r.PhysicalResourceId) == function {
			return true, nil
		}
	}
	return false, nil
}

func (a *Account) updated(ctx context.Context, name string) error {
	waiter := lambda.NewFunctionUpdatedV2Waiter(a.lambda, func(o *lambda.FunctionUpdatedV2WaiterOptions) { o.MinDelay = time.Second })
	if err := waiter.Wait(ctx, &lambda.GetFunctionInput{FunctionName: &name}, updateTime); err != nil {
		return fmt.Errorf("wait until %s is changed: %w", name, err)
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
