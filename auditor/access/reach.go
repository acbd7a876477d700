package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Reach is wide access: actions that are allowed on every resource of their types,
// in at least one account and Region (unbounded) or of at least one domain.
type Reach struct {
	Certainty
	// Region and Account are where the access was proved. OneRegion and
	// OneAccount: there are others in which it does not hold.
	Region, Account       string
	OneRegion, OneAccount bool
	// LeftOut are the places in which it does not hold, "REGION of account A",
	// where they are the exception.
	LeftOut []string
	// Domain is the one domain that the access is confined to, Pattern the same
	// as the policies write it; both are empty for all domains.
	Domain, Pattern string
	// Narrowed: only under conditions that not every caller can meet.
	Narrowed bool
	// Actions are those that the access consists of.
	Actions codeartifact.ActionSet
	// By are the action elements that together give the access.
	By []Element
	// Witness is a request out of the access, of the gravest action.
	Witness Request
}

// wideKey identifies a question about wide access.
type wideKey struct {
	profile         string // Profile.Key
	actions, within codeartifact.ActionSet
}

// Wide returns the wide access that the profile gives to any of actions, each
// decided by itself: one answer for all domains with the actions that have it
// there, else one for each pattern that names domains with the actions that have
// it on everything in those. An action on the domain itself has it for all domains
// or not at all. What every caller has comes before what needs conditions to be
// met, and what is sure before what is possible. Of the policy of a repository
// there is none, of that of a domain the domain is all that it can be.
func (p *Profile) Wide(actions codeartifact.ActionSet) ([]Reach, error) {
	if p.actions(maybe).Meets(actions) {
		return p.wideBy(actions, actions.Minus(codeartifact.ActionsOn(codeartifact.Domain)))
	}
	return nil, nil // nearly every profile ends here
}

// WideOrOfDomains is Wide, but that an action on the domain itself counts for a
// domain too: for the one that it is allowed on.
func (p *Profile) WideOrOfDomains(actions codeartifact.ActionSet) ([]Reach, error) {
	if p.actions(maybe).Meets(actions) {
		return p.wideBy(actions, actions)
	}
	return nil, nil
}

// wideBy returns the wide access to any of actions; for single domains to any of
// within.
func (p *Profile) wideBy(actions, within codeartifact.ActionSet) ([]Reach, error) {
	if p.confined != nil && p.confined.Kind != inventory.DomainPolicy {
		return nil, nil // it reaches one repository, or may
	}
	key := wideKey{p.Key(), actions, within}
	if known, ok := p.access.reaches[key]; ok {
		return known, nil
	}
	var last error
	for _, m := range []mode{sure, maybe} {
		found, err := p.wide(m, actions, within)
		if err != nil {
			last = err
			continue
		}
		if len(found) > 0 {
			p.access.reaches[key] = found
			return found, nil
		}
	}
	if last == nil {
		p.access.reaches[key] = nil
	}
	return nil, last
}

