package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Held is full access that the identity policies of a principal allow and that
// guards keep from it.
type Held struct {
	// Full is the access as if there were no guard. Its Witness is a request that
	// it would allow and the guards deny.
	Full
	// Denies are the Deny statements that keep it back, by their action elements,
	// Guards the permissions boundary and the levels of control policies that do
	// because they do not allow all of it.
	Denies []Element
	Guards []Guard
	// Each of them is enough by itself; else it takes all of them.
	Each bool
}

// Held returns the full access that the principal's identity policies allow by
// themselves, while of what it really may do nothing is full access, not even to
// one domain. Guards that do not have to do with it are not among those returned.
func (w *World) Held(p *Principal) ([]Held, error) {
	held := w.access.held(p.Profile)
	if held.err != nil {
		return nil, held.err
	}
	var out []Held
	for i, f := range held.fulls {
		h := Held{Full: f, Each: held.each}
		h.Witness = held.witnesses[i]
		for _, r := range held.by {
			if r.list == denyList {
				h.Denies = append(h.Denies, elementsOf(p.picked([]ref{r}), codeartifact.FullActions())...)
				continue
			}
			h.Guards = append(h.Guards, layerGuard(w.account, p.Principal, p.bounded, r.list-layerLists))
		}
		out = append(out, h)
	}
	return out, nil
}

// holding is what keeps profiles that are decided alike from full access.
type holding struct {
	fulls     []Full
	by        []ref
	each      bool
	witnesses []Request // one for each of fulls
	err       error
}

// held works out what keeps a profile from full access, once for all that are
// decided alike.
func (x *Access) held(p *Profile) holding {
	known, ok := x.holdings[p.Key()]
	if !ok {
		known = p.holding()
		x.holdings[p.Key()] = known
	}
	return known
}

func (p *Profile) holding() holding {
	if len(p.denies) == 0 && len(p.layers) == 0 || !p.actions(maybe).Covers(onDomains) {
		return holding{} // nearly every profile ends here
	}
	fulls, err := p.only(part.fromIdentity).ungoverned().Full()
	if len(fulls) == 0 || err != nil {
		return holding{err: err}
	}
	given, err := p.Full()
	if len(given) > 0 || err != nil {
		return holding{err: err}
	}
	h := holding{fulls: fulls}
	b := p.steps()
	if h.by, h.each, err = p.holders(b); err != nil {
		return holding{err: err}
	}
	for _, f := range fulls {
		r, err := p.stopped(f, h.by, b)
		if r == nil || err != nil {
			return holding{err: err}
		}
		h.witnesses = append(h.witnesses, *r)
	}
	return h
}

// holders returns the guards of which each keeps the profile from full access by
// itself; where none does, those that do together, none of them needless.
func (p *Profile) holders(b *glob.Budget) (by []ref, each bool, err error) {
	all := p.guards()
	for _, r := range all {
		gives, err := p.givesUnder([]ref{r}, b)
		if err != nil {
			return nil, false, err
		}
		if !gives {
			by = append(by, r)
		}
	}
	if len(by) > 0 {
		return by, true, nil
	}
	for i := len(all) - 1; i >= 0; i-- {
		without := slices.Delete(slices.Clone(all), i, i+1)
		gives, err := p.givesUnder(without, b)
		if err != nil {
			return nil, false, err
		}
		if !gives {
			all = without
		}
	}
	return all, false, nil
}

// guards names every Deny statement that could matter to full access, and every
// layer that does not let all of it pass.
func (p *Profile) guards() []ref {
	var all []ref
	for i, x := range p.denies {
		if x.actions.Meets(onDomains) {
			all = append(all, ref{denyList, i})
		}
	}
	for k, layer := range p.layers {
		open := slices.ContainsFunc(layer, func(x part) bool {
			return x.certain && len(x.sure) == 0 && x.named(sure).Covers(codeartifact.FullActions())
		})
		if !open {
			all = append(all, ref{layerLists + k, 0})
		}
	}
	return all
}

// underOnly returns the profile with some of its guards alone.
func (p *Profile) underOnly(by []ref) *Profile {
	var denies []part
	var layers [][]part
	bounded := false
	for _, r := range by {
		if r.list == denyList {
			denies = append(denies, p.denies[r.index])
			continue
		}
		bounded = bounded || p.bounded && r.list == layerLists
		layers = append(layers, p.list(r.list))
	}
	return p.view(p.allows, denies, layers, bounded)
}

// givesUnder reports whether the profile could give full access, to one domain at
// least, if it had only some of its guards.
func (p *Profile) givesUnder(by []ref, b *glob.Budget) (bool, error) {
	found, err := newCoverer(p.underOnly(by), maybe, codeartifact.FullActions(), b).inDomains(onDomains)
	return len(found) > 0, err
}

// stopped returns a request that is part of f, and that no policy allows in
// spite of one of the guards.
func (p *Profile) stopped(f Full, by []ref, b *glob.Budget) (*Request, error) {
	free := p.only(part.fromIdentity).ungoverned()
	m := maybe
	if f.Certainty == Sure {
		m = sure
	}
	proof := &coverage{home: home{f.Region, f.Account}, domain: f.Domain}
	for _, a := range gravestFirst(f.Actions) {
		for _, r := range by {
			q := proof.question(m)(codeartifact.Actions(a))
			var clauses [][]literal
			if r.list == denyList {
				x := p.denies[r.index]
				lits, some := x.literals(sure)
				if !some || !x.names(a, sure) {
					continue
				}
				q.with = slices.Concat(q.with, lits)
			} else if clauses = fails(p.list(r.list), a); clauses == nil {
				continue
			}
			found, err := free.findWith(q, clauses, b)
			if found == nil && err == nil {
				continue
			}
			return free.requestOrNil(found), err
		}
	}
	return nil, nil
}

// fails describes the requests for a that no statement of a layer could allow, as
// clauses of which each must hold; nil when there are none.
func fails(layer []part, a codeartifact.Action) [][]literal {
	clauses := [][]literal{}
	for _, x := range layer {
		if !x.actions.Has(a) {
			continue
		}
		if len(x.maybe) == 0 {
			return nil
		}
		clauses = append(clauses, negated(x.maybe))
	}
	return clauses
}

// layerGuard names the guard that a layer of a principal's profile stands for.
func layerGuard(a *inventory.Account, p *inventory.Principal, bounded bool, k int) Guard {
	if bounded {
		if k == 0 {
			return Guard{inventory.Boundary, []inventory.Policy{*p.Boundary}}
		}
		k--
	}
	for _, level := range a.Guards {
		g := Guard{Kind: inventory.SCP}
		for _, scp := range level {
			if scp.Kind == inventory.SCP {
				g.Policies = append(g.Policies, inventory.Policy{
					Kind: scp.Kind, Name: scp.Name, ID: scp.Name, Account: a.ID, Document: scp.Document, Path: a.Path,
				})
			}
		}
		if len(g.Policies) == 0 {
			continue
		}
		if k == 0 {
			return g
		}
		k--
	}
	return Guard{Kind: inventory.SCP}
}
