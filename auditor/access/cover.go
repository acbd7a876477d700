package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
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
	// full is the full access that the profile gives, whose elements are named
	// where they will do.
	full []Full
	// one: it is one resource that is asked about, whose tags are part of which one
	// it is. Of many each may have tags of its own.
	one bool
}

func newCoverer(p *Profile, m mode, actions codeartifact.ActionSet, b *glob.Budget) *coverer {
	return newCovererOf(p, m, actions, b, (*test).covers)
}

// newCovererOf returns a coverer that takes the resources that a test holds for
// from what of them says.
func newCovererOf(p *Profile, m mode, actions codeartifact.ActionSet, b *glob.Budget, of func(*test) glob.Union) *coverer {
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
	for _, region := range c.regions() {
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

// regions returns the Regions that the profile can speak of, the policy of a
// domain of the domain's alone.
func (c *coverer) regions() []string {
	if c.own() {
		domain, _ := arn.Parse(c.confined.ID)
		return []string{domain.Region}
	}
	return c.access.regions
}

// accounts returns the accounts whose resources the profile can speak of. What
// is sure ends at the caller's own account: elsewhere a resource policy has to
// allow the request too. A resource policy speaks of one account, its owner's.
func (c *coverer) accounts(s glob.State) ([]glob.Branch, error) {
	own := c.caller.Account
	if c.confined != nil {
		owner, _ := c.caller.fixedValue(accountDim)
		own = owner.texts[0]
	}
	if own != "" && (c.mode == sure || c.confined != nil) {
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

// circumstances looks for circumstances under which holds is true, whatever the
// tags of the resources are, and tells whether every caller can bring them about:
// whether some choice of what callers control makes it true whatever the rest is.
func (c *coverer) circumstances(at home, holds func(circumstances) (bool, error)) (*coverage, error) {
	keys, err := c.keys(at)
	if err != nil {
		return nil, err
	}
	var all []circumstances     // under which it holds
	failed := map[string]bool{} // choices of callers, and circumstances without tags, under which it does not
	err = eachCircumstance(keys, c.budget, func(when circumstances) (bool, error) {
		if err := c.budget.Spend(len(c.parts) * c.actions.Len()); err != nil {
			return false, err
		}
		ok, err := holds(when)
		if err != nil {
			return false, err
		}
		if ok {
			all = append(all, when)
		} else {
			failed[when.atWill()], failed[when.apart().text()] = true, true
		}
		return true, nil
	})
	all = slices.DeleteFunc(all, func(when circumstances) bool { return failed[when.apart().text()] })
	if len(all) == 0 || err != nil {
		return nil, err
	}
	found := &coverage{home: at, actions: c.actions}
	always := slices.IndexFunc(all, func(when circumstances) bool { return !failed[when.atWill()] })
	found.narrowed = always < 0
	first := all[max(always, 0)]
	found.when = first.apart()
	found.by, err = c.needed(slices.DeleteFunc(all, func(when circumstances) bool {
		if found.narrowed {
			return when.apart().text() != found.when.text()
		}
		return when.atWill() != first.atWill()
	}), holds)
	return found, err
}

// keys returns what the keys that the statements ask about can be.
func (c *coverer) keys(at home) ([][]atom, error) {
	dims, tests := conditionTests(c.parts, c.modeOf)
	var keys [][]atom
	for _, dim := range dims {
		d := c.widest(dim, c.actions, at)
		if d == nil {
			continue
		}
		demands := asks(c.Profile.reach, dim) // what holds of every request that counts
		for _, l := range demands {
			tests[dim] = append(tests[dim], l.test)
		}
		atoms, err := d.atoms(dim, tests[dim], c.budget)
		if err != nil {
			return nil, err
		}
		atoms = slices.DeleteFunc(atoms, func(a atom) bool { return !allHold(demands, a.value) })
		if tagsResources(dim) {
			for i := range atoms {
				atoms[i].free, atoms[i].tag = c.one, !c.one
			}
		}
		keys = append(keys, atoms)
	}
	return keys, nil
}

// needed returns allowing statements without any of which holds is no longer
// true under all of the circumstances; of those that are not preferred, those that
// come last are dropped first.
func (c *coverer) needed(all []circumstances, holds func(circumstances) (bool, error)) ([]part, error) {
	whole := c.Profile
	defer func() { c.Profile = whole }()
	kept := slices.DeleteFunc(slices.Clone(whole.allows), func(x part) bool { return !x.actions.Meets(c.actions) })
	drop := func(which func(part) bool) error {
		for i := len(kept) - 1; i >= 0; i-- {
			if !which(kept[i]) {
				continue
			}
			without := slices.Delete(slices.Clone(kept), i, i+1)
			view := *whole
			view.allows = without
			c.Profile = &view
			ok, err := c.holdsUnder(all, holds)
			if err != nil {
				return err
			}
			if ok {
				kept = without
			}
		}
		return nil
	}
	prefer := c.fullElements()
	preferred := func(x part) bool { return isAmong(x, prefer) }
	if err := drop(func(x part) bool { return !preferred(x) }); err != nil {
		return nil, err
	}
	err := drop(preferred)
	return kept, err
}

// holdsUnder reports whether holds is true under all of the circumstances.
func (c *coverer) holdsUnder(all []circumstances, holds func(circumstances) (bool, error)) (bool, error) {
	for _, when := range all {
		if err := c.budget.Spend(len(c.parts) * c.actions.Len()); err != nil {
			return false, err
		}
		if ok, err := holds(when); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
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
	if t == 0 {
		return slices.ContainsFunc(c.noResources(), func(text string) bool {
			return rule.allowed(c.machine.Members(c.machine.Read(c.machine.Start(), text)))
		}), nil
	}
	state, shape := places(t)
	_, missing, err := c.machine.Find(state, shape, nil, func(in []bool) bool { return !rule.allowed(in) }, c.budget)
	return !missing, err
}

// noResources are what stands for the resource of requests without one: what
// patterns are certain to match, and what they may match.
func (c *coverer) noResources() []string {
	if c.mode == sure {
		return []string{noResource}
	}
	return []string{noResource, "*"}
}
