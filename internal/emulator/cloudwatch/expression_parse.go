package cloudwatch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An expression of GetMetricData, in falling order of precedence:
//
//	primary  number | "text" | id | FUNCTION(args) | (expression) | [args]
//	         -primary
//	^        from the right
//	* /
//	+ -
//	== != < <= > >=
//	AND &&
//	OR ||

// node is a parsed expression.
type node interface {
	eval(e *evaluation) (operand, error)
}

type (
	numberNode float64
	textNode   string
	idNode     string
	arrayNode  []node
	callNode   struct {
		name string
		args []node
	}
	binaryNode struct {
		operator    string
		left, right node
	}
)

// levels are the binary operators, the loosest first.
var levels = [][]string{{"||", "OR"}, {"&&", "AND"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/"}}

func parseExpression(text string) (node, error) {
	tokens, err := splitExpression(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	n, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, fmt.Errorf("unexpected %q", p.peek())
	}
	return n, nil
}

const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
)

// splitExpression cuts a text into numbers, words, quoted texts (with their
// opening quote) and operators.
func splitExpression(text string) ([]string, error) {
	var tokens []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n, err := tokenLength(text)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, text[:n])
		text = text[n:]
		if q := tokens[len(tokens)-1][0]; q == '"' || q == '\'' {
			text = text[1:] // the closing quote
		}
	}
	return tokens, nil
}

func tokenLength(text string) (int, error) {
	span := func(set string) int { return len(text) - len(strings.TrimLeft(text, set)) }
	switch c := text[0]; {
	case strings.IndexByte(digits+".", c) >= 0:
		return span(digits + "."), nil
	case strings.IndexByte(letters, c) >= 0:
		return span(letters + digits), nil
	case c == '"' || c == '\'':
		end := strings.IndexByte(text[1:], c)
		if end < 0 {
			return 0, errors.New("a quoted text has no end")
		}
		return 1 + end, nil
	case len(text) > 1 && strings.Contains("== != <= >= && ||", text[:2]) && text[1] != ' ':
		return 2, nil
	case strings.IndexByte("+-*/^<>()[],", c) >= 0:
		return 1, nil
	default:
		return 0, fmt.Errorf("unexpected character %q", c)
	}
}

type parser struct{ tokens []string }

// peek is the next token, "" at the end.
func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	token := p.peek()
	if token != "" {
		p.tokens = p.tokens[1:]
	}
	return token
}

func (p *parser) take(token string) bool {
	if p.peek() != token {
		return false
	}
	p.next()
	return true
}

func (p *parser) binary(level int) (node, error) {
	if level == len(levels) {
		return p.power()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		operator := p.operator(level)
		if operator == "" {
			return left, nil
		}
		var right node
		right, err = p.binary(level + 1)
		left = binaryNode{operator, left, right}
	}
	return nil, err
}

// operator takes the next token if it is one of the level; words become signs.
func (p *parser) operator(level int) string {
	for _, sign := range levels[level] {
		if p.take(sign) {
			return canonical(sign)
		}
	}
	return ""
}

func canonical(sign string) string {
	switch sign {
	case "OR":
		return "||"
	case "AND":
		return "&&"
	}
	return sign
}

func (p *parser) power() (node, error) {
	left, err := p.unary()
	if err != nil || !p.take("^") {
		return left, err
	}
	right, err := p.power()
	return binaryNode{"^", left, right}, err
}

func (p *parser) unary() (node, error) {
	if p.take("-") {
		operand, err := p.unary()
		return binaryNode{"-", numberNode(0), operand}, err
	}
	return p.primary()
}

func (p *parser) primary() (node, error) {
	token := p.next()
	switch {
	case token == "":
		return nil, errors.New("it ends too early")
	case token == "(":
		inner, err := p.binary(0)
		if err == nil && !p.take(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return inner, err
	case token == "[":
		elements, err := p.list("]")
		return arrayNode(elements), err
	case token[0] == '"' || token[0] == '\'':
		return textNode(token[1:]), nil
	case strings.IndexByte(digits+".", token[0]) >= 0:
		number, err := strconv.ParseFloat(token, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", token)
		}
		return numberNode(number), nil
	case strings.IndexByte(letters, token[0]) < 0:
		return nil, fmt.Errorf("unexpected %q", token)
	case p.take("("):
		args, err := p.list(")")
		return callNode{strings.ToUpper(token), args}, err
	}
	return idNode(token), nil
}

// list reads expressions between commas up to the closing sign.
func (p *parser) list(closing string) ([]node, error) {
	var elements []node
	for !p.take(closing) {
		if len(elements) > 0 && !p.take(",") {
			return nil, fmt.Errorf("expected a comma or %q", closing)
		}
		element, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return elements, nil
}
