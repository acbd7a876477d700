package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// coverage is the proof that a profile allows every request of some actions in
// one place and under some circumstances.
type coverage struct {
	home
	actions  codeartifact.ActionSet
	domain   string // the one domain whose resources are covered; empty for all
	pattern  string // the domain as policies write it, with wildcards
	narrowed bool   // only under circumstances that not every caller can bring about
	when     circumstances
	// oneRegion and oneAccount: other Regions, or accounts, are not covered;
	// leftOut are the places, of covered how many there are beside them.
	oneRegion, oneAccount bool
	leftOut               []home
	covered               int
	by                    []part // statements that together allow it, none of them needless
}

// better reports whether a coverage says more than another one: what every
// caller can bring about before what not every caller can, then more actions.
func (proof *coverage) better(than *coverage) bool {
	if proof.narrowed != than.narrowed {
		return than.narrowed
	}
	return proof.actions.Len() > than.actions.Len()
}

// says reports whether a coverage says of its place what other says of another.
func (proof *coverage) says(other *coverage) bool {
	return proof.actions.Covers(other.actions) && (other.narrowed || !proof.narrowed)
}

// coverer asks whether a profile allows everything. It walks the patterns of
// all statements side by side with the shapes of ARNs: first Region and account,
// then the domain's name, then the rest, so that "some account such that every
// resource" is decided and not sampled.
type coverer struct {
	*Profile
	mode    mode
	actions codeartifact.ActionSet
	budget  *glob.Budget
	parts   []part // every statement that takes part in deciding the actions
	machine *glob.Machine
	index   map[*test]int
	// keyDomains are what keys can be, each made once: the same few are asked for under
	// every circumstance.
	keyDomains map[domainKey]*domain
	// full is the full access that the profile gives, whose elements are named
	// where they will do.
	full []Full
	// one: it is one resource that is asked about, whose tags are part of which one
	// it is. Of many each may have tags of its own.
	one bool
}

// domainKey is all that a key's domain depends on, for one caller.
type domainKey struct {
	dim    string
	action codeartifact.Action
	typ    codeartifact.ResourceType
	at     home
}

func newCoverer(p *Profile, m mode, actions codeartifact.ActionSet, b *glob.Budget) *coverer {
	return newCovererOf(p, m, actions, b, (*test).covers)
}

// newCovererOf returns a coverer that takes the resources that a test holds for
// from what of them says.
func newCovererOf(p *Profile, m mode, actions codeartifact.ActionSet, b *glob.Budget, of func(*test) glob.Union) *coverer {
	c := &coverer{Profile: p, mode: m, actions: actions, budget: b, index: map[*test]int{}, keyDomains: map[domainKey]*domain{}}
	var sets []glob.Union
	for _, list := range append([][]part{p.allows, p.denies}, p.layers...) {
		for _, x := range list {
			if !x.actions.Meets(actions) {
				continue
			}
			c.parts = append(c.parts, x)
			lits, _ := x.literals(c.modeOf(x))
			for _, l := range asks(lits, resourceDim) {
				if _, known := c.index[l.test]; !known {
					c.index[l.test] = len(sets)
					sets = append(sets, of(l.test))
				}
			}
		}
	}
	c.machine = glob.NewMachine(sets)
	c.budget.Left -= c.machine.Size()
	return c
}

// modeOf is the reading of a statement: a Deny counts the other way round.
func (c *coverer) modeOf(x part) mode {
	if x.allow {
		return c.mode
	}
	return c.mode.other()
}

// of returns the coverer for some of its actions.
func (c *coverer) of(group codeartifact.ActionSet) *coverer {
	view := *c
	view.actions = group
	view.parts = slices.DeleteFunc(slices.Clone(c.parts), func(x part) bool { return !x.actions.Meets(group) })
	return &view
}

