package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// search looks for a request of one action on one type of resource that passes
// every test of a cube and fails, of each clause, at least one: the clauses are
// the Deny statements that must not cover it. It is a depth-first search over
// the tests that decides each dimension exactly, so "none" is a proof.
type search struct {
	profile *Profile
	mode    mode
	action  codeartifact.Action
	typ     codeartifact.ResourceType
	home    home
	budget  *glob.Budget
	prefer  string // a resource to show where it will do; empty for none
	domains map[string]*domain
}

// home fixes where the resource lives, for tests of keys that follow from it.
// The zero home leaves it open.
type home struct{ region, account string }

// solve returns a value for each dimension that the tests mention, or nil when
// no request passes.
func (s *search) solve(cube []literal, clauses [][]literal) (map[string]value, error) {
	s.domains = map[string]*domain{}
	for _, dim := range dimensions(cube, clauses) {
		if _, ok, err := s.pick(dim, cube); err != nil || !ok {
			return nil, err
		}
	}
	chosen, ok, err := s.satisfy(cube, clauses)
	if !ok || err != nil {
		return nil, err
	}
	model := map[string]value{}
	for _, dim := range dimensions(cube, clauses) {
		v, _, err := s.pick(dim, chosen)
		if err != nil {
			return nil, err
		}
		model[dim] = v
	}
	return model, nil
}

// satisfy extends chosen, which is consistent, until every clause holds. It
// reports false when that cannot be.
func (s *search) satisfy(chosen []literal, clauses [][]literal) ([]literal, bool, error) {
	if err := s.budget.Spend(1 + len(chosen) + len(clauses)); err != nil {
		return nil, false, err
	}
	open, ok := remaining(chosen, clauses)
	if !ok || len(open) == 0 {
		return chosen, ok, nil
	}
	shortest := slices.MinFunc(open, func(a, b []literal) int { return len(a) - len(b) })
	for _, l := range shortest {
		with := append(slices.Clone(chosen), l)
		_, ok, err := s.pick(l.test.dim, with)
		if err != nil {
			return nil, false, err
		}
		if ok {
			if done, ok, err := s.satisfy(with, open); ok || err != nil {
				return done, ok, err
			}
		}
		// From here on l is false: the branches do not overlap.
		chosen = append(slices.Clone(chosen), l.not())
		if _, ok, err := s.pick(l.test.dim, chosen); err != nil || !ok {
			return nil, false, err
		}
	}
	return nil, false, nil
}

// remaining drops the clauses that chosen makes true, and from the others the
// literals that it makes false. It reports false when a clause is left empty.
func remaining(chosen []literal, clauses [][]literal) ([][]literal, bool) {
	var open [][]literal
	for _, clause := range clauses {
		if slices.ContainsFunc(clause, func(l literal) bool { return slices.Contains(chosen, l) }) {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(clause), func(l literal) bool { return slices.Contains(chosen, l.not()) })
		if len(left) == 0 {
			return nil, false
		}
		open = append(open, left)
	}
	return open, true
}

// pick returns a value of one dimension that passes the tests of chosen.
func (s *search) pick(dim string, chosen []literal) (value, bool, error) {
	d := s.domains[dim]
	if d == nil {
		d = s.profile.domain(dim, s.action, s.typ, s.home)
		if dim == resourceDim && s.typ == 0 && s.mode == maybe {
			d = &domain{kind: texts, present: true, shape: glob.Union{glob.Literal(noResource), glob.Literal("*")}}
		}
		if dim == resourceDim && s.prefer != "" {
			d.prefer = slices.Insert(d.prefer, 0, s.prefer)
		}
		s.domains[dim] = d
	}
	return d.pick(asks(chosen, dim), s.budget)
}

// dimensions returns the dimensions that tests mention, sorted, the resource
// first.
func dimensions(cube []literal, clauses [][]literal) []string {
	dims := []string{resourceDim}
	for _, list := range append([][]literal{cube}, clauses...) {
		for _, l := range list {
			dims = append(dims, l.test.dim)
		}
	}
	slices.Sort(dims)
	return slices.Compact(dims)
}
