package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Reason is a part of a policy that decides a question.
type Reason struct {
	Element
	Role Role
	// Conditional: the statement has conditions.
	Conditional bool
}

// Role says what a statement does to the request. The zero value is invalid.
type Role uint8

// The roles. Passes: it lets the request through a guard. Unread: it could not be
// read and may allow or deny.
const (
	_ Role = iota
	Allows
	Denies
	Passes
	Unread
)

// Guard is a permissions boundary, or one level of the organization's policies.
type Guard struct {
	Kind     inventory.Kind
	Policies []inventory.Policy
}

// ref names a statement of a profile: one that allows (list 0), one that denies
// (1), one of a layer of guards (2 and on). Profiles that are decided alike have
// the same statements in the same places.
type ref struct{ list, index int }

const (
	allowList = iota
	denyList
	layerLists
)

func (p *Profile) list(n int) []part {
	switch n {
	case allowList:
		return p.allows
	case denyList:
		return p.denies
	}
	return p.layers[n-layerLists]
}

// reasons writes out which statements decide.
func (s *asking) reasons(refs []ref) []Reason {
	var out []Reason
	for _, r := range refs {
		for _, found := range s.reason(s.profile.list(r.list)[r.index], r.list) {
			if !slices.ContainsFunc(out, found.same) { // such as what was lost, which may allow and deny
				out = append(out, found)
			}
		}
	}
	return out
}

func (s *asking) reason(x part, list int) []Reason {
	role := Allows
	switch {
	case x.lost:
		role = Unread
	case list == denyList:
		role = Denies
	case list >= layerLists:
		role = Passes
	}
	var out []Reason
	for _, e := range elementsOf([]part{x}, codeartifact.Actions(s.action)) {
		if e.Policy.Document.Text == "" {
			continue // nothing of it was read: a gap says so
		}
		r := Reason{Element: e, Role: role, Conditional: len(e.Statement.Conditions) > 0}
		out = append(out, r)
	}
	return out
}

// same reports whether the reasons are the same place in the same role.
func (r Reason) same(other Reason) bool {
	return r.Role == other.Role && r.Place == other.Place && r.Policy.ID == other.Policy.ID
}

// view returns the profile with other statements.
func (p *Profile) view(allows, denies []part, layers [][]part, bounded bool) *Profile {
	v := *p
	v.key = ""
	v.allows, v.denies, v.layers, v.bounded = allows, denies, layers, bounded
	return &v
}

// ungoverned returns the profile without any Deny, boundary or SCP.
func (p *Profile) ungoverned() *Profile { return p.view(p.allows, nil, nil, false) }

// grantors returns statements that together allow every request of the question,
// none of them needless; those that come last are dropped first.
func (s *asking) grantors(p *Profile) ([]ref, error) {
	var kept []ref
	for i, x := range p.allows {
		if x.certain && x.names(s.action, sure) {
			kept = append(kept, ref{allowList, i})
		}
	}
	for i := len(kept) - 1; i >= 0 && len(kept) > 1; i-- {
		without := slices.Delete(slices.Clone(kept), i, i+1)
		ok, err := s.always(p.view(p.picked(without), p.denies, p.layers, p.bounded))
		if err != nil {
			return nil, err
		}
		if ok {
			kept = without
		}
	}
	return kept, nil
}

func (p *Profile) picked(refs []ref) []part {
	out := make([]part, len(refs))
	for i, r := range refs {
		out[i] = p.list(r.list)[r.index]
	}
	return out
}

// obstacles finds out why a request that is denied is: what forbids it although
// statements allow it, or which side does not allow it.
func (s *asking) obstacles(a *Answer) ([]ref, error) {
	open, err := s.possible(s.profile.ungoverned())
	if err != nil {
		return nil, err
	}
	if !open {
		return s.halves(a)
	}
	var refs []ref
	for i := range s.profile.denies {
		stops, err := s.stops([]ref{{denyList, i}})
		if err != nil {
			return nil, err
		}
		if stops {
			refs = append(refs, ref{denyList, i})
		}
	}
	for k := range s.profile.layers {
		stops, err := s.stops([]ref{{layerLists + k, 0}})
		if err != nil {
			return nil, err
		}
		if stops {
			a.Guards = append(a.Guards, s.guard(k))
		}
	}
	if len(refs) > 0 || len(a.Guards) > 0 {
		return refs, nil
	}
	return s.jointly(a)
}

// stops reports whether the named Deny statements and whole layers let no request
// of the question pass.
func (s *asking) stops(by []ref) (bool, error) {
	ok, err := s.possible(s.profile.underOnly(by))
	return !ok && err == nil, err
}

// jointly returns Deny statements that together stop the request, and notes the
// guards that do so with them, none of them needless.
func (s *asking) jointly(a *Answer) ([]ref, error) {
	var kept []ref
	for i := range s.profile.denies {
		kept = append(kept, ref{denyList, i})
	}
	for k := range s.profile.layers {
		kept = append(kept, ref{layerLists + k, 0})
	}
	for i := len(kept) - 1; i >= 0; i-- {
		without := slices.Delete(slices.Clone(kept), i, i+1)
		stops, err := s.stops(without)
		if err != nil {
			return nil, err
		}
		if stops {
			kept = without
		}
	}
	var refs []ref
	for _, r := range kept {
		if r.list >= layerLists {
			a.Guards = append(a.Guards, s.guard(r.list-layerLists))
		} else {
			refs = append(refs, r)
		}
	}
	return refs, nil
}

// guard names the guard that layer k of the profile stands for.
func (s *asking) guard(k int) Guard {
	return layerGuard(s.account, s.principal, s.profile.bounded, k)
}

// deciding returns the statements that take part in a decision that depends.
func (s *asking) deciding() ([]ref, error) {
	p := s.profile
	refs, err := s.mayAllow()
	if err != nil {
		return nil, err
	}
	unforbidden := p.view(p.allows, nil, p.layers, p.bounded)
	for i, x := range p.denies {
		if !x.actions.Has(s.action) {
			continue
		}
		takes, err := s.meets(unforbidden, x)
		if err != nil {
			return nil, err
		}
		if takes {
			refs = append(refs, ref{denyList, i})
		}
	}
	for k, layer := range p.layers {
		bounded := k == 0 && p.bounded
		always, err := s.always(p.view(layer, nil, nil, false))
		if err != nil {
			return nil, err
		}
		if always {
			continue
		}
		for i, x := range layer {
			takes, err := s.possible(p.view(p.allows, nil, [][]part{{x}}, bounded))
			if err != nil {
				return nil, err
			}
			if takes {
				refs = append(refs, ref{layerLists + k, i})
			}
		}
	}
	return refs, nil
}

// mayAllow returns the statements that may allow the request; where some do so
// whatever the keys are, those alone.
func (s *asking) mayAllow() ([]ref, error) {
	always, err := s.always(s.profile.ungoverned())
	if always && err == nil {
		return s.grantors(s.profile.ungoverned())
	}
	var refs []ref
	for i, x := range s.profile.allows {
		for _, t := range s.targets {
			found, err := s.allowed(s.profile, t, x.same)
			if err != nil {
				return nil, err
			}
			if found != nil {
				refs = append(refs, ref{allowList, i})
				break
			}
		}
	}
	return refs, err
}

// meets reports whether some request that the profile may allow also passes the
// tests of x.
func (s *asking) meets(p *Profile, x part) (bool, error) {
	for _, t := range s.targets {
		t.within = slices.Concat(t.within, x.maybe)
		if found, err := s.allowed(p, t, nil); found != nil || err != nil {
			return found != nil, err
		}
	}
	return false, nil
}