// alike divides actions into groups of which each is covered as a whole or not at
// all: those that the same statements name, on the same types of resource, in
// requests that carry the same keys.
func (c *coverer) alike(actions codeartifact.ActionSet) []codeartifact.ActionSet {
	var groups []codeartifact.ActionSet
	at := map[string]int{}
	dims, _ := conditionTests(c.parts, c.modeOf)
	for a := range actions.All() {
		var key strings.Builder
		for _, t := range typesOf(a) {
			key.WriteString("/" + t.String())
			for _, dim := range dims {
				key.WriteByte(bit(c.domain(dim, a, t, home{}).present))
			}
		}
		for _, x := range c.parts {
			key.WriteByte(bit(x.names(a, c.modeOf(x))))
		}
		i, known := at[key.String()]
		if !known {
			i = len(groups)
			at[key.String()] = i
			groups = append(groups, codeartifact.ActionSet{})
		}
		groups[i] = groups[i].Add(a)
	}
	return groups
}

func bit(b bool) byte {
	if b {
		return '1'
	}
	return '0'
}

// named drops the groups of which some action is not allowed anywhere.
func (c *coverer) named(groups []codeartifact.ActionSet) []codeartifact.ActionSet {
	all := c.Profile.actions(c.mode)
	return slices.DeleteFunc(slices.Clone(groups), func(g codeartifact.ActionSet) bool { return g.IsEmpty() || !all.Covers(g) })
}

// everywhere looks for accounts and Regions in which the profile allows all the
// actions of some of the groups on every resource, and returns the best of them.
// It returns nil when there is none.
func (c *coverer) everywhere(groups ...codeartifact.ActionSet) (*coverage, error) {
	if groups = c.named(groups); len(groups) == 0 || c.confined != nil {
		return nil, nil
	}
	places, err := c.places()
	if err != nil {
		return nil, err
	}
	var best *coverage
	answers := map[string]*coverage{}
	for _, at := range places {
		if _, known := answers[at.key]; known {
			continue
		}
		var proofs []*coverage
		for _, group := range groups {
			g := c.of(group)
			found, err := g.circumstances(at.home, func(when circumstances) (bool, error) {
				return g.covers(at.home, when, group, func(t codeartifact.ResourceType) (glob.State, glob.Union) {
					return at.state, afterAccount(t)
				})
			})
			if err != nil {
				return nil, err
			}
			if found != nil {
				proofs = append(proofs, found)
			}
		}
		found := c.together(proofs)
		answers[at.key] = found
		if found != nil && (best == nil || found.better(best)) {
			best = found
		}
	}
	if best != nil {
		best.limit(places, answers)
	}
	return best, nil
}

// together makes the coverages of several groups of actions in one place one: of
// those that every caller can bring about, where there are any. Of none it makes
// none.
func (c *coverer) together(proofs []*coverage) *coverage {
	narrowed := func(proof *coverage) bool { return proof.narrowed }
	if !slices.ContainsFunc(proofs, func(proof *coverage) bool { return !narrowed(proof) }) {
		narrowed = func(*coverage) bool { return false }
	}
	var all *coverage
	for _, proof := range proofs {
		switch {
		case narrowed(proof):
		case all == nil:
			first := *proof
			all = &first
		default:
			all.actions = all.actions.Or(proof.actions)
			all.by = slices.DeleteFunc(slices.Clone(c.allows), func(x part) bool {
				return !slices.ContainsFunc(all.by, x.same) && !slices.ContainsFunc(proof.by, x.same)
			})
		}
	}
	return all
}

// limit notes in which respect there are places that are not covered.
func (proof *coverage) limit(places []place, answers map[string]*coverage) {
	others := false
	for _, p := range places {
		if found := answers[p.key]; found != nil && found.says(proof) {
			proof.covered++
			continue
		}
		others = true
		proof.leftOut = append(proof.leftOut, p.home)
		proof.oneRegion = proof.oneRegion || p.account == proof.account
		proof.oneAccount = proof.oneAccount || p.region == proof.region
	}
	if others && !proof.oneRegion && !proof.oneAccount {
		proof.oneRegion, proof.oneAccount = true, true
	}
}

