package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// compileResources turns a Resource or NotResource element into a test of the
// request's resource, with the answer that is wanted of it. Statements without
// the element ask nothing.
func compileResources(c policy.Clause, vars variables) (b bounds, want bool) {
	values := policy.Values(c)
	_, not := c.(policy.AllBut)
	sure, maybe := &test{kind: texts}, &test{kind: texts}
	same := true
	for _, v := range values {
		narrow, wide, one, state := readResource(v.Text, vars)
		if state == valueless {
			continue
		}
		maybe.set = append(maybe.set, wide)
		if one && maybe.whole == nil {
			maybe.whole = append(glob.Union{}, maybe.set[:len(maybe.set)-1]...)
		} else if !one && maybe.whole != nil {
			maybe.whole = append(maybe.whole, wide)
		}
		switch {
		case state == unresolved:
			same = false
		case narrow != nil:
			same = false
			sure.set = append(sure.set, *narrow)
		default:
			sure.set = append(sure.set, wide)
		}
	}
	if same {
		return exactly(maybe), !not
	}
	if not {
		return bounds{sure: maybe, maybe: sure}, false
	}
	return bounds{sure: sure, maybe: maybe}, true
}

// resourcePattern is readResource for whom it makes no difference where a variable
// stands.
func resourcePattern(text string, vars variables) (narrow *glob.Pattern, wide glob.Pattern, state resolution) {
	narrow, wide, _, state = readResource(text, vars)
	return narrow, wide, state
}

// readResource returns the ARNs that one value stands for: wide is all that
// it could match; narrow, nil where there is no doubt, what it certainly does.
//
// AWS says that wildcards work inside a colon-separated part, and that a * at
// the end of a part may run on past the colon. Whether one in the middle of a
// part does is not said, so narrow does not count it.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func readResource(text string, vars variables) (narrow *glob.Pattern, wide glob.Pattern, one bool, state resolution) {
	if plain(text) {
		return nil, glob.Literal(text), false, resolved
	}
	inside, across := glob.New(), glob.New()
	doubt := false
	part, slashes := 0, 0
	early := false // a variable stands before the resource part, where AWS has none
	state = vars.expand(text, func(piece string, isValue bool) {
		early = early || isValue && part < 5
		for i := range len(piece) {
			c := piece[i]
			switch {
			case isValue || c != '*' && c != '?':
				end := i + 1
				for end < len(piece) && piece[end]&0xC0 == 0x80 {
					end++ // the rest of a character beyond ASCII
				}
				if c&0xC0 != 0x80 {
					inside.Text(piece[i:end])
					across.Text(piece[i:end])
				}
			case part >= 5 || c == '*' && endsPart(piece[i+1:]):
				wildcard(inside, c, glob.AnyChar)
				wildcard(across, c, glob.AnyChar)
			default:
				doubt = true
				wildcard(inside, c, glob.AnyChar.Without(":"))
				wildcard(across, c, glob.AnyChar)
			}
			if c == ':' {
				part++
			}
			if c == '/' && part >= 5 {
				slashes++
			}
		}
	}, func() {
		one = one || slashes != 1
		inside.Many(glob.AnyChar)
		across.Many(glob.AnyChar)
	})
	if early && state == resolved {
		state = unresolved
	}
	if doubt {
		p := inside.Pattern()
		return &p, across.Pattern(), one, state
	}
	return nil, across.Pattern(), one, state
}

// plain reports whether a value has neither wildcards nor variables: most have none.
func plain(text string) bool { return !strings.ContainsAny(text, "*?$") }

// endsPart reports whether a * followed by rest ends its part of an ARN.
func endsPart(rest string) bool {
	rest = strings.TrimLeft(rest, "*")
	return rest == "" || rest[0] == ':'
}

func wildcard(b *glob.Builder, c byte, class glob.Class) {
	if c == '*' {
		b.Many(class)
	} else {
		b.One(class)
	}
}
