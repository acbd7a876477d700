package access

import (
	"maps"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// unconditional reports whether there is a resource, of those that look like
// shape behind start, for which the profile allows a whatever the keys are that
// callers cannot choose. What they can choose they choose once for all. Where it
// is not so, what is allowed is narrowed.
func (p *Profile) unconditional(a codeartifact.Action, t codeartifact.ResourceType, at home, start string, shape glob.Union, m mode, b *glob.Budget) (bool, error) {
	c := newCoverer(p, m, codeartifact.Actions(a), b)
	rules, err := c.rulesByChoice(a, t, at)
	if err != nil {
		return false, err
	}
	for _, choice := range slices.Sorted(maps.Keys(rules)) {
		_, some, err := c.machine.Find(c.machine.Read(c.machine.Start(), start), shape, nil, func(in []bool) bool {
			for _, r := range rules[choice] {
				if !r.allowed(in) {
					return false
				}
			}
			return true
		}, b)
		if some || err != nil {
			return some, err
		}
	}
	return false, nil
}

// rulesByChoice returns what is left of the profile for a under every
// circumstance, by what callers choose of it.
func (c *coverer) rulesByChoice(a codeartifact.Action, t codeartifact.ResourceType, at home) (map[string]map[string]resourceRule, error) {
	dims, tests := conditionTests(c.parts, c.modeOf)
	var keys [][]atom
	for _, dim := range dims {
		atoms, err := c.domain(dim, a, t, at).atoms(dim, tests[dim], c.budget)
		if err != nil {
			return nil, err
		}
		keys = append(keys, atoms)
	}
	rules := map[string]map[string]resourceRule{}
	err := eachCircumstance(keys, c.budget, func(when circumstances) (bool, error) {
		choice := when.atWill()
		if rules[choice] == nil {
			rules[choice] = map[string]resourceRule{}
		}
		r := c.ruleFor(a, t, at, when)
		rules[choice][r.key] = r
		return true, c.budget.Spend(len(c.parts))
	})
	return rules, err
}
