package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Public is a resource policy's way in for any AWS principal.
type Public struct {
	Certainty
	// By are the principal and action elements that let strangers in.
	By []Element
	// Actions are those that strangers may do.
	Actions codeartifact.ActionSet
	Witness Request
	// StoppedByRCP: a resource control policy would stop every such request if
	// it covers CodeArtifact, of which sources differ.
	StoppedByRCP bool
}

// Public returns what the resource policy lets a stranger do by statements
// without any condition; nil when there is no such request. What a Deny takes
// from strangers is not counted.
func (q *Policy) Public() (*Public, error) {
	if q.alone == nil || !q.alone.caller.stranger {
		return nil, nil
	}
	found, certainty, err := bothWays(func(m mode) (*Public, bool, error) {
		f, err := q.public(m)
		return f, f != nil, err
	})
	if found == nil || err != nil {
		return nil, err
	}
	found.Certainty = certainty
	found.StoppedByRCP, err = q.alone.heldByRCPs(found.Actions)
	return found, err
}

// under returns the profile with further Deny statements.
func (p *Profile) under(denies []part) *Profile {
	view := *p
	view.key = ""
	view.denies = slices.Concat(p.denies, denies)
	return &view
}

func (q *Policy) public(m mode) (*Public, error) {
	var public *Public
	for _, x := range q.alone.allows {
		names, only := x.parsed.Principals.(policy.OnlyPrincipals)
		if x.conditional() || !only {
			continue
		}
		actions, first, err := q.alone.allowedBy(x, x.actions, m)
		if err != nil {
			return nil, err
		}
		if first == nil {
			continue
		}
		if public == nil {
			public = &Public{Witness: q.alone.request(first)}
		} else if first.Action.Info().Risk < public.Witness.Action.Info().Risk {
			public.Witness = q.alone.request(first)
		}
		public.Actions = public.Actions.Or(actions)
		for _, n := range names {
			if everyone(n) {
				public.By = append(public.By, Element{Policy: q.Policy, Statement: x.parsed, Place: n.Place})
				break
			}
		}
		public.By = append(public.By, elementsOf([]part{x}, actions)...)
	}
	return public, nil
}

// allowedBy returns those of some actions of which one statement allows a request,
// and the gravest such request.
func (p *Profile) allowedBy(x part, among codeartifact.ActionSet, m mode) (codeartifact.ActionSet, *Found, error) {
	var all codeartifact.ActionSet
	var first *Found
	for _, a := range gravestFirst(x.actions.And(among)) {
		found, err := p.find(question{mode: m, actions: codeartifact.Actions(a), by: x.same}, p.steps())
		if err != nil {
			return all, nil, err
		}
		if found == nil {
			continue
		}
		all = all.Add(a)
		if first == nil || needsAll(first.Action) && !needsAll(a) { // one request shows it whole
			first = found
		}
	}
	return all, first, nil
}

// May returns a request of one of actions that the profile allows, with its
// certainty; nil when there is none.
func (p *Profile) May(actions codeartifact.ActionSet) (*Request, Certainty, error) {
	return bothWays(func(m mode) (*Request, bool, error) {
		found, err := p.find(question{mode: m, actions: actions}, p.steps())
		if found == nil || err != nil {
			return nil, false, err
		}
		r := p.request(found)
		return &r, true, nil
	})
}
