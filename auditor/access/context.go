package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// atom is a class of values of one key between which no test tells a
// difference, with its simplest member.
type atom struct {
	dim   string
	value value
	// free says that every caller can present a value of the class at will.
	free bool
	// tag says that the key is a tag of the resource, which one resource has and the
	// next one has not.
	tag bool
}

// atoms divides what a key can be by every test that asks about it.
func (d *domain) atoms(dim string, tests []*test, b *glob.Budget) ([]atom, error) {
	var out []atom
	var divide func(i int, chosen []literal) error
	divide = func(i int, chosen []literal) error {
		v, ok, err := d.pick(chosen, b)
		if err != nil || !ok {
			return err
		}
		if i == len(tests) {
			out = append(out, atom{dim: dim, value: v, free: atWill(d.control)})
			return nil
		}
		for _, want := range []bool{true, false} {
			if err := divide(i+1, append(slices.Clone(chosen), literal{tests[i], want})); err != nil {
				return err
			}
		}
		return nil
	}
	return out, divide(0, nil)
}

// circumstances is one choice of an atom for each key.
type circumstances []atom

func (c circumstances) value(dim string) value {
	for _, a := range c {
		if a.dim == dim {
			return a.value
		}
	}
	return absent
}

// atWill names the choices that every caller can make, so that circumstances
// which differ in nothing else can be held against each other.
func (c circumstances) atWill() string {
	return "at will: " + slices.DeleteFunc(slices.Clone(c), func(a atom) bool { return !a.free }).text()
}

// apart returns the circumstances without the tags of resources.
func (c circumstances) apart() circumstances {
	return slices.DeleteFunc(slices.Clone(c), func(a atom) bool { return a.tag })
}

// text names the choices.
func (c circumstances) text() string {
	var b strings.Builder
	for _, a := range c {
		b.WriteString(a.dim + "=" + strconv.FormatBool(a.value.present) + strconv.Quote(strings.Join(a.value.texts, "\x00")) + ";")
	}
	return b.String()
}

// tagsResources reports whether a key holds a tag of the resource. Other properties
// of a resource, such as its organization, are the same for all of an account.
func tagsResources(dim string) bool {
	info, listed := codeartifact.LookupKey(dim)
	return listed && info.Outside() == codeartifact.Attached
}

// eachCircumstance calls visit for every combination of atoms of the given
// keys, until it returns false.
func eachCircumstance(keys [][]atom, b *glob.Budget, visit func(circumstances) (bool, error)) error {
	chosen := make(circumstances, len(keys))
	var choose func(i int) (bool, error)
	choose = func(i int) (bool, error) {
		if err := b.Spend(1); err != nil {
			return false, err
		}
		if i == len(keys) {
			return visit(slices.Clone(chosen))
		}
		for _, a := range keys[i] {
			chosen[i] = a
			if on, err := choose(i + 1); !on || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	_, err := choose(0)
	return err
}

// conditionTests returns the tests of condition keys that parts ask about the
// given actions, by key in sorted order. Keys that follow from where the
// resource lives are left out: the place settles them.
func conditionTests(parts []part, m func(part) mode) (dims []string, byDim map[string][]*test) {
	byDim = map[string][]*test{}
	for _, x := range parts {
		lits, _ := x.literals(m(x))
		for _, l := range lits {
			dim := l.test.dim
			if dim == resourceDim || followsFromResource(dim) || slices.Contains(byDim[dim], l.test) {
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

// followsFromResource reports whether the resource of a request settles the key.
func followsFromResource(dim string) bool {
	return dim == regionDim || dim == accountDim
}

// widest returns the domain of a key for the first of actions whose requests
// can carry it, nil when none can.
func (p *Profile) widest(dim string, actions codeartifact.ActionSet, at home) *domain {
	for a := range actions.All() {
		for _, t := range typesOf(a) {
			if d := p.domain(dim, a, t, at); d.present {
				return d
			}
		}
	}
	return nil
}
