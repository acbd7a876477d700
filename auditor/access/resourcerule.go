package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// resourceRule is what is left of a profile for one action once every key has
// its value: tests of the resource alone.
type resourceRule struct {
	allows, denies [][]resourceTest
	layers         [][][]resourceTest
	// beyond are those of allows that the permissions boundary, the first of
	// layers, does not limit.
	beyond [][]resourceTest
	key    string
}

type resourceTest struct {
	set  int
	want bool
}

// ruleFor keeps the statements whose conditions hold for requests of a on
// resources of type t.
func (c *coverer) ruleFor(a codeartifact.Action, t codeartifact.ResourceType, at home, when circumstances) resourceRule {
	var key strings.Builder
	active := func(list []part) [][]resourceTest {
		var out [][]resourceTest
		for i, x := range list {
			if tests, ok := c.resourceTests(x, a, t, at, when); ok {
				out = append(out, tests)
				key.WriteString(string(rune('0' + i)))
			}
		}
		key.WriteByte('|')
		return out
	}
	r := resourceRule{allows: active(c.allows), denies: active(c.denies)}
	if c.bounded {
		r.beyond = active(beyondBoundary(c.allows, c.mode))
	}
	for _, layer := range c.layers {
		r.layers = append(r.layers, active(layer))
	}
	r.key = key.String()
	return r
}

// resourceTests returns the resource tests of a statement, and whether its
// other tests hold.
func (c *coverer) resourceTests(x part, a codeartifact.Action, t codeartifact.ResourceType, at home, when circumstances) ([]resourceTest, bool) {
	lits, some := x.literals(c.modeOf(x))
	if !some || !x.names(a, c.modeOf(x)) {
		return nil, false
	}
	var out []resourceTest
	for _, l := range lits {
		if l.test.home != "" && l.test.home == at.account {
			if !l.want {
				return nil, false
			}
			continue // all of the account: nothing left to ask
		}
		if l.test.dim == resourceDim {
			out = append(out, resourceTest{c.index[l.test], l.want})
			continue
		}
		if !l.holds(c.valueOf(l.test.dim, a, t, at, when)) {
			return nil, false
		}
	}
	return out, true
}

// valueOf returns what requests of a on t carry for a key under the given
// circumstances.
func (c *coverer) valueOf(dim string, a codeartifact.Action, t codeartifact.ResourceType, at home, when circumstances) value {
	key := domainKey{dim, a, t, at}
	d := c.keyDomains[key]
	if d == nil {
		d = c.domain(dim, a, t, at)
		c.keyDomains[key] = d
	}
	switch {
	case !d.present:
		return absent
	case followsFromResource(dim):
		v, _, _ := d.pick(nil, c.budget)
		return v
	}
	return when.value(dim)
}

// everything reports whether no resource is left out.
func (r resourceRule) everything() bool {
	open := func(list [][]resourceTest) bool {
		return slices.ContainsFunc(list, func(tests []resourceTest) bool { return len(tests) == 0 })
	}
	for _, layer := range r.layers {
		if !open(layer) {
			return false
		}
	}
	return open(r.allows) && len(r.denies) == 0
}

// allowed decides one resource by its membership in the sets.
func (r resourceRule) allowed(in []bool) bool {
	anyOf := func(list [][]resourceTest) bool {
		return slices.ContainsFunc(list, func(tests []resourceTest) bool {
			return !slices.ContainsFunc(tests, func(t resourceTest) bool { return in[t.set] != t.want })
		})
	}
	layers := r.layers
	if anyOf(r.beyond) {
		layers = layers[1:]
	}
	for _, layer := range layers {
		if !anyOf(layer) {
			return false
		}
	}
	return anyOf(r.allows) && !anyOf(r.denies)
}
