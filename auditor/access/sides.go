package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// identitySide is what the principal's identity policies allow by themselves,
// wherever the resource is.
func (s *asking) identitySide() *Profile {
	side := &Profile{access: s.access, caller: s.profile.caller}
	var denies Profile
	for _, q := range s.principal.Policies {
		src := s.access.source(q, side.caller, everyAction)
		denies.add(src, &side.allows)
	}
	return side
}

// resourceSide is what the policies of the resource allow the principal by
// themselves.
func (s *asking) resourceSide() *Profile {
	side := &Profile{access: s.access, caller: s.profile.caller}
	everything := part{source: &source{access: s.access}, statement: &statement{allow: true, actions: codeartifact.AllActions(), certain: true}}
	s.access.join(side, s.principal, s.account.ID, []part{everything})
	side.denies = nil
	for i, x := range side.allows {
		if x.with != nil { // the statement itself, not what it was joined with
			side.allows[i] = *x.with
		}
	}
	return side
}

// where says how the question's resource lies to the principal: own where its
// identity policies are enough, read where another account's policies were read.
func (s *asking) where() (own, read bool) {
	t := s.access.territoryOf(s.access.inventory, s.account.ID)
	resource := s.resource
	if resource == "*" {
		resource = noResource
	}
	return t.own.set.Match(resource), t.elsewhere != nil && t.elsewhere.set.Match(resource)
}

// halves finds out which side does not allow a request that nothing allows, and
// returns the statements of the other.
func (s *asking) halves(a *Answer) ([]ref, error) {
	identity, err := s.possible(s.identitySide())
	if err != nil {
		return nil, err
	}
	if !identity {
		a.Lacking = append(a.Lacking, IdentitySide)
	}
	if own, read := s.where(); !own && read {
		resource, err := s.possible(s.resourceSide())
		if err != nil {
			return nil, err
		}
		if !resource {
			a.Lacking = append(a.Lacking, ResourceSide)
		}
	}
	return nil, nil
}

// oneSide returns the reasons of the side that allows a request across accounts
// which the other side does not.
func (s *asking) oneSide(a *Answer) ([]Reason, error) {
	own, _ := s.where()
	if own || len(a.Lacking) != 1 {
		return nil, nil
	}
	side := s.identitySide()
	if a.Lacking[0] == IdentitySide {
		side = s.resourceSide()
	}
	var out []Reason
	for _, x := range side.allows {
		for _, t := range s.targets {
			found, err := s.allowed(side.view([]part{x}, nil, nil, false), t, nil)
			if err != nil {
				return nil, err
			}
			if found != nil {
				out = append(out, s.reason(x, allowList)...)
				break
			}
		}
	}
	return out, nil
}

// Refutes reports whether the files show that AWS cannot have denied the request
// for that reason: because no policy of a kind allows it, or, where explicit,
// because one of them denies it. Identity, DomainPolicy (for resource policies),
// Boundary and SCP are the kinds that files hold; of others nothing is refuted.
func (a *Answer) Refutes(k inventory.Kind, explicit bool) (bool, error) {
	s := a.asking
	if explicit {
		return s.refutesDeny(k)
	}
	p := s.profile
	switch k {
	case inventory.Identity:
		return s.always(s.identitySide())
	case inventory.DomainPolicy:
		side := s.resourceSide()
		return s.always(side)
	case inventory.Boundary:
		if !p.bounded {
			return s.principal.BoundaryARN == "", nil
		}
		return s.always(p.view(p.layers[0], nil, nil, false))
	case inventory.SCP:
		layers := p.layers
		if p.bounded {
			layers = layers[1:]
		}
		if s.account.Guards == nil {
			return s.principal.ServiceLinked, nil
		}
		for _, layer := range layers {
			always, err := s.always(p.view(layer, nil, nil, false))
			if !always || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	return false, nil
}

func (s *asking) refutesDeny(k inventory.Kind) (bool, error) {
	kinds := []inventory.Kind{k}
	switch k {
	case inventory.DomainPolicy:
		kinds = append(kinds, inventory.RepositoryPolicy)
		if own, read := s.where(); !own && !read || len(s.assumed) > 0 {
			return false, nil
		}
	case inventory.SCP:
		if s.account.Guards == nil {
			return s.principal.ServiceLinked, nil
		}
	case inventory.Boundary:
		if s.principal.BoundaryARN != "" && s.principal.Boundary == nil {
			return false, nil
		}
	case inventory.Identity:
	default:
		return false, nil
	}
	for _, x := range s.profile.denies {
		if !slices.Contains(kinds, x.source.policy.Kind) || !x.actions.Has(s.action) {
			continue
		}
		for _, t := range s.targets {
			if found, err := s.solve(s.profile, t, x.maybe, nil); found != nil || err != nil {
				return false, err
			}
		}
	}
	return true, nil
}
