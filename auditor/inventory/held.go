package inventory

import (
	"cmp"
	"slices"
)

// Held is a policy of an account and whom it concerns.
type Held struct {
	Policy
	// Holders are the ARNs of the users, groups and roles that carry the policy
	// themselves, sorted. Empty means attached to nobody; for policies of
	// domains and repositories it is always empty.
	Holders []string
	// Principals are the ARNs of the users and roles that an identity policy
	// applies to, by way of their groups too, sorted.
	Principals []string
	// Bounds are the ARNs of the users and roles that a managed policy is the
	// permissions boundary of, sorted. A policy that bounds someone and has no
	// Holders is a boundary and grants nothing.
	Bounds []string
}

// Held returns every policy in force in the account, sorted by ID: inline,
// managed in their default version, trust, domain and repository policies. Of
// the policies AWS owns only those are listed that somebody holds or is bounded
// by, since the others are in every account. Guards are not: they are the
// organization's.
func (a *Account) Held() []Held { return a.HeldBy(a.Principals()) }

// HeldBy is Held for whoever has the account's Principals already.
func (a *Account) HeldBy(principals []Principal) []Held {
	byID := map[string]*Held{}
	a.holders(byID)
	for i := range principals {
		p := &principals[i]
		for _, q := range p.Policies {
			h := add(byID, q)
			h.Principals = append(h.Principals, p.ARN)
		}
		if p.Boundary != nil {
			bounding := *p.Boundary
			bounding.Kind = Identity
			h := add(byID, bounding)
			h.Bounds = append(h.Bounds, p.ARN)
		}
		if p.Trust != nil {
			add(byID, *p.Trust).Holders = []string{p.ARN}
		}
	}
	for _, p := range a.Policies {
		if q, ok := managedPolicy(a.ID, p, Identity); ok && !q.AWSOwned() {
			add(byID, q)
		}
	}
	a.resources(byID)

	held := make([]Held, 0, len(byID))
	for _, h := range byID {
		slices.Sort(h.Holders)
		held = append(held, *h)
	}
	slices.SortFunc(held, func(p, q Held) int { return cmp.Compare(p.ID, q.ID) })
	return held
}

// holders enters the policies that users, groups and roles carry themselves.
func (a *Account) holders(byID map[string]*Held) {
	index := a.index()
	carry := func(holder, path string, inline []InlinePolicy, attached []Attachment) {
		for _, p := range distinct(index.identity(holder, path, inline, attached)) {
			h := add(byID, p)
			h.Holders = append(h.Holders, holder)
		}
	}
	for _, u := range a.Users {
		carry(u.ARN, u.Input, u.Inline, u.Attached)
	}
	for _, g := range a.Groups {
		carry(g.ARN, g.Input, g.Inline, g.Attached)
	}
	for _, r := range a.Roles {
		carry(r.ARN, r.Input, r.Inline, r.Attached)
	}
}

// resources enters the policies of domains and repositories.
func (a *Account) resources(byID map[string]*Held) {
	for _, d := range a.Domains {
		if d.Policy != nil {
			add(byID, domainPolicy(a.ID, d))
		}
	}
	for _, r := range a.Repositories {
		if r.Policy != nil {
			add(byID, repositoryPolicy(a.ID, r))
		}
	}
}

func add(byID map[string]*Held, p Policy) *Held {
	if byID[p.ID] == nil {
		byID[p.ID] = &Held{Policy: p}
	}
	return byID[p.ID]
}
