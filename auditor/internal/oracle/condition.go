package oracle

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// condition decides one operator with one key. All conditions of a statement
// have to hold; names of keys ignore case.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (e *evaluation) condition(version policy.Version, c policy.Condition) Truth {
	key := strings.ToLower(c.Key)
	values := e.context[key]
	op := c.Operator
	switch {
	case op.Base == policy.UnknownOperator:
		return Maybe
	case op.Base == policy.Null:
		return e.tested(e.null(c, len(values) > 0), op, len(values) == 0)
	case len(values) == 0:
		return e.tested(missing(op), op, true)
	}
	info, listed := codeartifact.LookupKey(key)
	if !listed || !suits(op.Base, info.Type, key) || info.Multi && op.Quantifier == policy.NoQuantifier || len(values) > 1 && op.Quantifier == policy.NoQuantifier {
		return Maybe // what IAM makes of it is not documented
	}
	return e.tested(e.quantified(version, c, values), op, false)
}

// missing is what a condition says of a request without its key: false, true for
// the negated operators and for IfExists. Over a set, ForAllValues holds of no
// value and ForAnyValue does not, also with IfExists: it asks for one that does.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
// and, observed for ForAnyValue with IfExists, https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w
func missing(op policy.Operator) Truth {
	switch {
	case op.Quantifier == policy.ForAllValues:
		return Yes
	case op.Quantifier == policy.ForAnyValue:
		return No
	case op.IfExists:
		return Yes
	}
	return truth(negated(op.Base))
}

// null asks whether the key is there: "true" holds where it is not, "false"
// where it is. Over the values of a set, none of which is null, ForAllValues
// always holds and ForAnyValue never.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
func (e *evaluation) null(c policy.Condition, present bool) Truth {
	switch c.Operator.Quantifier {
	case policy.ForAllValues:
		return Yes
	case policy.ForAnyValue:
		return No
	}
	held := No
	for _, v := range c.Values {
		switch strings.ToLower(v.Text) {
		case "true":
			held = either(held, truth(!present))
		case "false":
			held = either(held, truth(present))
		default:
			held = either(held, Maybe)
		}
	}
	return held
}

// quantified compares each value of the request. With ForAllValues every one has
// to pass, with ForAnyValue one; without a set operator there is one value.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (e *evaluation) quantified(version policy.Version, c policy.Condition, values []string) Truth {
	every, some := Yes, No
	for _, v := range values {
		passes := e.passes(version, c, v)
		every, some = both(every, passes), either(some, passes)
	}
	if c.Operator.Quantifier == policy.ForAllValues {
		return every
	}
	return some
}

// passes compares one value of the request with the values of the policy: one of
// them has to match, for a negated operator none.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (e *evaluation) passes(version policy.Version, c policy.Condition, value string) Truth {
	base := c.Operator.Base
	matched := No
	for _, v := range c.Values {
		match, sound := e.compare(version, base, v.Text, value)
		if !sound && negated(base) {
			// A value that is no value of the operator's type matches nothing;
			// that its negation holds is more than AWS says.
			match = Maybe
		}
		matched = either(matched, match)
	}
	if negated(base) {
		return matched.not()
	}
	return matched
}

// negated reports whether the operator asks that nothing matches.
func negated(base policy.BaseOperator) bool {
	switch base {
	case policy.StringNotEquals, policy.StringNotEqualsIgnoreCase, policy.StringNotLike, policy.NumericNotEquals,
		policy.DateNotEquals, policy.NotIPAddress, policy.ARNNotEquals, policy.ARNNotLike:
		return true
	}
	return false
}
