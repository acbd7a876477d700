package inventory

import (
	"slices"
	"strings"
)

// Roster is who is in an account and which policies are in force there.
type Roster struct {
	// Principals are the users and roles, sorted by ARN, with those of their
	// Policies which were asked for.
	Principals []Principal
	// Held are the policies that were asked for, sorted by ID.
	Held []Held
	// Policies and Statements count all policies that Account.Held lists, and
	// their statements, whether they were asked for or not.
	Policies, Statements int
}

// Roster joins attachments and groups for the policies that keep reports true for.
// Of an account of any size it takes little more than those.
func (a *Account) Roster(keep func(Kind, *Document) bool) Roster {
	r := &roster{
		account: a, keep: keep, byID: map[string]*Held{},
		managed: make(map[string]*managedInForce, len(a.Policies)), groups: make(map[string][]Policy, len(a.Groups)),
	}
	r.policies()
	for _, g := range a.Groups {
		r.groups[g.Name] = r.carried(g.ARN, g.Input, g.Inline, g.Attached)
	}
	r.out.Principals = make([]Principal, 0, len(a.Users)+len(a.Roles))
	for _, role := range a.Roles {
		r.role(role)
	}
	for _, u := range a.Users {
		r.user(u)
	}
	byARN := func(p, q Principal) int { return strings.Compare(p.ARN, q.ARN) }
	if !slices.IsSortedFunc(r.out.Principals, byARN) {
		slices.SortFunc(r.out.Principals, byARN)
	}
	r.finish()
	return r.out
}

// roster is a Roster being put together.
type roster struct {
	account *Account
	keep    func(Kind, *Document) bool
	managed map[string]*managedInForce
	groups  map[string][]Policy // kept policies of the groups, by name
	byID    map[string]*Held
	out     Roster
}

// managedInForce is a managed policy with a version in force.
type managedInForce struct {
	identity Policy
	boundary *Policy // the same as a boundary, nil until somebody is bounded
	kept     bool
	listed   bool // the account's own, or somebody holds it or is bounded by it
}

func (r *roster) policies() {
	for _, p := range r.account.Policies {
		if q, ok := managedPolicy(r.account.ID, p, Identity); ok {
			r.managed[p.ARN] = &managedInForce{identity: q, kept: r.keep(Identity, q.Document), listed: !q.AWSOwned()}
		}
	}
}

func (r *roster) role(role *Role) {
	r.out.Principals = append(r.out.Principals, Principal{
		ARN: role.ARN, Name: role.Name, ID: role.ID, Role: true, ServiceLinked: role.ServiceLinked(), Tags: role.Tags,
		MaxSession: role.MaxSession, Path: role.Input, BoundaryARN: role.Boundary, Boundary: r.boundary(role.Boundary),
		Policies: r.carried(role.ARN, role.Input, role.Inline, role.Attached), role: role,
	})
	if role.Trust != nil {
		r.count(role.Trust)
		if r.keep(Trust, role.Trust) {
			add(r.byID, trustPolicy(r.account.ID, role)).Holders = []string{role.ARN}
		}
	}
}

func (r *roster) user(u *User) {
	p := Principal{
		ARN: u.ARN, Name: u.Name, ID: u.ID, Tags: u.Tags, Groups: u.Groups, Path: u.Input,
		BoundaryARN: u.Boundary, Boundary: r.boundary(u.Boundary), Policies: r.carried(u.ARN, u.Input, u.Inline, u.Attached),
	}
	for _, name := range u.Groups {
		p.Policies = append(p.Policies, r.groups[name]...)
	}
	p.Policies = distinct(p.Policies)
	r.out.Principals = append(r.out.Principals, p)
}

// carried counts the policies that one user, group or role carries itself, and
// returns those that are kept.
func (r *roster) carried(holder, path string, inline []InlinePolicy, attached []Attachment) []Policy {
	var kept []Policy
	for i := range inline {
		r.count(inline[i].Document)
		if r.keep(Identity, inline[i].Document) {
			kept = append(kept, inlinePolicies(r.account.ID, holder, path, inline[i:i+1])...)
		}
	}
	for i := range attached {
		if m := r.managed[attached[i].ARN]; m != nil {
			m.listed = true
			if m.kept {
				kept = append(kept, m.identity)
			}
		}
	}
	kept = distinct(kept)
	for _, p := range kept {
		h := add(r.byID, p)
		h.Holders = append(h.Holders, holder)
	}
	return kept
}

func (r *roster) boundary(policyARN string) *Policy {
	m := r.managed[policyARN]
	if m == nil || policyARN == "" {
		return nil
	}
	if m.boundary == nil {
		boundary := m.identity
		boundary.Kind = Boundary
		m.boundary, m.listed = &boundary, true
	}
	return m.boundary
}

func (r *roster) count(d *Document) {
	r.out.Policies++
	r.out.Statements += len(d.Parsed.Statements)
}

// finish lists the kept policies with whom they concern.
func (r *roster) finish() {
	for i := range r.out.Principals {
		p := &r.out.Principals[i]
		for _, q := range p.Policies {
			h := add(r.byID, q)
			h.Principals = append(h.Principals, p.ARN)
		}
		if p.Boundary != nil && r.managed[p.BoundaryARN].kept {
			h := add(r.byID, r.managed[p.BoundaryARN].identity)
			h.Bounds = append(h.Bounds, p.ARN)
		}
	}
	for _, m := range r.managed {
		if !m.listed {
			continue
		}
		r.count(m.identity.Document)
		if m.kept {
			add(r.byID, m.identity)
		}
	}
	r.resources()
	r.out.Held = make([]Held, 0, len(r.byID))
	for _, h := range r.byID {
		slices.Sort(h.Holders)
		r.out.Held = append(r.out.Held, *h)
	}
	slices.SortFunc(r.out.Held, func(p, q Held) int { return strings.Compare(p.ID, q.ID) })
}

// resources enters the policies of domains and repositories.
func (r *roster) resources() {
	for _, d := range r.account.Domains {
		if d.Policy != nil {
			r.resource(domainPolicy(r.account.ID, d))
		}
	}
	for _, repository := range r.account.Repositories {
		if repository.Policy != nil {
			r.resource(repositoryPolicy(r.account.ID, repository))
		}
	}
}

func (r *roster) resource(q Policy) {
	r.count(q.Document)
	if r.keep(q.Kind, q.Document) {
		add(r.byID, q)
	}
}

func add(byID map[string]*Held, p Policy) *Held {
	if byID[p.ID] == nil {
		byID[p.ID] = &Held{Policy: p}
	}
	return byID[p.ID]
}

// distinct drops a managed policy that also comes by way of a group.
func distinct(policies []Policy) []Policy {
	if len(policies) < 2 {
		return policies
	}
	seen := make(map[string]bool, len(policies))
	return slices.DeleteFunc(policies, func(p Policy) bool {
		if seen[p.ID] {
			return true
		}
		seen[p.ID] = true
		return false
	})
}
