// Package stack is the test pipeline that weir makes in an account: its
// template in three forms, its names and tags, what is to be done in each
// state of its stack, and what it costs. It is pure; package stack/account
// carries it out.
package stack

import (
	"fmt"
	"regexp"
	"time"
)

// Spec is a test pipeline.
type Spec struct {
	Name            string // of the stack and the stream; everything else is called after it
	Shards          int
	BatchSize       int
	Parallelization int
	Architecture    string // ARM or X86
	TTL             time.Duration
}

// Architectures of a function, as Lambda has them.
const (
	ARM = "arm64"
	X86 = "x86_64"
)

// What is the same in every test pipeline. The runtime's name is of
// lambda/latest/dg/lambda-runtimes, 2026-11-22.
const (
	NodeRuntime = "nodejs22.x"
	GoRuntime   = "provided.al2023"
	MemoryMB    = 512
	Timeout     = 30 * time.Second
)

// Default is a small one that is gone in a day.
var Default = Spec{Name: "weir-test", Shards: 2, BatchSize: 100, Parallelization: 1, Architecture: ARM, TTL: 24 * time.Hour}

// stackName leaves room, in the 64 characters of a function's and a role's
// name, for what is appended.
var stackName = regexp.MustCompile(`^weir-[A-Za-z0-9-]{1,40}$`)

// Validate names the field that is wrong.
func (s Spec) Validate() error {
	switch {
	case !stackName.MatchString(s.Name):
		return fmt.Errorf("name %q is not weir- and up to 40 letters, digits and hyphens", s.Name)
	case s.Shards < 1 || s.Shards > 500:
		return fmt.Errorf("shards %d are outside 1 to 500", s.Shards)
	case s.BatchSize < 1 || s.BatchSize > 10000:
		return fmt.Errorf("batch size %d is outside 1 to 10000", s.BatchSize)
	case s.Parallelization < 1 || s.Parallelization > 10:
		return fmt.Errorf("parallelization factor %d is outside 1 to 10", s.Parallelization)
	case s.Architecture != ARM && s.Architecture != X86:
		return fmt.Errorf("architecture %q is neither %s nor %s", s.Architecture, ARM, X86)
	case s.TTL < time.Hour:
		return fmt.Errorf("time to live %v is under an hour", s.TTL)
	}
	return nil
}

// Names are what the parts of the pipeline of a stack are called.
type Names struct {
	Stream, Function, Queue, LogGroup, Role, Dashboard, AlarmPrefix string
}

// NamesOf are the names in a region. Everything can be found by them again,
// also when the stack is gone.
func NamesOf(stack, region string) Names {
	return Names{
		Stream: stack, Function: stack + "-probe", Queue: stack + "-dead-letters",
		LogGroup: "/aws/lambda/" + stack + "-probe", Role: stack + "-" + region,
		Dashboard: stack, AlarmPrefix: stack + "-",
	}
}

// Tag is one tag.
type Tag struct{ Key, Value string }

// Keys of the tags that mark what weir made. A stack without MadeBy is never
// touched.
const (
	MadeBy      = "weir:made-by"
	ExpiresAt   = "weir:expires"
	TemplateTag = "weir:template"
)

// Tags of a stack made now; CloudFormation hands them on to its parts.
func (s Spec) Tags(now time.Time, template []byte) []Tag {
	return []Tag{
		{MadeBy, "weir-env"},
		{ExpiresAt, now.Add(s.TTL).UTC().Format(time.RFC3339)},
		{TemplateTag, fingerprint(s, template)},
	}
}