// inDomains looks for domains of which the profile allows all the actions of some
// of the groups on every resource: one coverage for each pattern that names such
// domains.
func (c *coverer) inDomains(groups ...codeartifact.ActionSet) ([]*coverage, error) {
	if groups = c.named(groups); len(groups) == 0 {
		return nil, nil
	}
	var types []codeartifact.ResourceType
	for _, group := range groups {
		for a := range group.All() {
			for _, t := range typesOf(a) {
				if t != 0 && !slices.Contains(types, t) {
					types = append(types, t)
				}
			}
		}
	}
	places, err := c.places()
	if err != nil {
		return nil, err
	}
	var out []*coverage
	tried := map[string]bool{}
	for _, at := range places {
		if tried[at.key] {
			continue
		}
		tried[at.key] = true
		found, err := c.domainsAt(at, types, groups)
		if err != nil {
			return nil, err
		}
		for _, proof := range found {
			i := slices.IndexFunc(out, func(have *coverage) bool { return have.pattern == proof.pattern })
			switch {
			case i < 0:
				out = append(out, proof)
			case proof.better(out[i]):
				out[i] = proof
			}
		}
	}
	return out, nil
}

// domainsAt returns the coverages of domains in one place, one for each domain
// that is told apart and pattern that names it.
func (c *coverer) domainsAt(at place, types []codeartifact.ResourceType, groups []codeartifact.ActionSet) ([]*coverage, error) {
	from := make([]glob.State, len(types))
	for i, t := range types {
		from[i] = c.machine.Read(at.state, typeStart(t))
	}
	branches, err := c.domains(from)
	if err != nil {
		return nil, err
	}
	covered := func(g *coverer, states []glob.State) (*coverage, error) {
		return g.circumstances(at.home, func(when circumstances) (bool, error) {
			return g.covers(at.home, when, g.actions, func(t codeartifact.ResourceType) (glob.State, glob.Union) {
				return states[slices.Index(types, t)], within(t)
			})
		})
	}
	var out []*coverage
	for _, b := range branches {
		byPattern := map[string][]*coverage{}
		var patterns []string
		for _, group := range groups {
			g := c.of(group)
			found, err := covered(g, b.States)
			if err != nil {
				return nil, err
			}
			if found == nil {
				continue
			}
			found.domain, found.pattern = b.Text, b.Text
			if !c.own() {
				found.pattern = domainPattern(found, b.Text)
			}
			if found.pattern == everyDomain {
				// Every domain but some, or one that a guard names and not the grant.
				nameless, err := covered(g, c.readAll(from, nobodysDomain))
				if err != nil {
					return nil, err
				}
				if nameless == nil {
					found.pattern = b.Text
				}
			}
			if byPattern[found.pattern] == nil {
				patterns = append(patterns, found.pattern)
			}
			byPattern[found.pattern] = append(byPattern[found.pattern], found)
		}
		for _, pattern := range patterns {
			out = append(out, c.together(byPattern[pattern]))
		}
	}
	return out, nil
}

// own reports whether the profile is what the policy of a domain that is known
// allows: it speaks of that domain alone.
func (c *coverer) own() bool { return c.confined != nil && c.confined.Account != "" }

// domains returns the domains that the profile tells apart, by their names, going
// on from several states at once.
func (c *coverer) domains(from []glob.State) ([]glob.Branch, error) {
	if c.own() {
		_, name := cutResource(c.confined.ID)
		return []glob.Branch{{Text: name, States: c.readAll(from, name)}}, nil
	}
	return c.machine.Spread(from, domainName, c.access.domainNames, c.budget)
}

// nobodysDomain is a name that no policy is likely to know.
const nobodysDomain = "nobodys-domain-0"

func (c *coverer) readAll(from []glob.State, text string) []glob.State {
	out := make([]glob.State, len(from))
	for i, s := range from {
		out[i] = c.machine.Read(s, text)
	}
	return out
}
