package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// bounds is what is known of a test: sure holds only where the policy's test
// certainly holds, maybe wherever it could. A nil sure holds nowhere, a nil
// maybe everywhere. Where the test is understood whole, the two are one.
type bounds struct{ sure, maybe *test }

func exactly(t *test) bounds { return bounds{t, t} }

// unknown is a test that could not be understood.
var unknown = bounds{}

// family tells how an operator compares.
type family struct {
	kind    kind
	cmp     comparison // numbers
	outside bool       // the negated form
	fold    bool       // ignores case
	wild    bool       // * and ? are wildcards
	arn     bool       // compares ARNs part by part
	bool    bool
	date    bool
}

// families holds every operator that compares; Null asks about presence alone
// and BinaryEquals compares what no key of our requests carries.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var families = map[policy.BaseOperator]family{
	policy.StringEquals:              {kind: texts},
	policy.StringNotEquals:           {kind: texts, outside: true},
	policy.StringEqualsIgnoreCase:    {kind: texts, fold: true},
	policy.StringNotEqualsIgnoreCase: {kind: texts, fold: true, outside: true},
	policy.StringLike:                {kind: texts, wild: true},
	policy.StringNotLike:             {kind: texts, wild: true, outside: true},
	policy.NumericEquals:             {kind: numbers, cmp: equal},
	policy.NumericNotEquals:          {kind: numbers, cmp: equal, outside: true},
	policy.NumericLessThan:           {kind: numbers, cmp: less},
	policy.NumericLessThanEquals:     {kind: numbers, cmp: lessOrEqual},
	policy.NumericGreaterThan:        {kind: numbers, cmp: greater},
	policy.NumericGreaterThanEquals:  {kind: numbers, cmp: greaterOrEqual},
	policy.DateEquals:                {kind: numbers, cmp: equal, date: true},
	policy.DateNotEquals:             {kind: numbers, cmp: equal, date: true, outside: true},
	policy.DateLessThan:              {kind: numbers, cmp: less, date: true},
	policy.DateLessThanEquals:        {kind: numbers, cmp: lessOrEqual, date: true},
	policy.DateGreaterThan:           {kind: numbers, cmp: greater, date: true},
	policy.DateGreaterThanEquals:     {kind: numbers, cmp: greaterOrEqual, date: true},
	policy.Bool:                      {kind: texts, fold: true, bool: true},
	policy.IPAddress:                 {kind: addresses},
	policy.NotIPAddress:              {kind: addresses, outside: true},
	policy.ARNEquals:                 {kind: texts, wild: true, arn: true},
	policy.ARNLike:                   {kind: texts, wild: true, arn: true},
	policy.ARNNotEquals:              {kind: texts, wild: true, arn: true, outside: true},
	policy.ARNNotLike:                {kind: texts, wild: true, arn: true, outside: true},
}

// fits reports whether operators of the family compare the values of a key as
// AWS documents it. What they say of other types is not documented.
func (f family) fits(key *codeartifact.KeyInfo) bool {
	switch key.Type {
	case codeartifact.StringKey:
		return f.kind == texts && !f.arn && !f.bool
	case codeartifact.ARNKey:
		return f.kind == texts && !f.bool
	case codeartifact.BoolKey:
		return f.bool
	case codeartifact.NumericKey:
		return f.kind == numbers && !f.date
	case codeartifact.DateKey: // aws:EpochTime is documented to take numbers too
		return f.kind == numbers && (f.date || key.Name == "aws:EpochTime")
	case codeartifact.IPAddressKey:
		return f.kind == addresses
	}
	return false
}

// compileCondition turns one condition into a test. Operators that IAM does not
// have, operators that do not fit the type of their key, and global keys that
// are not in the table are unknown: they may hold or not.
func compileCondition(c policy.Condition, vars variables) bounds {
	name := strings.ToLower(c.Key)
	t := &test{dim: dimensionOf(name), quant: c.Operator.Quantifier}
	if c.Operator.Base == policy.UnknownOperator {
		return unknown
	}
	info, listed := codeartifact.LookupKey(name)
	if !listed && strings.HasPrefix(name, "aws:") {
		return unknown
	}
	if c.Operator.Base == policy.Null {
		return compileNull(t, c)
	}
	f, known := families[c.Operator.Base]
	if !known {
		return unknown
	}
	t.kind, t.outside = f.kind, f.outside
	t.absent = answerWhenAbsent(c.Operator, f.outside)
	if !listed {
		// A key of another service, or one that nobody has: no request of ours
		// carries it, so only the answer for absence is ever asked.
		return exactly(t)
	}
	if !f.fits(info) || info.Multi && c.Operator.Quantifier == policy.NoQuantifier {
		return unknown
	}
	return compileValues(t, f, c.Values, vars)
}

