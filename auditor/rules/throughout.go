package rules

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// license is what is wrong with what the policy of a domain lets a guest do.
type license struct {
	*access.WayIn
	severity finding.Severity
	deed     string // what it lets the guest do: "rewrite …"
	also     []access.Request
}

// licenses is what is wrong with what it lets all its guests do, put together.
type licenses struct {
	letIn
	deeds  []string
	names  map[string][]string // of the guests, by deed
	guests []*access.Guest
	by     []access.Element
	also   []access.Request // of the gravest
}

// eachLicense reports the domain policies that license their guests, of any account,
// to do what find finds wrong: one finding a policy.
func (p *Pass) eachLicense(find func(*access.Guest) (*license, error)) {
	for _, q := range p.World.Policies {
		if q.Kind != inventory.DomainPolicy {
			continue
		}
		all, err := p.licensesOf(q, find)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if len(all.guests) == 0 {
			continue
		}
		f := p.exposed(q, all.WayIn, all.message())
		f.Severity, f.Grants = all.severity, all.grants
		for _, r := range all.also {
			f.Witness = append(f.Witness, request(r, finding.Allowed))
		}
		p.report(f, func(f *finding.Finding) {
			if !p.withhold(f, q, all.by) && len(all.guests) == 1 && onlyIn(q, all.guests[0], all.by) {
				p.removeGuest(f, q, all.guests[0], all.by)
			}
		})
	}
}

// licensesOf asks of every guest. Whoever is let in by statements that let in
// everyone, or an organization, is not named beside those.
func (p *Pass) licensesOf(q *access.Policy, find func(*access.Guest) (*license, error)) (licenses, error) {
	all := licenses{names: map[string][]string{}}
	forMany := map[*policy.Statement]bool{}
	for _, g := range p.World.Guests(q) {
		if p.exempt(g.Text) || g.Kind == access.AnAccount && !g.OwnerKnown() {
			continue // the root of what may be the owner's own account
		}
		l, err := find(g)
		if err != nil {
			return all, err
		}
		if l == nil || !slices.ContainsFunc(l.By, func(e access.Element) bool { return !forMany[e.Statement] }) {
			continue
		}
		all.enter(g, l)
		for _, e := range l.By {
			forMany[e.Statement] = forMany[e.Statement] || g.Kind == access.Everyone || g.Kind == access.AnOrganization
		}
	}
	return all, nil
}

// enter adds a guest.
func (all *licenses) enter(g *access.Guest, l *license) {
	gravest := all.severity
	all.add(licensee(g), l.WayIn, l.severity, func(e access.Element) string { return "lets them call " + some(e.Actions, 3) })
	if all.severity > gravest {
		all.also = l.also
	}
	deed := l.deed
	if l.Narrowed {
		deed += ", under a condition"
	}
	if all.names[deed] == nil {
		all.deeds = append(all.deeds, deed)
	}
	all.names[deed] = append(all.names[deed], licensee(g))
	all.guests, all.by = append(all.guests, g), append(all.by, l.By...)
}

func (all *licenses) message() string {
	var said []string
	for _, deed := range all.deeds {
		said = append(said, "lets "+someNames(all.names[deed])+" "+deed)
	}
	return strings.Join(said, "; ")
}

// licensee is what messages call a guest: of the owner's account without the account.
func licensee(g *access.Guest) string {
	if g.Standing == access.Own {
		return ownName(g)
	}
	return guestName(g)
}

// ofAnotherAccount reports whether a guest is, or may be, a principal of an account
// that is not the owner's.
func ofAnotherAccount(g *access.Guest) bool {
	return g.Standing != access.Own && (g.Account == "" || g.OwnerKnown())
}

// everywhere says what actions act on, of the whole domain.
func everywhere(actions codeartifact.ActionSet) string {
	return "every " + join(typesOf(actions)) + " of the domain"
}

// onlyIn reports whether a policy allows a guest that it names nothing but by the
// statements of some elements.
func onlyIn(q *access.Policy, g *access.Guest, by []access.Element) bool {
	return !slices.ContainsFunc(q.Document.Parsed.Statements, func(s policy.Statement) bool {
		return s.Effect == policy.Allow && slices.ContainsFunc(policy.Principals(s.Principals), g.Names) &&
			!slices.ContainsFunc(by, func(e access.Element) bool { return e.Statement.Place == s.Place })
	})
}

// withhold takes the actions that a finding is about out of the statements that
// allow them, where they are named by themselves. It reports whether that was
// offered.
func (p *Pass) withhold(f *finding.Finding, q *access.Policy, by []access.Element) bool {
	document := q.Document.Parsed
	var edits []policy.Edit
	left := len(document.Statements)
	for i := len(document.Statements) - 1; i >= 0; i-- { // from the end, so that pointers stay right
		s := &document.Statements[i]
		var about codeartifact.ActionSet
		for _, e := range by {
			if e.Statement.Place == s.Place {
				about = about.Or(e.Actions)
			}
		}
		only, ok := s.Actions.(policy.Only)
		if about.IsEmpty() {
			continue
		}
		var out []policy.Edit
		for _, v := range slices.Backward(only) {
			matched := codeartifact.MatchActions(v.Text).And(codeartifact.GrantableIn(codeartifact.DomainPolicy))
			if !matched.IsEmpty() && about.Covers(matched) {
				out = append(out, policy.Edit{Op: "remove", Pointer: document.Pointer(v.Place)})
			}
		}
		switch {
		case !ok || len(out) == 0:
			return false
		case len(out) == len(only):
			left--
			out = []policy.Edit{{Op: "remove", Pointer: document.Pointer(s.Place)}}
		}
		edits = append(edits, out...)
	}
	if left == 0 {
		return false // a policy needs a statement: what is left is to delete it
	}
	return p.offer(f, q, remedy{id: "withhold-actions", title: "allow the rest, without these actions", edits: edits})
}
