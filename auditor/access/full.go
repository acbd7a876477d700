package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Full is full access: every action by which it is measured, on every resource
// of its type, in at least one account and Region.
type Full struct {
	Certainty
	// Region and Account are where the access was proved. OneRegion and
	// OneAccount: there are others in which it does not hold.
	Region, Account       string
	OneRegion, OneAccount bool
	// Domain is the one domain that the access is confined to, Pattern the same
	// as the policies write it; both are empty for all domains.
	Domain, Pattern string
	// Narrowed: only under conditions that not every caller can meet.
	Narrowed bool
	// AllServices: only by way of grants of all services' actions on resources
	// of all services, as administrators have.
	AllServices bool
	// Granted are the codeartifact actions that the profile allows somewhere.
	Granted codeartifact.ActionSet
	// By are the action elements that together give the access.
	By []Element
	// Witness is a request out of the access, of the gravest action.
	Witness Request
}

// Full returns the full access that the profile gives: one answer for all
// domains, else one for each pattern that names the domains it is confined to.
func (p *Profile) Full() ([]Full, error) {
	var last error
	for _, m := range []mode{sure, maybe} {
		for _, view := range []struct {
			*Profile
			allServices bool
		}{{p.only(func(x part) bool { return !x.allServices() }), false}, {p, true}} {
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

func (p *Profile) full(m mode) ([]Full, error) {
	b := p.access.newBudget()
	c := newCoverer(p, m, codeartifact.FullActions(), b)
	everywhere, err := c.everywhere()
	if err != nil {
		return nil, err
	}
	proofs := []*coverage{everywhere}
	if everywhere == nil {
		if proofs, err = c.inDomains(); err != nil {
			return nil, err
		}
	}
	var out []Full
	for _, proof := range proofs {
		f := Full{
			Certainty: m.certainty(), Region: proof.region, Account: proof.account,
			OneRegion: proof.oneRegion, OneAccount: proof.oneAccount,
			Domain: proof.domain, Pattern: proof.pattern, Narrowed: proof.narrowed,
			Granted: p.actions(maybe).And(codeartifact.CodeArtifactActions()),
			By:      elementsOf(proof.by, codeartifact.FullActions()),
		}
		if f.Witness, err = p.witness(m, proof, b); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// witness returns the gravest request that a coverage promises.
func (p *Profile) witness(m mode, proof *coverage, b *glob.Budget) (Request, error) {
	place := "arn:aws:codeartifact:" + proof.region + ":" + proof.account + ":"
	at := glob.Union{glob.Compile(place + "*")}
	if proof.domain != "" {
		at = reachARNs(place+"domain/"+proof.domain, 0)
		at = append(at, glob.Compile(place+"repository/"+proof.domain+"/*"))
	}
	with := []literal{{&test{kind: texts, set: at}, true}}
	found, err := p.find(question{mode: m, actions: codeartifact.FullActions(), with: with}, b)
	if found == nil || err != nil {
		return Request{}, err
	}
	return p.request(found), nil
}

// allServices reports whether the statement names codeartifact actions only by
// naming all services' (Action "*" or "*:*", or NotAction of other services) and
// is not confined to CodeArtifact's resources.
func (x part) allServices() bool {
	ours := codeartifact.CodeArtifactActions()
	switch c := x.parsed.Actions.(type) {
	case policy.Only:
		for _, v := range c {
			if v.Text != "*" && v.Text != "*:*" && codeartifact.MatchActions(v.Text).Meets(ours) {
				return false
			}
		}
	case policy.AllBut:
		if slices.ContainsFunc(c, func(v policy.Value) bool { return codeartifact.MatchActions(v.Text).Meets(ours) }) {
			return false
		}
	}
	return !x.confined()
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
