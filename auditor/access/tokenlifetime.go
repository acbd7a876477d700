package access

import (
	"slices"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// The lifetimes, in seconds, that a CodeArtifact token request can ask for, beside
// 0, which means until the caller's temporary credentials end.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html
const (
	shortestLifetime = 900
	longestLifetime  = 43200
)

// TokenLifetime is how long CodeArtifact tokens may last.
type TokenLifetime struct {
	Certainty
	Longest time.Duration
	// Pinned: no other lifetime may be asked for.
	Pinned  bool
	By      []Element // what allows it
	Witness Request
}

// LongerTokens returns the longest lifetime over limit that a CodeArtifact token
// request may ask for, nil when there is none. 0, which sets no lifetime, does not
// count.
func (p *Profile) LongerTokens(limit time.Duration) (*TokenLifetime, error) {
	over := max(int64(limit/time.Second)+1, shortestLifetime)
	if over > longestLifetime || !p.actions(maybe).Meets(bearerToken) {
		return nil, nil
	}
	found, certainty, err := bothWays(func(m mode) (*TokenLifetime, bool, error) {
		t, err := p.longerTokens(m, over)
		return t, t != nil, err
	})
	if found != nil {
		found.Certainty = certainty
	}
	return found, err
}

func (p *Profile) longerTokens(m mode, over int64) (*TokenLifetime, error) {
	longest, found, err := p.longestToken(m, over)
	if found == nil || err != nil {
		return nil, err
	}
	t := &TokenLifetime{Longest: time.Duration(longest) * time.Second, Witness: p.request(found)}
	by, err := p.lasting(m, span{over, longestLifetime})
	if err != nil {
		return nil, err
	}
	t.By = elementsOf(by, bearerToken)
	for _, other := range []span{{0, 0}, {shortestLifetime, longest - 1}} {
		shorter, err := p.find(tokensOf(maybe, other), p.steps())
		if shorter != nil || err != nil {
			return t, err
		}
	}
	t.Pinned = true
	return t, nil
}

// tokensOf asks for a bearer token for CodeArtifact with a lifetime in a span.
func tokensOf(m mode, lifetimes span) question {
	return question{mode: m, actions: bearerToken, with: []literal{
		{&test{dim: durationDim, kind: numbers, spans: []span{lifetimes}}, true},
	}}
}

// longestToken returns the longest lifetime from low on that may be asked for.
// That some lifetime of at least n passes holds up to the longest one and not
// beyond it, so it is found by halving.
func (p *Profile) longestToken(m mode, low int64) (int64, *Found, error) {
	found, err := p.find(tokensOf(m, span{low, longestLifetime}), p.steps())
	if found == nil || err != nil {
		return 0, nil, err
	}
	top, err := p.find(tokensOf(m, span{longestLifetime, longestLifetime}), p.steps())
	if top != nil || err != nil {
		return longestLifetime, top, err
	}
	high := int64(longestLifetime) // nothing from high on passes, found does from low on
	for low+1 < high {
		middle := (low + high) / 2
		longer, err := p.find(tokensOf(m, span{middle, longestLifetime}), p.steps())
		if err != nil {
			return 0, nil, err
		}
		if longer != nil {
			low, found = middle, longer
		} else {
			high = middle
		}
	}
	return low, found, nil
}

// lasting returns the statements that allow a lifetime in a span.
func (p *Profile) lasting(m mode, lifetimes span) ([]part, error) {
	var by []part
	for _, x := range p.allows {
		q := tokensOf(m, lifetimes)
		q.by = x.same
		found, err := p.find(q, p.steps())
		if err != nil {
			return nil, err
		}
		if found != nil {
			by = append(by, x)
		}
	}
	return by, nil
}

// PassedCap is a limit on the lifetime of tokens that 0 passes.
type PassedCap struct {
	Certainty
	Longest   time.Duration // that may be asked for
	By        []Element     // what allows 0
	Condition []Element     // the conditions on the lifetime
	Witness   Request       // with 0
}

// PassedCap returns whether the profile allows CodeArtifact tokens for less than
// the longest lifetime only, and a request with 0 as well; nil when not.
func (p *Profile) PassedCap() (*PassedCap, error) {
	if !p.actions(maybe).Meets(bearerToken) || !slices.ContainsFunc(p.statementsOn(codeartifact.GetServiceBearerToken), part.asksLifetime) {
		return nil, nil
	}
	found, certainty, err := bothWays(func(m mode) (*PassedCap, bool, error) {
		c, err := p.passedCap(m)
		return c, c != nil, err
	})
	if found != nil {
		found.Certainty = certainty
	}
	return found, err
}

func (p *Profile) passedCap(m mode) (*PassedCap, error) {
	if whole, err := p.find(tokensOf(maybe, span{longestLifetime, longestLifetime}), p.steps()); whole != nil || err != nil {
		return nil, err
	}
	zero, err := p.find(tokensOf(m, span{0, 0}), p.steps())
	if zero == nil || err != nil {
		return nil, err
	}
	longest, some, err := p.longestToken(m, shortestLifetime)
	if some == nil || err != nil {
		return nil, err
	}
	by, err := p.lasting(m, span{0, 0})
	if err != nil {
		return nil, err
	}
	c := &PassedCap{Longest: time.Duration(longest) * time.Second, By: elementsOf(by, bearerToken), Witness: p.request(zero)}
	for _, list := range append([][]part{by, p.denies}, p.layers...) {
		for _, x := range list {
			if x.actions.Meets(bearerToken) {
				c.Condition = append(c.Condition, x.lifetimes()...)
			}
		}
	}
	return c, nil
}

// asksLifetime reports whether the statement has a condition on the lifetime.
func (x part) asksLifetime() bool { return len(x.lifetimes()) > 0 }

// lifetimes returns the conditions of the statement on the lifetime of tokens.
func (x part) lifetimes() []Element {
	var out []Element
	for _, c := range x.parsed.Conditions {
		if strings.EqualFold(c.Key, durationDim) {
			out = append(out, Element{Policy: x.source.policy, Statement: x.parsed, Place: c.Place})
		}
	}
	return out
}
