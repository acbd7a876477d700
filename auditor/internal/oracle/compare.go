package oracle

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// compare says whether one value of a policy matches one value of the request,
// under the operator or, where it is negated, the operator that it negates. It
// reports false when the policy's value is none of the operator's type.
func (e *evaluation) compare(version policy.Version, base policy.BaseOperator, text, value string) (match Truth, sound bool) {
	switch {
	case isText(base):
		return e.compareText(version, base, text, value), true
	case isARN(base):
		return e.compareARN(version, text, value), true
	case isNumeric(base):
		return compareNumber(base, text, value)
	case isDate(base):
		return compareDate(base, text, value)
	case base == policy.IPAddress, base == policy.NotIPAddress:
		return compareAddress(text, value)
	case base == policy.Bool:
		if strings.Contains(text, "${") {
			return Maybe, true // AWS's pages disagree on variables in here
		}
		known := strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
		return truth(known && strings.EqualFold(text, value)), known
	}
	return Maybe, true
}

// compareText compares strings: exactly, without regard to case, or with
// wildcards. A variable without a value matches nothing.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
func (e *evaluation) compareText(version policy.Version, base policy.BaseOperator, text, value string) Truth {
	x := e.expand(version, text)
	if x.valueless {
		return e.settled(No, "variable without value")
	}
	pattern := x.symbols
	switch base {
	case policy.StringLike, policy.StringNotLike:
	default: // wildcards are characters like any other
		for i := range pattern {
			pattern[i].wild = false
		}
	}
	match := truth(like(pattern, value))
	switch base {
	case policy.StringEqualsIgnoreCase, policy.StringNotEqualsIgnoreCase:
		match = truth(strings.EqualFold(textOf(pattern), value))
	}
	return x.qualify(e, match)
}

// compareARN compares ARNs part by part; a wildcard stays inside its part, the
// last of which begins behind the fifth colon. Of patterns that have not six
// parts AWS says nothing.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func (e *evaluation) compareARN(version policy.Version, text, value string) Truth {
	x := e.expand(version, text)
	if x.valueless {
		return e.settled(No, "variable without value")
	}
	parts := strings.SplitN(value, ":", 6)
	patterns := splitSymbols(x.symbols)
	if len(patterns) != 6 || len(parts) != 6 {
		return Maybe
	}
	match := Yes
	for i := range parts {
		match = both(match, truth(like(patterns[i], parts[i])))
	}
	return x.qualify(e, match)
}

// qualify turns a match through variables that AWS does not allow into Maybe.
func (x expansion) qualify(e *evaluation, match Truth) Truth {
	if x.doubtful {
		return Maybe
	}
	if x.used {
		return e.settled(match, "variable")
	}
	return match
}

// splitSymbols cuts a pattern at its first five colons.
func splitSymbols(pattern []symbol) [][]symbol {
	out := [][]symbol{nil}
	for _, s := range pattern {
		if s.char == ':' && len(out) < 6 {
			out = append(out, nil)
			continue
		}
		out[len(out)-1] = append(out[len(out)-1], s)
	}
	return out
}

func textOf(pattern []symbol) string {
	var b strings.Builder
	for _, s := range pattern {
		b.WriteRune(s.char)
	}
	return b.String()
}
