package lambda

import (
	"encoding/json"
	"slices"
	"strings"
)

// rule is one comparison of a filter pattern. It holds for a leaf of the data:
// a string, json.Number, bool or nil; or, with absent, where there is no leaf.
type rule struct {
	holds  func(leaf any) bool
	absent bool
}

// compileRules compiles the list of a field: literals and operators, of which
// one has to hold.
func compileRules(list []any) ([]rule, bool) {
	var rules []rule
	for _, item := range list {
		var r rule
		ok := true
		switch item := item.(type) {
		case map[string]any:
			r, ok = compileOperator(item)
		case []any:
			ok = false
		default:
			r = equals(item)
		}
		if !ok {
			return nil, false
		}
		rules = append(rules, r)
	}
	return rules, len(rules) > 0
}

func equals(literal any) rule { return rule{holds: func(leaf any) bool { return leaf == literal }} }

// compileOperator compiles an object with one operator, of those that Lambda
// documents.
func compileOperator(object map[string]any) (rule, bool) {
	if len(object) != 1 {
		return rule{}, false
	}
	for operator, operand := range object {
		switch operator {
		case "exists":
			exists, ok := operand.(bool)
			return rule{holds: func(any) bool { return true }, absent: !exists}, ok
		case "anything-but":
			return compileAnythingBut(operand)
		case "numeric":
			return compileNumeric(operand)
		default:
			return compileText(operator, operand)
		}
	}
	return rule{}, false
}

// compileText compiles the operators that compare a string with a string.
func compileText(operator string, operand any) (rule, bool) {
	compare := map[string]func(s, operand string) bool{
		"prefix": strings.HasPrefix, "suffix": strings.HasSuffix, "equals-ignore-case": strings.EqualFold,
	}[operator]
	text, ok := operand.(string)
	if compare == nil || !ok {
		return rule{}, false
	}
	return rule{holds: func(leaf any) bool {
		s, ok := leaf.(string)
		return ok && compare(s, text)
	}}, true
}

// compileAnythingBut compiles the negation of a literal, of a list of them, or
// of a prefix or suffix.
func compileAnythingBut(operand any) (rule, bool) {
	var excluded []rule
	ok := true
	switch operand := operand.(type) {
	case map[string]any:
		var r rule
		for operator, text := range operand {
			r, ok = compileText(operator, text)
		}
		excluded, ok = []rule{r}, ok && len(operand) == 1
	case []any:
		for _, literal := range operand {
			ok = ok && isTextOrNumber(literal)
			excluded = append(excluded, equals(literal))
		}
		ok = ok && len(excluded) > 0
	default:
		excluded, ok = []rule{equals(operand)}, isTextOrNumber(operand)
	}
	return rule{holds: func(leaf any) bool {
		return !slices.ContainsFunc(excluded, func(r rule) bool { return r.holds(leaf) })
	}}, ok
}

func isTextOrNumber(literal any) bool {
	switch literal.(type) {
	case string, json.Number:
		return true
	}
	return false
}

// compileNumeric compiles ["=", n], one bound, or a lower and then an upper one.
func compileNumeric(operand any) (rule, bool) {
	list, _ := operand.([]any)
	if len(list) != 2 && len(list) != 4 {
		return rule{}, false
	}
	var bounds []func(float64) bool
	var operators []byte
	for i := 0; i < len(list); i += 2 {
		operator, _ := list[i].(string)
		bound, ok := number(list[i+1])
		compare := comparison(operator, bound)
		if !ok || compare == nil {
			return rule{}, false
		}
		bounds = append(bounds, compare)
		operators = append(operators, operator[0])
	}
	return rule{holds: func(leaf any) bool {
		n, ok := number(leaf)
		return ok && !slices.ContainsFunc(bounds, func(holds func(float64) bool) bool { return !holds(n) })
	}}, len(bounds) == 1 || string(operators) == "><"
}

// comparison is the operator with its right side; nil: there is no such operator.
func comparison(operator string, bound float64) func(float64) bool {
	switch operator {
	case "=":
		return func(n float64) bool { return n == bound }
	case "<":
		return func(n float64) bool { return n < bound }
	case "<=":
		return func(n float64) bool { return n <= bound }
	case ">":
		return func(n float64) bool { return n > bound }
	case ">=":
		return func(n float64) bool { return n >= bound }
	}
	return nil
}

func number(value any) (float64, bool) {
	text, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := text.Float64()
	return n, err == nil
}
