package doctor

import (
	"slices"
	"strings"
)

// Policy is an IAM policy document
// (IAM/latest/UserGuide/reference_policies_grammar, 2026-11-22).
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement is one of a policy's.
type Statement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource []string
}

// PolicyFor is the least that the uses need: no action that weir doesn't call,
// and no resource wider than the action lets it be named.
func PolicyFor(uses []Use, s Scope) Policy {
	p := Policy{Version: "2012-10-17"}
	for _, n := range needs {
		if !slices.Contains(uses, n.use) {
			continue
		}
		p.Statement = append(p.Statement, Statement{
			Sid: sid(n), Effect: "Allow", Action: slices.Clone(n.actions), Resource: []string{n.resource(s)},
		})
	}
	return p
}

// sid is the use and purpose in the letters and digits that a Sid may have.
func sid(n need) string {
	var id strings.Builder
	for word := range strings.FieldsSeq(string(n.use) + " " + strings.NewReplacer("'", "", ",", "").Replace(n.purpose)) {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}
