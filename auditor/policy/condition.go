package policy

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// Condition is one test of a Condition block: an operator, a key, and the
// values of which any (for negated operators: none) must match.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type Condition struct {
	// Place covers the key and its values.
	Place
	Operator Operator
	// Key is the condition key as written; names ignore case.
	Key    string
	Values []ConditionValue
}

// ConditionValue is one value of a condition. The grammar lets numbers and
// booleans stand unquoted; Text is what IAM compares.
type ConditionValue struct {
	Place
	Text string
}

// conditionBlock reads a Condition element. AWS says of an empty one, and of a key
// without values, at once that it and that the whole statement has no effect.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func (p *parser) conditionBlock(v jsonpos.Value, s *Statement) {
	if s.Conditions != nil {
		p.lose(nameOf(v), "second Condition (expected one; what IAM makes of two is not documented)")
		return
	}
	if v.Kind() != jsonpos.Object {
		p.lose(placeOf(v), "Condition is %s (expected an object of operators)", v.Kind())
		return
	}
	// Never nil once a Condition was read, so that a second one is noticed.
	s.Conditions = make([]Condition, 0, v.Len())
	if v.Len() == 0 {
		p.lose(placeOf(v), "Condition is empty (expected at least one operator; AWS documents both that it and that the statement has no effect)")
	}
	var seen names
	for block := range v.Children() {
		name := block.Name()
		if seen.has(name) {
			p.lose(nameOf(block), "second %q in one Condition (expected one; what IAM makes of two is not documented)", short(name))
		}
		operator := ParseOperator(name)
		if operator.Base == UnknownOperator {
			p.unknownOperator(block, name)
		}
		if block.Kind() != jsonpos.Object {
			p.lose(placeOf(block), "%q is %s (expected an object of condition keys)", short(name), block.Kind())
			continue
		}
		p.tests(block, operator, s)
	}
}

// unknownOperator is tolerated because the statement still says all that it is
// known to say: whoever evaluates the operator answers for it.
func (p *parser) unknownOperator(v jsonpos.Value, name string) {
	quantifier, base, ok := strings.Cut(name, ":")
	if !ok {
		quantifier, base = "", name
	} else if quantifier = nearest(quantifier, []string{"ForAnyValue", "ForAllValues"}); quantifier != "" {
		quantifier += ":"
	}
	suffix := ""
	if n := len(base) - len("IfExists"); n > 0 && strings.EqualFold(base[n:], "IfExists") {
		base, suffix = base[:n], "IfExists"
	}
	if near := nearest(base, operatorNames); near == "Null" {
		p.tolerate(nameOf(v), "unknown condition operator %q (did you mean %q?)", short(name), near)
		return
	} else if near != "" {
		p.tolerate(nameOf(v), "unknown condition operator %q (did you mean %q?)", short(name), quantifier+near+suffix)
		return
	}
	p.tolerate(nameOf(v), "unknown condition operator %q (expected one such as StringEquals)", short(name))
}

// tests reads the keys and values under one operator.
func (p *parser) tests(block jsonpos.Value, operator Operator, s *Statement) {
	if block.Len() == 0 {
		p.lose(placeOf(block), "%q is empty (expected at least one condition key; what IAM makes of none is not documented)", short(operator.Text))
	}
	var seen names
	for v := range block.Children() {
		key := v.Name()
		// Key names ignore case, so two spellings are the same key twice.
		if seen.has(strings.ToLower(key)) {
			p.lose(nameOf(v), "second %q under %q (expected one; what IAM makes of two is not documented)", short(key), short(operator.Text))
		}
		condition := Condition{Place: Place{v.NameStart(), v.End()}, Operator: operator, Key: key}
		if v.Kind() == jsonpos.Array {
			condition.Values = p.conditionValues.take(v.Len())
			for element := range v.Children() {
				condition.Values = p.conditionValue(element, key, condition.Values)
			}
		} else {
			condition.Values = p.conditionValue(v, key, p.conditionValues.take(1))
		}
		if v.Kind() == jsonpos.Array && v.Len() == 0 {
			p.lose(placeOf(v), "condition key %q has no value (expected at least one; AWS documents no one meaning of none)", short(key))
		}
		s.Conditions = append(s.Conditions, condition)
	}
}

func (p *parser) conditionValue(v jsonpos.Value, key string, values []ConditionValue) []ConditionValue {
	switch v.Kind() {
	case jsonpos.String, jsonpos.Number, jsonpos.Bool:
		return append(values, ConditionValue{placeOf(v), v.Text()})
	}
	p.lose(placeOf(v), "value of condition key %q is %s (expected a string, a number or a boolean)", short(key), v.Kind())
	return values
}

// names is a set of names, without memory of its own for the usual few.
type names struct {
	few  [8]string
	n    int
	many map[string]bool
}

// has adds name and says whether it was there before.
func (n *names) has(name string) bool {
	if slices.Contains(n.few[:n.n], name) || n.many[name] {
		return true
	}
	if n.n < len(n.few) {
		n.few[n.n] = name
		n.n++
		return false
	}
	if n.many == nil {
		n.many = make(map[string]bool)
	}
	n.many[name] = true
	return false
}
