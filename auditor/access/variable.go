package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// resolution says what became of the variables of a text.
type resolution uint8

const (
	_          resolution = iota
	resolved              // every variable has its value
	valueless             // a variable has no value and no default: the text matches nothing
	unresolved            // a variable has a value that is not known
)

// variables resolves the ${…} of one document for one caller.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type variables struct {
	version policy.Version
	caller  *Caller
	used    *bool // set when a text depends on the caller
}

// expand calls text for each piece of a value in order: literal pieces, which
// may hold wildcards, and values of variables and escapes, which may not. Where
// the value of a variable is not known, it calls open instead.
func (v variables) expand(s string, text func(piece string, isValue bool), open func()) resolution {
	state := resolved
	for {
		before, rest, found := strings.Cut(s, "${")
		body, after, closed := strings.Cut(rest, "}")
		if v.version != policy.Version2012 || !found || !closed {
			text(s, false)
			return state
		}
		text(before, false)
		s = after
		if body == "*" || body == "?" || body == "$" {
			text(body, true)
			continue
		}
		name, fallback, hasFallback := splitDefault(body)
		if v.used != nil {
			*v.used = true
		}
		val, known := v.caller.fixedValue(dimensionOf(strings.ToLower(name)))
		switch {
		case !known:
			open()
			state = max(state, unresolved)
		case val.present && len(val.texts) == 1:
			text(val.texts[0], true)
		case hasFallback:
			text(fallback, true)
		default:
			return valueless
		}
	}
}

// splitDefault takes "aws:PrincipalTag/team, 'x'" apart.
func splitDefault(body string) (name, fallback string, has bool) {
	name, rest, found := strings.Cut(body, ",")
	name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if !found || len(rest) < 2 || rest[0] != '\'' || rest[len(rest)-1] != '\'' {
		return strings.TrimSpace(body), "", false
	}
	return name, rest[1 : len(rest)-1], true
}