// answerWhenAbsent is what a test says of a request that lacks its key. IfExists
// does not help ForAnyValue, which asks for a value that passes.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
// and, tried on AWS, https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w
func answerWhenAbsent(op policy.Operator, outside bool) bool {
	switch op.Quantifier {
	case policy.ForAllValues:
		return true
	case policy.ForAnyValue:
		return false
	}
	return op.IfExists || outside
}

// compileNull reads Null: "true" holds where the key is absent, "false" where
// it is present. With a quantifier it asks about the members of a set, none of
// which is null: ForAllValues always holds, ForAnyValue never.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
func compileNull(t *test, c policy.Condition) bounds {
	switch c.Operator.Quantifier {
	case policy.ForAllValues:
		t.kind, t.set, t.absent = texts, glob.Union{glob.Everything()}, true
		return exactly(t)
	case policy.ForAnyValue:
		t.kind = texts
		return exactly(t)
	}
	t.kind = presence
	if len(c.Values) != 1 || c.Operator.IfExists {
		return unknown
	}
	switch strings.ToLower(c.Values[0].Text) {
	case "true":
		t.absent = true
	case "false":
		t.absent = false
	default:
		return unknown
	}
	return exactly(t)
}

// compileValues fills in what the key is compared with. A value that is not of
// the operator's type equals nothing; what a negated operator makes of it is not
// documented.
func compileValues(t *test, f family, values []policy.ConditionValue, vars variables) bounds {
	open := glob.Union{} // what variables without a known value could stand for
	for _, v := range values {
		switch f.kind {
		case numbers:
			parse := parseNumber
			if f.date {
				parse = parseDate
			}
			limit, ok := parse(v.Text)
			if !ok && (f.outside || f.date && isYear(v.Text)) {
				return unknown
			}
			if s, some := spanOf(f.cmp, limit); ok && some {
				t.spans = append(t.spans, s)
			}
		case addresses:
			p, ok := parsePrefix(v.Text)
			if !ok && f.outside {
				return unknown
			}
			if ok {
				t.prefixes = append(t.prefixes, p)
			}
		case texts:
			if f.arn && strings.Count(v.Text, ":") < 5 || f.bool && strings.Contains(v.Text, "${") {
				return unknown // AWS says nothing of ARNs with fewer parts, and differs on variables in Bool
			}
			p, state := f.pattern(v.Text, vars)
			switch state {
			case resolved:
				t.set = append(t.set, p)
			case unresolved:
				open = append(open, p)
			}
		}
	}
	if len(open) == 0 {
		return exactly(t)
	}
	wide := *t
	wide.set = append(append(glob.Union{}, t.set...), open...)
	if f.outside {
		return bounds{sure: &wide, maybe: t}
	}
	return bounds{sure: t, maybe: &wide}
}

// pattern returns the strings that one value stands for.
func (f family) pattern(text string, vars variables) (glob.Pattern, resolution) {
	if !f.fold && plain(text) {
		return glob.Literal(text), resolved
	}
	b := glob.New()
	segment := 0 // colon-separated part, for ARN operators
	class := func() glob.Class {
		if f.arn && segment < 5 {
			return glob.AnyChar.Without(":")
		}
		return glob.AnyChar
	}
	state := vars.expand(text, func(piece string, isValue bool) {
		for _, c := range piece {
			switch {
			case isValue || !f.wild || c != '*' && c != '?':
				if f.fold {
					b.Fold(string(c))
				} else {
					b.Text(string(c))
				}
			case c == '*':
				b.Many(class())
			default:
				b.One(class())
			}
			if c == ':' {
				segment++
			}
		}
	}, func() { b.Many(glob.AnyChar) })
	return b.Pattern(), state
}
