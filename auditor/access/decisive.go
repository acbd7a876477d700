package access

import (
	"slices"
	"strconv"
	"strings"
)

// mostCircumstances is how many combinations of key values are compared to tell
// which keys decide; beyond it, every key that is asked about is named.
const mostCircumstances = 1 << 14

// decisive returns the names of the keys on which the decision depends: those of
// which another value, all others being equal, makes it another.
func (s *asking) decisive() ([]string, error) {
	var names []string
	for _, t := range s.targets {
		dims, err := s.decisiveOn(t)
		if err != nil {
			return nil, err
		}
		for _, dim := range dims {
			names = append(names, keyName(dim))
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// decisiveOn returns the dimensions that decide the request on one target.
func (s *asking) decisiveOn(t target) ([]string, error) {
	parts := s.applicable(t)
	var keys [][]atom
	combinations := 1
	dims, tests := testsByKey(parts)
	for _, dim := range dims {
		d := s.profile.domain(dim, s.action, t.typ, t.at)
		if d.known != nil || !d.present {
			continue
		}
		atoms, err := d.atoms(dim, tests[dim], s.budget)
		if err != nil {
			return nil, err
		}
		if len(atoms) < 2 {
			continue
		}
		keys = append(keys, atoms)
		combinations = min(mostCircumstances+1, combinations*len(atoms))
	}
	if t.open || combinations > mostCircumstances {
		var all []string
		for _, atoms := range keys {
			all = append(all, atoms[0].dim)
		}
		return all, nil
	}
	outcomes := make([]map[string]outcome, len(keys))
	for i := range outcomes {
		outcomes[i] = map[string]outcome{}
	}
	decides := make([]bool, len(keys))
	err := eachCircumstance(keys, s.budget, func(when circumstances) (bool, error) {
		here := s.outcome(t, when)
		for i := range keys {
			others := when.without(i)
			before, seen := outcomes[i][others]
			decides[i] = decides[i] || seen && before != here
			outcomes[i][others] = here
		}
		return true, nil
	})
	var out []string
	for i, yes := range decides {
		if yes {
			out = append(out, keys[i][0].dim)
		}
	}
	return out, err
}

// without names all choices but that of key i.
func (c circumstances) without(i int) string {
	var b strings.Builder
	for j, a := range c {
		if j != i {
			b.WriteString(a.dim + strconv.FormatBool(a.value.present) + strconv.Quote(strings.Join(a.value.texts, "\x00")))
		}
	}
	return b.String()
}

// applicable returns the statements that can speak of requests on t.
func (s *asking) applicable(t target) []part {
	return slices.DeleteFunc(s.profile.statementsOn(s.action), func(x part) bool {
		return !t.open && slices.ContainsFunc(asks(x.maybe, resourceDim), func(l literal) bool { return !slices.ContainsFunc(t.readings(), l.matches) })
	})
}

func (l literal) matches(resource string) bool { return l.test.set.Match(resource) == l.want }

// readings are the resources that tests may see: of requests without resource
// AWS writes "*", and only patterns of stars alone are certain to match it.
func (t target) readings() []string {
	if t.typ == 0 {
		return []string{noResource, "*"}
	}
	return []string{t.resource}
}

// testsByKey returns the tests of condition keys that parts ask, in either
// reading, by key in sorted order.
func testsByKey(parts []part) (dims []string, byDim map[string][]*test) {
	byDim = map[string][]*test{}
	for _, x := range parts {
		for _, l := range slices.Concat(x.sure, x.maybe) {
			dim := l.test.dim
			if dim == resourceDim || slices.Contains(byDim[dim], l.test) {
				continue
			}
			if byDim[dim] == nil {
				dims = append(dims, dim)
			}
			byDim[dim] = append(byDim[dim], l.test)
		}
	}
	slices.Sort(dims)
	return dims, byDim
}

// outcome is what becomes of one request: whether it is certainly allowed, and
// whether it may be.
type outcome struct{ sure, maybe bool }

// outcome decides the request on t under circumstances that say everything that
// is free.
func (s *asking) outcome(t target, when circumstances) outcome {
	out := outcome{sure: true}
	for _, resource := range t.readings() {
		out.sure = out.sure && s.allows(t, resource, when, sure)
		out.maybe = out.maybe || s.allows(t, resource, when, maybe)
	}
	return out
}

func (s *asking) allows(t target, resource string, when circumstances, m mode) bool {
	p := s.profile
	some := func(list []part, m mode) bool {
		return slices.ContainsFunc(list, func(x part) bool { return s.covers(x, t, resource, when, m) })
	}
	if some(p.denies, m.other()) {
		return false
	}
	layers := p.layers
	beyond := p.bounded && some(beyondBoundary(p.allows, m), m)
	if beyond {
		layers = layers[1:]
	}
	for _, layer := range layers {
		if !some(layer, m) {
			return false
		}
	}
	return some(p.allows, m)
}

// covers reports whether a statement covers one request.
func (s *asking) covers(x part, t target, resource string, when circumstances, m mode) bool {
	lits, some := x.literals(m)
	if !some || !x.names(s.action, m) {
		return false
	}
	return !slices.ContainsFunc(lits, func(l literal) bool {
		if l.test.dim == resourceDim {
			return !l.matches(resource)
		}
		return !l.holds(s.valueOf(l.test.dim, t, when))
	})
}

// valueOf returns the value of a key: what is settled, else what is chosen.
func (s *asking) valueOf(dim string, t target, when circumstances) value {
	if slices.ContainsFunc(when, func(a atom) bool { return a.dim == dim }) {
		return when.value(dim)
	}
	v, _, _ := s.profile.domain(dim, s.action, t.typ, t.at).pick(nil, s.budget)
	return v
}
