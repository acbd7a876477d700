package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// coverage is the proof that a profile allows every request of some actions in
// one place and under some circumstances.
type coverage struct {
	home
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
}

func newCoverer(p *Profile, m mode, actions codeartifact.ActionSet, b *glob.Budget) *coverer {
	c := &coverer{Profile: p, mode: m, actions: actions, budget: b, index: map[*test]int{}}
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
					sets = append(sets, l.test.set)
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

// everywhere looks for accounts and Regions in which the profile allows all the
// actions on every resource. It returns nil when there is none.
func (c *coverer) everywhere() (*coverage, error) {
	if !c.Profile.actions(c.mode).Covers(c.actions) {
		return nil, nil
	}
	places, err := c.places()
	if err != nil {
		return nil, err
	}
	var first *coverage
	answers := map[string]*coverage{}
	for _, at := range places {
		found, known := answers[at.key]
		if !known {
			found, err = c.circumstances(at.home, func(when circumstances) (bool, error) {
				return c.covers(at.home, when, c.actions, func(t codeartifact.ResourceType) (glob.State, glob.Union) {
					return at.state, afterAccount(t)
				})
			})
			if err != nil {
				return nil, err
			}
			answers[at.key] = found
		}
		if first == nil {
			first = found
		}
	}
	if first != nil {
		first.limit(places, answers)
	}
	return first, nil
}

// limit notes in which respect there are places that are not covered.
func (proof *coverage) limit(places []place, answers map[string]*coverage) {
	others := false
	for _, p := range places {
		if answers[p.key] != nil {
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

// inDomains looks for domains of which the profile allows the actions on every
// resource: one coverage for each pattern that names such domains. Actions on
// package groups do not count, whether the domain has any or not.
func (c *coverer) inDomains() ([]*coverage, error) {
	wanted := c.actions.And(onDomains)
	if !c.Profile.actions(c.mode).Covers(wanted) {
		return nil, nil
	}
	var types []codeartifact.ResourceType
	for a := range wanted.All() {
		for _, t := range typesOf(a) {
			if !slices.Contains(types, t) {
				types = append(types, t)
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
		if out, err = c.domainsAt(at, types, wanted, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// domainsAt adds the coverages of domains in one place for patterns that out
// does not have yet.
func (c *coverer) domainsAt(at place, types []codeartifact.ResourceType, wanted codeartifact.ActionSet, out []*coverage) ([]*coverage, error) {
	from := make([]glob.State, len(types))
	for i, t := range types {
		from[i] = c.machine.Read(at.state, typeStart(t))
	}
	branches, err := c.machine.Spread(from, domainName, c.access.domainNames, c.budget)
	if err != nil {
		return nil, err
	}
	covered := func(states []glob.State) (*coverage, error) {
		return c.circumstances(at.home, func(when circumstances) (bool, error) {
			return c.covers(at.home, when, wanted, func(t codeartifact.ResourceType) (glob.State, glob.Union) {
				return states[slices.Index(types, t)], within(t)
			})
		})
	}
	for _, b := range branches {
		found, err := covered(b.States)
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		found.domain = b.Text
		if found.pattern = domainPattern(found, b.Text); found.pattern == everyDomain {
			// Every domain but some, or one that a guard names and not the grant.
			nameless, err := covered(c.readAll(from, nobodysDomain))
			if err != nil {
				return nil, err
			}
			if nameless == nil {
				found.pattern = b.Text
			}
		}
		if !slices.ContainsFunc(out, func(have *coverage) bool { return have.pattern == found.pattern }) {
			out = append(out, found)
		}
	}
	return out, nil
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

// place is an account and Region with the state after reading an ARN up to its
// resource part. Places with the same key are decided alike.
type place struct {
	home
	state glob.State
	key   string
}

// places returns the accounts and Regions that the profile can speak of: every
// Region, and one account for each way in which the patterns tell accounts apart.
func (c *coverer) places() ([]place, error) {
	var out []place
	for _, region := range c.access.regions {
		s := c.machine.Read(c.machine.Start(), "arn:aws:codeartifact:"+region+":")
		accounts, err := c.accounts(s)
		if err != nil {
			return nil, err
		}
		for _, b := range accounts {
			p := place{home: home{region, b.Text}, state: c.machine.Read(b.States[0], ":")}
			p.key = p.state.Key() + c.kinship(b.Text)
			if !c.placeless() {
				p.key += region + b.Text
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// accounts returns the accounts whose resources the profile can speak of. What
// is sure ends at the caller's own account: elsewhere a resource policy has to
// allow the request too.
func (c *coverer) accounts(s glob.State) ([]glob.Branch, error) {
	own := c.caller.Account
	if own != "" && !c.caller.stranger && c.mode == sure {
		return []glob.Branch{{Text: own, States: []glob.State{c.machine.Read(s, own)}}}, nil
	}
	shape := glob.Union{glob.New().Times(12, glob.Digits).Pattern()}
	prefer := []string{own, exampleAccount}
	return c.machine.Spread([]glob.State{s}, shape, prefer, c.budget)
}

// placeless reports whether no test asks where the resource lives, so that
// places with the same state are alike.
func (c *coverer) placeless() bool {
	for _, x := range c.parts {
		lits, _ := x.literals(c.modeOf(x))
		if slices.ContainsFunc(lits, func(l literal) bool { return followsFromResource(l.test.dim) }) {
			return false
		}
	}
	return true
}

// kinship tells the caller's own account from others.
func (c *coverer) kinship(account string) string {
	if account == c.caller.Account {
		return "own"
	}
	return "other"
}

// circumstances looks for circumstances under which holds is true, and tells
// whether every caller can bring them about: whether some choice of what callers
// control makes it true whatever the rest is.
func (c *coverer) circumstances(at home, holds func(circumstances) (bool, error)) (*coverage, error) {
	dims, tests := conditionTests(c.parts, c.modeOf)
	var keys [][]atom
	for _, dim := range dims {
		d := c.widest(dim, c.actions, at)
		if d == nil {
			continue
		}
		atoms, err := d.atoms(dim, tests[dim], c.budget)
		if err != nil {
			return nil, err
		}
		keys = append(keys, atoms)
	}
	var found *coverage
	failed, held := map[string]bool{}, map[string]bool{}
	err := eachCircumstance(keys, c.budget, func(when circumstances) (bool, error) {
		if err := c.budget.Spend(len(c.parts) * c.actions.Len()); err != nil {
			return false, err
		}
		ok, err := holds(when)
		if err != nil {
			return false, err
		}
		choice := when.atWill()
		if !ok {
			failed[choice] = true
			return true, nil
		}
		held[choice] = true
		if found == nil {
			found = &coverage{home: at, when: when}
		}
		return true, nil
	})
	if found == nil || err != nil {
		return nil, err
	}
	found.narrowed = true
	for choice := range held {
		if !failed[choice] {
			found.narrowed = false
		}
	}
	found.by = c.needed(found.when, holds)
	return found, nil
}

// needed returns allowing statements without any of which holds is no longer
// true; those that come last are dropped first.
func (c *coverer) needed(when circumstances, holds func(circumstances) (bool, error)) []part {
	all := c.Profile
	defer func() { c.Profile = all }()
	kept := slices.DeleteFunc(slices.Clone(all.allows), func(x part) bool { return !x.actions.Meets(c.actions) })
	for i := len(kept) - 1; i >= 0; i-- {
		without := slices.Delete(slices.Clone(kept), i, i+1)
		view := *all
		view.allows = without
		c.Profile = &view
		if ok, err := holds(when); ok && err == nil {
			kept = without
		}
	}
	return kept
}

// covers reports whether every request of the actions, on the ARNs that places
// spans for a type of resource, is allowed under the given circumstances.
func (c *coverer) covers(at home, when circumstances, actions codeartifact.ActionSet, places func(codeartifact.ResourceType) (glob.State, glob.Union)) (bool, error) {
	decided := map[string]bool{}
	for a := range actions.All() {
		all, any := true, false
		for _, t := range typesOf(a) {
			rule := c.ruleFor(a, t, at, when)
			key := t.String() + rule.key
			ok, known := decided[key]
			if !known {
				var err error
				if ok, err = c.covered(rule, t, places); err != nil {
					return false, err
				}
				decided[key] = ok
			}
			all, any = all && ok, any || ok
		}
		if !all && (!any || c.mode == sure && needsAll(a)) {
			return false, nil
		}
	}
	return true, nil
}

// covered reports whether rule allows every ARN of the shape that goes on from
// the state.
func (c *coverer) covered(rule resourceRule, t codeartifact.ResourceType, places func(codeartifact.ResourceType) (glob.State, glob.Union)) (bool, error) {
	if rule.everything() {
		return true, nil
	}
	if len(rule.allows) == 0 {
		return false, nil
	}
	state, shape := places(t)
	_, missing, err := c.machine.Find(state, shape, nil, func(in []bool) bool { return !rule.allowed(in) }, c.budget)
	return !missing, err
}
