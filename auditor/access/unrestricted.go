package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Unrestricted is a resource policy's way in for any AWS principal by statements
// that look as if they kept strangers out: under a condition, or for all but some.
type Unrestricted struct {
	WayIn
	// Loopholes say for each condition and each NotPrincipal why a stranger gets
	// past it, in the order of the document.
	Loopholes []Loophole
}

// Loophole is an element that does not hold strangers off.
type Loophole struct {
	Element
	// Operator and Key are those of a condition, empty for NotPrincipal.
	Operator, Key string
	Why           Why
}

// Why says how a stranger gets past an element. The zero value is invalid.
type Why uint8

// The reasons.
const (
	_ Why = iota
	// NotListed: NotPrincipal lets in everyone whom it does not list.
	NotListed
	// NoKeyForAll, NoKeyIfExists: it holds for requests without the key, as those of
	// some strangers are.
	NoKeyForAll
	NoKeyIfExists
	// WithoutKey, WithKey: Null asks no more than that.
	WithoutKey
	WithKey
	// Negated: it names those whom it keeps out, and no others.
	Negated
	// WideRange: a range of addresses that is wider than any one owner's.
	WideRange
	// OthersMatch: a pattern that what belongs to others matches too.
	OthersMatch
	// ChosenByCaller: whoever calls arranges the value, or the owner of the caller's
	// account does.
	ChosenByCaller
	// OfEveryRequest: it is so on every request.
	OfEveryRequest
	// OfResource: it asks about the resource and not about who calls.
	OfResource
	// NotJudged: whether it holds is not known.
	NotJudged
)

// Unrestricted returns what the resource policy lets a stranger do by statements
// under a condition that a stranger can satisfy, or with NotPrincipal; nil when
// there is no such request. Who a stranger is, see [codeartifact.Outside]: it chooses
// what an account's owner can, and has no part in what AWS or others assigned. A
// condition on the network that the policy names keeps it out; one on the tags of
// the resource only narrows.
func (w *World) Unrestricted(q *Policy) (*Unrestricted, error) {
	for _, g := range w.Guests(q) {
		if g.Kind == Everyone {
			return g.unrestricted()
		}
	}
	return nil, nil
}

func (g *Guest) unrestricted() (*Unrestricted, error) {
	looksRestricted := func(s *policy.Statement) bool {
		_, not := s.Principals.(policy.AllButPrincipals)
		return not || len(s.Conditions) > 0
	}
	way, err := g.wayIn(g.Profile, codeartifact.AllActions(), looksRestricted, []distance{
		{nobody: true, outside: true, untagged: true}, {nobody: true, outside: true},
	})
	if way == nil || err != nil {
		return nil, err
	}
	out := &Unrestricted{WayIn: *way}
	for _, used := range way.used {
		if _, not := used.part.parsed.Principals.(policy.AllButPrincipals); not {
			out.Loopholes = append(out.Loopholes, Loophole{Element: g.elements(used.part)[0], Why: NotListed})
		}
		for _, c := range used.part.parsed.Conditions {
			out.Loopholes = append(out.Loopholes, Loophole{
				Element:  Element{Policy: used.part.source.policy, Statement: used.part.parsed, Place: c.Place},
				Operator: c.Operator.Text, Key: c.Key, Why: g.why(c, used.first),
			})
		}
	}
	return out, nil
}

// why says how a request gets past a condition.
func (g *Guest) why(c policy.Condition, f *Found) Why {
	dim := dimensionOf(strings.ToLower(c.Key))
	v, asked := f.context[dim]
	family, known := families[c.Operator.Base]
	info, listed := codeartifact.LookupKey(c.Key)
	switch {
	case c.Operator.Base == policy.Null && c.Operator.Quantifier == policy.ForAllValues:
		return NoKeyForAll
	case c.Operator.Base == policy.Null && asked:
		if v.present {
			return WithKey
		}
		return WithoutKey
	case !asked || !known:
		return NotJudged
	case !v.present && c.Operator.Quantifier == policy.ForAllValues:
		return NoKeyForAll
	case !v.present && c.Operator.IfExists:
		return NoKeyIfExists
	case family.outside:
		return Negated
	case !listed:
		return NotJudged
	}
	if _, settled := g.caller.fixedValue(dim); settled && info.Control(codeartifact.AnyCaller) != codeartifact.ByResource {
		if info.Control(codeartifact.AnyCaller) == codeartifact.ByConstant {
			return OfEveryRequest
		}
		return OthersMatch
	}
	switch info.Outside() {
	case codeartifact.Located:
		return WideRange
	case codeartifact.Attached:
		return OfResource
	case codeartifact.Assigned, codeartifact.OwnARN, codeartifact.Issued:
		return OthersMatch
	}
	switch info.Control(codeartifact.AnyCaller) {
	case codeartifact.ByConstant:
		return OfEveryRequest
	case codeartifact.ByResource:
		return OfResource
	}
	if dim == "aws:principalarn" {
		return OthersMatch
	}
	return ChosenByCaller
}