func (p *Profile) wide(m mode, actions, within codeartifact.ActionSet) ([]Reach, error) {
	actions, within = p.candidates(m, actions, within)
	if actions.Or(within).IsEmpty() {
		return nil, nil
	}
	b := p.steps()
	if err := b.Spend(0); err != nil {
		return nil, err // what went before took them all
	}
	c := newCoverer(p, m, actions.Or(within), b)
	full, err := p.Full()
	if err != nil {
		return nil, err
	}
	c.full = full
	proofs, err := c.widely(c.alike(actions), c.alike(within))
	if err != nil {
		return nil, err
	}
	var out []Reach
	for _, proof := range proofs {
		r, err := c.reach(c.withinFull(proof))
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// candidates leaves of actions those that may be allowed on every resource, and of
// within those that may be on everything in a domain: that some statement allows on
// more than a list of resources, or that act on the domain itself. Most policies
// name their resources, and are done with here.
func (p *Profile) candidates(m mode, actions, within codeartifact.ActionSet) (everywhere, inDomain codeartifact.ActionSet) {
	var endless, all codeartifact.ActionSet
	for _, x := range p.allows {
		lits, some := x.literals(m)
		if !some || !x.actions.Meets(actions) {
			continue
		}
		all = all.Or(x.named(m))
		if !slices.ContainsFunc(lits, func(l literal) bool { return l.test.dim == resourceDim && l.want && l.test.covers().IsList() }) {
			endless = endless.Or(x.named(m))
		}
	}
	return actions.And(endless), within.And(endless.Or(all.And(codeartifact.ActionsOn(codeartifact.Domain))))
}

// withinFull drops actions that full access is not measured by from the coverage
// of a profile that has full access there: it is part of that already.
func (c *coverer) withinFull(proof *coverage) *coverage {
	for _, f := range c.full {
		if f.Pattern == proof.pattern && f.Certainty == c.mode.certainty() && f.Narrowed == proof.narrowed && f.Actions.Meets(proof.actions) {
			within := *proof
			within.actions = proof.actions.And(f.Actions)
			return &within
		}
	}
	return proof
}

// widely returns the coverage of groups of actions everywhere, else those of
// groups of actions within domains.
func (c *coverer) widely(groups, within []codeartifact.ActionSet) ([]*coverage, error) {
	everywhere, err := c.everywhere(groups...)
	if err != nil {
		return nil, err
	}
	if everywhere != nil {
		return []*coverage{everywhere}, nil
	}
	return c.inDomains(within...)
}

// reach writes a coverage out.
func (c *coverer) reach(proof *coverage) (Reach, error) {
	r := Reach{
		Certainty: c.mode.certainty(), Region: proof.region, Account: proof.account,
		OneRegion: proof.oneRegion, OneAccount: proof.oneAccount, LeftOut: proof.exceptions(),
		Domain: proof.domain, Pattern: proof.pattern, Narrowed: proof.narrowed,
		Actions: proof.actions, By: elementsAmong(proof.by, proof.actions, c.fullElements()),
	}
	found, err := c.find(proof.question(c.mode)(proof.actions), c.budget)
	if found != nil && err == nil {
		r.Witness = c.request(found)
	}
	return r, err
}

// fullElements are those that give full access, to be named where they will do.
func (c *coverer) fullElements() []Element {
	var out []Element
	for _, f := range c.full {
		out = append(out, f.By...)
	}
	return out
}

// MayIn returns a request of one of actions that the profile allows where another
// has wide access, with its certainty; nil when there is none.
func (p *Profile) MayIn(r Reach, actions codeartifact.ActionSet) (*Request, Certainty, error) {
	if !p.actions(maybe).Meets(actions) {
		return nil, 0, nil
	}
	place := &coverage{home: home{r.Region, r.Account}, domain: r.Domain}
	return bothWays(func(m mode) (*Request, bool, error) {
		found, err := p.find(place.question(m)(actions), p.steps())
		if found == nil && err == nil && r.Domain == "" && !r.OneRegion && !r.OneAccount {
			found, err = p.find(question{mode: m, actions: actions}, p.steps())
		}
		if found == nil || err != nil {
			return nil, false, err
		}
		request := p.request(found)
		return &request, true, nil
	})
}

// Single returns the access that the profile gives to any of actions on single
// resources, with the best of them as its witness; nil when there is none.
func (p *Profile) Single(actions codeartifact.ActionSet) (*Reach, error) {
	if !p.actions(maybe).Meets(actions) {
		return nil, nil
	}
	found, _, err := bothWays(func(m mode) (*Reach, bool, error) {
		r, err := newCovererOf(p, m, actions, p.steps(), func(t *test) glob.Union { return t.set }).single()
		return r, r != nil, err
	})
	return found, err
}

// single looks for the resources by which each statement allows some of the
// actions.
func (c *coverer) single() (*Reach, error) {
	var best *Reach
	var proofs []*coverage
	for _, x := range c.allows {
		found, err := c.find(question{mode: c.mode, actions: c.actions, by: x.same}, c.budget)
		if err != nil {
			return nil, err
		}
		if found == nil || found.Type == 0 {
			continue
		}
		proof, err := c.onResource(found)
		if err != nil {
			return nil, err
		}
		if proof == nil {
			continue
		}
		proofs = append(proofs, proof)
		if best == nil || best.Narrowed && !proof.narrowed {
			best = &Reach{
				Certainty: c.mode.certainty(), Region: proof.region, Account: proof.account, Narrowed: proof.narrowed,
				Witness: c.request(found),
			}
		}
	}
	if best != nil {
		all := c.together(proofs)
		best.Actions, best.By = all.actions, elementsOf(all.by, all.actions)
	}
	return best, nil
}

// onResource returns the coverage of one resource by the action of a request.
func (c *coverer) onResource(found *Found) (*coverage, error) {
	resource, err := arn.Parse(found.Resource)
	if err != nil {
		return nil, err
	}
	at := home{resource.Region, resource.Account}
	g := c.of(codeartifact.Actions(found.Action))
	g.one = true
	end := c.machine.Read(c.machine.Start(), found.Resource)
	return g.circumstances(at, func(when circumstances) (bool, error) {
		return g.covers(at, when, g.actions, func(codeartifact.ResourceType) (glob.State, glob.Union) {
			return end, glob.Union{glob.Literal("")}
		})
	})
}

// fewExceptions is how many places may be named as left out.
const fewExceptions = 2

// exceptions names the places that are not covered, when they are few and most
// others are.
func (proof *coverage) exceptions() []string {
	if len(proof.leftOut) > fewExceptions || len(proof.leftOut) >= proof.covered {
		return nil
	}
	var out []string
	for _, at := range proof.leftOut {
		out = append(out, at.region+" of account "+at.account)
	}
	return out
}

// question returns the question for a request of some actions where the coverage
// holds.
func (proof *coverage) question(m mode) func(codeartifact.ActionSet) question {
	start := "arn:aws:codeartifact:" + proof.region + ":" + proof.account + ":"
	q := question{mode: m, at: &proof.home}
	at := glob.Union{glob.Compile(start + "*")}
	if proof.domain != "" {
		at = reachARNs(start+"domain/"+proof.domain, inventory.DomainPolicy)
		q.prefer = map[codeartifact.ResourceType]string{}
		for _, t := range codeartifact.ResourceTypes() {
			q.prefer[t] = start + typeStart(t) + proof.domain + exampleWithin[t]
		}
	}
	q.with = []literal{{&test{kind: texts, set: append(at, glob.Literal(noResource))}, true}}
	return func(actions codeartifact.ActionSet) question {
		q.actions = actions
		return q
	}
}
