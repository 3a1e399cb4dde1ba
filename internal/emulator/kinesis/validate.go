package kinesis

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// Patterns of the API's model (service/kinesis 2013-12-02).
const (
	namePattern     = "[a-zA-Z0-9_.-]+"
	arnPattern      = `arn:aws.*:kinesis:.*:\d{12}:stream/\S+`
	consumerPattern = `^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+`
	resourcePattern = `arn:aws.*:kinesis:.*:\d{12}:.*stream/\S+`
	hashKeyPattern  = `0|([1-9]\d{0,38})`
	sequencePattern = `0|([1-9]\d{0,128})`
)

var patterns = map[string]*regexp.Regexp{
	namePattern:     regexp.MustCompile("^(?:" + namePattern + ")$"),
	arnPattern:      regexp.MustCompile("^(?:" + arnPattern + ")$"),
	consumerPattern: regexp.MustCompile("^(?:" + consumerPattern + ")$"),
	resourcePattern: regexp.MustCompile("^(?:" + resourcePattern + ")$"),
	hashKeyPattern:  regexp.MustCompile("^(?:" + hashKeyPattern + ")$"),
	sequencePattern: regexp.MustCompile("^(?:" + sequencePattern + ")$"),
}

// mostViolations is how many AWS names in one answer.
const mostViolations = 10

// validation collects what a request violates in the words of AWS's services.
type validation struct{ violations []string }

func (v *validation) violate(value, member, rule string) {
	if len(v.violations) < mostViolations {
		v.violations = append(v.violations, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, member, rule))
	}
}

// err is the ValidationException, nil where nothing was violated.
func (v *validation) err() error {
	n := len(v.violations)
	if n == 0 {
		return nil
	}
	plural := ""
	if n > 1 {
		plural = "s"
	}
	return &wire.Error{
		Code:    "ValidationException",
		Message: fmt.Sprintf("%d validation error%s detected: %s", n, plural, strings.Join(v.violations, "; ")),
	}
}

func (v *validation) required(member string) { v.violate("null", member, "Member must not be null") }

// text checks an optional string: nil is fine, maxChars 0 means no upper bound.
func (v *validation) text(member string, value *string, pattern string, minChars, maxChars int) {
	if value == nil {
		return
	}
	quoted := "'" + *value + "'"
	chars := utf8.RuneCountInString(*value)
	if re := patterns[pattern]; re != nil && !re.MatchString(*value) {
		v.violate(quoted, member, "Member must satisfy regular expression pattern: "+pattern)
	}
	if chars < minChars {
		v.violate(quoted, member, "Member must have length greater than or equal to "+strconv.Itoa(minChars))
	}
	if maxChars > 0 && chars > maxChars {
		v.violate(quoted, member, "Member must have length less than or equal to "+strconv.Itoa(maxChars))
	}
}

// needs is text for a string that must be there.
func (v *validation) needs(member string, value *string, pattern string, minChars, maxChars int) {
	if value == nil {
		v.required(member)
	}
	v.text(member, value, pattern, minChars, maxChars)
}

// needsChoice is choice for a string that must be there.
func (v *validation) needsChoice(member string, value *string, choices ...string) {
	if value == nil {
		v.required(member)
	}
	v.choice(member, value, choices...)
}

// number checks an optional integer.
func (v *validation) number(member string, value *int, lowest, highest int) {
	switch {
	case value == nil:
	case *value < lowest:
		v.violate(fmt.Sprintf("'%d'", *value), member, fmt.Sprintf("Member must have value greater than or equal to %d", lowest))
	case *value > highest:
		v.violate(fmt.Sprintf("'%d'", *value), member, fmt.Sprintf("Member must have value less than or equal to %d", highest))
	}
}

// choice checks an optional string of an enumeration.
func (v *validation) choice(member string, value *string, choices ...string) {
	if value == nil || slices.Contains(choices, *value) {
		return
	}
	v.violate("'"+*value+"'", member, "Member must satisfy enum value set: ["+strings.Join(choices, ", ")+"]")
}

// streamRef names a stream by name, by ARN or by both, as most requests do.
type streamRef struct {
	StreamName *string
	StreamARN  *string
}

func (v *validation) stream(ref streamRef) {
	v.text("streamName", ref.StreamName, namePattern, 1, quota.MaxStreamNameChars)
	v.text("streamARN", ref.StreamARN, arnPattern, 1, 2048)
}

// name is the stream's name; a request that has none is an error.
func (ref streamRef) name() (string, error) {
	switch {
	case ref.StreamName == nil && ref.StreamARN == nil:
		return "", invalidArgument("Either StreamName or StreamARN should be provided.")
	case ref.StreamName == nil:
		return nameOf(*ref.StreamARN), nil
	case ref.StreamARN != nil && nameOf(*ref.StreamARN) != *ref.StreamName:
		return "", invalidArgument("StreamName and StreamARN name different streams.")
	}
	return *ref.StreamName, nil
}

// read decodes a request and checks it.
func (c *call) read(request any, check func(*validation)) error {
	if err := wire.DecodeJSON(c.text, request); err != nil {
		return err
	}
	var v validation
	check(&v)
	return v.err()
}
