package access

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// AlwaysMet is a condition that tells no requests of its statement apart.
type AlwaysMet struct {
	Certainty
	Effect policy.Effect
	Cause  Cause
	By     Element
	Key    string // as AWS writes it
	// Operator is the comparison as it is written.
	Operator string
	// Witness is a request that the statement speaks of, with its decision.
	Witness Request
	Allowed bool
}

// AlwaysMet returns the conditions that every request of their statement's actions
// meets, whoever makes it. Left alone are conditions that people write for good
// measure: on what AWS fixes for all requests, on the time, and of bearer tokens on
// their service and lifetime.
func (w *World) AlwaysMet(q *Policy) ([]AlwaysMet, error) {
	question := w.inertQuestion(aboutAlwaysMet, q)
	if !speaks(q.Kind) || w.access.settled(question) {
		return nil, nil
	}
	var out []AlwaysMet
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		if len(s.Conditions) == 0 {
			continue
		}
		l, ours := w.meaning(q, s)
		if !ours || l.foreign {
			continue
		}
		found, err := l.alwaysMet()
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	if len(out) == 0 {
		w.access.settle(question)
	}
	return out, nil
}

func (l lone) alwaysMet() ([]AlwaysMet, error) {
	var out []AlwaysMet
	anyone := l.anywhere()
	anyone.caller = l.world.access.whoever("")
	for _, c := range l.parsed.Conditions {
		if l.forGoodMeasure(c) {
			continue
		}
		never, err := anyone.neverFails(c)
		if err != nil {
			return nil, err
		}
		if !never && !l.passesEveryAddress(c) {
			continue
		}
		a := AlwaysMet{
			Certainty: Sure, Effect: l.parsed.Effect, By: l.element(c), Key: nameOfKey(c.Key), Operator: c.Operator.Text, Cause: EveryValue,
		}
		carried, err := l.carried(c.Key)
		switch {
		case err != nil:
			return nil, err
		case !never:
			a.Cause = EveryAddress
		case !carried:
			a.Cause = NeverCarried
		}
		if tags := resourceTags([]policy.Condition{c}); len(tags) > 0 {
			if never, err = anyone.freely(tags...).neverFails(c); err != nil {
				return nil, err
			}
			if !never {
				a.Certainty = Possible
			}
		}
		meant, err := l.some(l.profile(l.parsed.Conditions))
		if meant == nil || err != nil { // a statement without effect narrows nothing
			return nil, err
		}
		if a.Witness, a.Allowed, err = l.intended(meant); err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// neverFails reports whether certainly no request of the statement's actions fails
// a condition, whoever makes it and on whatever resource: what follows from where
// the policy stands is no reason to leave it out.
func (l lone) neverFails(c policy.Condition) (bool, error) {
	b := compileCondition(c, variables{version: l.policy.Document.Parsed.Version, caller: l.caller})
	if b.sure == nil {
		return false, nil
	}
	p := l.profile(nil)
	p.reach = nil
	failing, err := l.some(p, literal{b.sure, false})
	return failing == nil, err
}

// forGoodMeasure reports whether a condition is one of those that are written
// although all requests meet them: what AWS fixes for all, times that have come,
// what token rules judge, and that a key must be there beside what it must be.
func (l lone) forGoodMeasure(c policy.Condition) bool {
	info, listed := codeartifact.LookupKey(c.Key)
	if !listed {
		return false
	}
	dim := dimensionOf(strings.ToLower(c.Key))
	switch {
	case info.Control(codeartifact.AnyCaller) == codeartifact.ByConstant, aboutServices(info), dim == timeDim:
		return true
	case dim == serviceDim || dim == durationDim:
		return l.actions.Meets(bearerToken)
	}
	return c.Operator.Base == policy.Null && slices.ContainsFunc(l.parsed.Conditions, func(other policy.Condition) bool {
		return other.Operator.Base != policy.Null && strings.EqualFold(other.Key, c.Key)
	})
}

// passesEveryAddress reports whether a condition on the caller's address lets pass
// every IPv4 and every IPv6 address. Only requests without one, through a VPC
// endpoint, fail it, and nobody says that they should in this way.
func (l lone) passesEveryAddress(c policy.Condition) bool {
	if !strings.EqualFold(c.Key, "aws:SourceIp") {
		return false
	}
	b := compileCondition(c, variables{version: l.policy.Document.Parsed.Version, caller: l.caller})
	if b.sure == nil || b.sure.kind != addresses || b.sure.outside {
		return false
	}
	return wholeFamily(b.sure.prefixes, true) && wholeFamily(b.sure.prefixes, false)
}

// wholeFamily reports whether ranges hold every address of a family between them.
func wholeFamily(ranges []netip.Prefix, four bool) bool {
	var covers func(p netip.Prefix) bool
	covers = func(p netip.Prefix) bool {
		inside := false
		for _, r := range ranges {
			if r.Addr().Is4() != four {
				continue
			}
			if r.Bits() <= p.Bits() && r.Contains(p.Addr()) {
				return true
			}
			inside = inside || p.Contains(r.Addr())
		}
		if !inside {
			return false
		}
		raw := p.Addr().AsSlice()
		low := netip.PrefixFrom(p.Addr(), p.Bits()+1)
		raw[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
		a, _ := netip.AddrFromSlice(raw)
		return covers(low) && covers(netip.PrefixFrom(a, p.Bits()+1))
	}
	if four {
		return covers(netip.MustParsePrefix("0.0.0.0/0"))
	}
	return covers(netip.MustParsePrefix("::/0"))
}
