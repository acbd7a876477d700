package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Full is full access: every action by which it is measured, on every resource
// of its type, in at least one account and Region. Its Actions are those by which
// it is measured: all of FullActions, for a domain those that do not act on package
// groups.
type Full struct {
	Reach
	// AllServices: only by way of grants of all services' actions on resources
	// of all services, as administrators have.
	AllServices bool
	// Granted are the codeartifact actions that the profile allows somewhere.
	Granted codeartifact.ActionSet
}

// Full returns the full access that the profile gives: one answer for all
// domains, else one for each pattern that names the domains it is confined to.
func (p *Profile) Full() ([]Full, error) {
	if known, ok := p.access.fulls[p.Key()]; ok {
		return known, nil
	}
	found, err := p.fullAccess()
	if err == nil {
		p.access.fulls[p.Key()] = found
	}
	return found, err
}

func (p *Profile) fullAccess() ([]Full, error) {
	var last error
	for _, m := range []mode{sure, maybe} {
		for _, view := range []struct {
			*Profile
			allServices bool
		}{{p.withoutAllServices(), false}, {p, true}} {
			found, err := view.full(m)
			if err != nil {
				last = err
				continue
			}
			for i := range found {
				found[i].AllServices = view.allServices
			}
			if len(found) > 0 {
				return found, nil
			}
		}
	}
	return nil, last
}

// onDomains are the actions that even full access to one domain alone needs:
// package groups may be there or not.
var onDomains = codeartifact.FullActions().Minus(codeartifact.ActionsOn(codeartifact.PackageGroup))

func (p *Profile) full(m mode) ([]Full, error) {
	if !p.actions(m).Covers(onDomains) {
		return nil, nil // without a step: nearly every policy ends here
	}
	b := p.steps()
	c := newCoverer(p, m, codeartifact.FullActions(), b)
	proofs, err := c.widely([]codeartifact.ActionSet{codeartifact.FullActions()}, []codeartifact.ActionSet{onDomains})
	if err != nil {
		return nil, err
	}
	var out []Full
	for _, proof := range proofs {
		f := Full{}
		if f.Granted, err = p.granted(m, proof, b); err != nil {
			return nil, err
		}
		if f.Reach, err = c.reach(proof); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// granted returns the codeartifact actions of which some request in the place
// of a coverage is allowed.
func (p *Profile) granted(m mode, proof *coverage, b *glob.Budget) (codeartifact.ActionSet, error) {
	var all codeartifact.ActionSet
	ask := proof.question(m)
	for a := range codeartifact.CodeArtifactActions().All() {
		found, err := p.find(ask(codeartifact.Actions(a)), b)
		if err != nil {
			return all, err
		}
		if found != nil {
			all = all.Add(a)
		}
	}
	return all, nil
}

// withoutAllServices returns the profile without the elements that name
// codeartifact actions only by naming all services' (Action "*" or "*:*", and
// NotAction of other services), of statements that are not confined to
// CodeArtifact's resources.
func (p *Profile) withoutAllServices() *Profile {
	view := *p
	view.key = ""
	view.allows = nil
	for _, x := range p.allows {
		if few := x.specific(); few != x.statement && !x.confined() {
			x.statement = few
		}
		if x.statement != nil {
			view.allows = append(view.allows, x)
		}
	}
	return &view
}

// specific returns the statement with the elements alone that name actions of
// few services, nil when there is none.
func (s *statement) specific() *statement {
	ours := codeartifact.CodeArtifactActions()
	namesOurs := func(v policy.Value) bool { return codeartifact.MatchActions(v.Text).Meets(ours) }
	only, ok := s.parsed.Actions.(policy.Only)
	if !ok {
		if slices.ContainsFunc(policy.Values(s.parsed.Actions), namesOurs) {
			return s
		}
		return nil
	}
	isAll := func(v policy.Value) bool { return v.Text == "*" || v.Text == "*:*" }
	if !slices.ContainsFunc(only, isAll) {
		return s
	}
	few := *s
	few.values = slices.DeleteFunc(slices.Clone([]policy.Value(only)), isAll)
	certain, possible := namedActions(policy.Only(few.values))
	few.actions = s.actions.And(possible)
	few.unsure = few.actions.Minus(certain.Minus(s.unsure))
	if few.actions.IsEmpty() {
		return nil
	}
	return &few
}

// confined reports whether the statement's resources are all CodeArtifact's.
func (x part) confined() bool {
	of := asks(x.maybe, resourceDim)
	if len(of) == 0 {
		return false
	}
	sets := []glob.Union{{glob.Compile("arn:*:codeartifact:*")}}
	for _, l := range of {
		sets = append(sets, l.test.set)
	}
	m := glob.NewMachine(sets)
	_, elsewhere, err := m.Find(m.Start(), glob.Union{glob.Compile("arn:aws:*"), glob.Literal("*")}, []string{"arn:aws:s3:::example", "*"}, func(in []bool) bool {
		for i, l := range of {
			if in[i+1] != l.want {
				return false
			}
		}
		return !in[0]
	}, x.source.access.newBudget())
	return err == nil && !elsewhere
}
