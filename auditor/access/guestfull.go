package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// FullAccess returns the full access that the policy gives the guest, as far as it
// reaches: every action of [codeartifact.FullActions] that an Allow in such a policy
// grants, on everything that the policy decides; nil when it gives less. Actions are
// those by which it is measured. Only statements that let in this guest in
// particular count.
func (g *Guest) FullAccess() (*WayIn, error) {
	return g.fullAccess(func(*policy.Statement) bool { return true })
}

// FullAccessOfOwn is FullAccess by statements that do not let in strangers, members
// of an organization, or whoever calls from some network, as well.
func (g *Guest) FullAccessOfOwn() (*WayIn, error) {
	for _, other := range g.world.Guests(g.of) {
		if g.Kind == AnAccount && (other.Kind == Everyone || other.Kind == AnOrganization) {
			if full, err := other.FullAccess(); full != nil || err != nil {
				return nil, err
			}
		}
	}
	open, err := g.of.openToStrangers()
	if err != nil {
		return nil, err
	}
	return g.fullAccess(func(s *policy.Statement) bool { return !open[s] })
}

func (g *Guest) fullAccess(by func(*policy.Statement) bool) (*WayIn, error) {
	measure := fullWithin(g.of.Kind)
	profile := g.only(func(x part) bool { return g.names(x.parsed) && by(x.parsed) })
	for i, d := range g.distances() {
		view := profile.away(d)
		for _, m := range []mode{sure, maybe} {
			if !view.actions(m).Covers(measure) {
				continue // without a step: nearly every policy ends here
			}
			for _, holder := range g.holders() {
				way, err := g.over(newCoverer(view, m, measure, view.steps()), holder, []codeartifact.ActionSet{measure})
				if err != nil {
					return nil, err
				}
				if way != nil {
					way.Narrowed = way.Narrowed && g.Standing == Own || i > 0
					return way, nil
				}
			}
		}
	}
	return nil, nil
}

// fullWithin returns the actions by which full access is measured that policies of
// a kind grant.
func fullWithin(k inventory.Kind) codeartifact.ActionSet {
	full := codeartifact.FullActions()
	if k != inventory.RepositoryPolicy {
		full = full.And(codeartifact.GrantableIn(codeartifact.DomainPolicy))
	}
	if k != inventory.DomainPolicy {
		full = full.And(codeartifact.GrantableIn(codeartifact.RepositoryPolicy))
	}
	return full
}

// holders are the domains or repositories that the policy may belong to: its own,
// or of a bare document those that it names, and an example.
func (g *Guest) holders() []string {
	if g.of.Account != "" {
		return []string{g.of.ID}
	}
	t := codeartifact.Repository
	if g.of.Kind == inventory.DomainPolicy {
		t = codeartifact.Domain
	}
	owner := ""
	if len(g.owners) > 0 {
		owner = g.owners[0]
	}
	var out []string
	enter := func(text string) {
		if parsed, err := arn.Parse(text); err == nil && !strings.ContainsAny(text, "*?$") && !slices.Contains(out, text) {
			if kind, _, _ := strings.Cut(parsed.Resource, "/"); kind == t.String() {
				out = append(out, text)
			}
		}
	}
	for _, s := range g.of.Document.Parsed.Statements {
		for _, v := range policy.Values(s.Resources) {
			enter(v.Text)
		}
	}
	enter(exampleARN(t, home{account: owner}))
	return out
}

// over proves the access to everything that a domain or repository decides, for
// each group of actions by itself.
func (g *Guest) over(c *coverer, holder string, groups []codeartifact.ActionSet) (*WayIn, error) {
	parsed, err := arn.Parse(holder)
	if err != nil {
		return nil, nil
	}
	at := home{parsed.Region, parsed.Account}
	start, name := cutResource(holder)
	c.one = g.of.Kind != inventory.DomainPolicy
	var proofs []*coverage
	for _, group := range c.named(groups) {
		view := c.of(group)
		proof, err := view.circumstances(at, func(when circumstances) (bool, error) {
			return view.covers(at, when, group, func(t codeartifact.ResourceType) (glob.State, glob.Union) {
				return c.machine.Read(c.machine.Start(), start+typeStart(t)+name), behind(t, g.of.Kind)
			})
		})
		if err != nil {
			return nil, err
		}
		if proof != nil {
			proofs = append(proofs, proof)
		}
	}
	proof := c.together(proofs)
	if proof == nil {
		return nil, nil
	}
	way := &WayIn{Certainty: c.mode.certainty(), Actions: proof.actions, Narrowed: proof.narrowed}
	for _, x := range proof.by {
		way.By = append(way.By, g.elements(x)...)
		way.By = append(way.By, elementsOf([]part{x}, proof.actions)...)
	}
	shown := map[codeartifact.ResourceType]string{}
	for _, t := range codeartifact.ResourceTypes() {
		switch {
		case g.of.Kind == inventory.DomainPolicy:
			shown[t] = start + typeStart(t) + name + exampleWithin[t]
		case t == codeartifact.Repository:
			shown[t] = holder
		case t == codeartifact.Package:
			shown[t] = start + typeStart(t) + name + "/npm//example-package"
		}
	}
	found, err := c.find(question{mode: c.mode, actions: proof.actions, prefer: shown}, c.budget)
	if found == nil || err != nil {
		return nil, err
	}
	c.complete(found, found.by)
	way.Witness = c.request(found)
	way.StoppedByRCP, err = c.heldByRCPs(proof.actions)
	return way, err
}

// behind is the shape of what follows the name of a domain, or of a repository, in
// an ARN of type t.
func behind(t codeartifact.ResourceType, k inventory.Kind) glob.Union {
	if k == inventory.DomainPolicy {
		return within(t)
	}
	if t != codeartifact.Package {
		return glob.Union{glob.Literal("")}
	}
	var out glob.Union
	for _, format := range codeartifact.Formats() {
		out = append(out, glob.New().Text("/"+format+"/").Many(packageChars).Text("/").One(packageChars).Many(packageChars).Pattern())
	}
	return out
}
