package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

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
