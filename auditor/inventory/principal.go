package inventory

import (
	"cmp"
	"slices"
	"time"
)

// Principal is a user or a role of an account with everything that IAM says
// about what it may do. Groups are no principals: their policies are here among
// those of their members.
type Principal struct {
	ARN, Name string
	ID        string // unique id: AIDA…, AROA…
	Role      bool   // a role; otherwise a user
	// ServiceLinked marks a role AWS owns, which SCPs do not reach.
	ServiceLinked bool
	Tags          []Tag
	Groups        []string // names
	// Policies are the identity policies that apply: its own inline ones, the
	// attached ones, then those of each group likewise; each once. Attached
	// policies whose document is not known are left out: they are gaps of the
	// inventory, except those AWS owns that reach nothing we judge.
	Policies []Policy
	// BoundaryARN names the permissions boundary, empty for none. Boundary is
	// its document in force, nil when it is not known.
	BoundaryARN string
	Boundary    *Policy
	Trust       *Policy       // of a role, nil when it was not read
	MaxSession  time.Duration // of a role, 0 when not known
	Path        string        // the input it was read from
}

// Principals returns the users and roles of the account, sorted by ARN.
func (a *Account) Principals() []Principal {
	index := a.index()
	principals := make([]Principal, 0, len(a.Users)+len(a.Roles))
	for _, u := range a.Users {
		principals = append(principals, index.user(u))
	}
	for _, r := range a.Roles {
		principals = append(principals, index.role(r))
	}
	slices.SortFunc(principals, func(p, q Principal) int { return cmp.Compare(p.ARN, q.ARN) })
	return principals
}

// index finds policies by ARN and groups by name.
type index struct {
	account string
	managed map[string]*ManagedPolicy
	groups  map[string]*Group
}

func (a *Account) index() index {
	i := index{a.ID, make(map[string]*ManagedPolicy, len(a.Policies)), make(map[string]*Group, len(a.Groups))}
	for _, p := range a.Policies {
		i.managed[p.ARN] = p
	}
	for _, g := range a.Groups {
		i.groups[g.Name] = g
	}
	return i
}

func (i index) user(u *User) Principal {
	p := Principal{
		ARN: u.ARN, Name: u.Name, ID: u.ID, Tags: u.Tags, Groups: u.Groups, Path: u.Input,
		Policies: i.identity(u.ARN, u.Input, u.Inline, u.Attached),
	}
	for _, name := range u.Groups {
		if g := i.groups[name]; g != nil {
			p.Policies = append(p.Policies, i.identity(g.ARN, g.Input, g.Inline, g.Attached)...)
		}
	}
	p.Policies = distinct(p.Policies)
	p.BoundaryARN, p.Boundary = u.Boundary, i.boundary(u.Boundary)
	return p
}

func (i index) role(r *Role) Principal {
	p := Principal{
		ARN: r.ARN, Name: r.Name, ID: r.ID, Role: true, ServiceLinked: r.ServiceLinked(), Tags: r.Tags,
		MaxSession: r.MaxSession, Path: r.Input,
		Policies: distinct(i.identity(r.ARN, r.Input, r.Inline, r.Attached)),
	}
	if r.Trust != nil {
		trust := trustPolicy(i.account, r)
		p.Trust = &trust
	}
	p.BoundaryARN, p.Boundary = r.Boundary, i.boundary(r.Boundary)
	return p
}

// identity returns the policies that one user, group or role carries itself.
func (i index) identity(holder, path string, inline []InlinePolicy, attached []Attachment) []Policy {
	policies := inlinePolicies(i.account, holder, path, inline)
	for _, a := range attached {
		if managed := i.managed[a.ARN]; managed != nil {
			if p, ok := managedPolicy(i.account, managed, Identity); ok {
				policies = append(policies, p)
			}
		}
	}
	return policies
}

func (i index) boundary(policyARN string) *Policy {
	if managed := i.managed[policyARN]; managed != nil {
		if p, ok := managedPolicy(i.account, managed, Boundary); ok {
			return &p
		}
	}
	return nil
}

// distinct drops a managed policy that also comes by way of a group.
func distinct(policies []Policy) []Policy {
	seen := make(map[string]bool, len(policies))
	return slices.DeleteFunc(policies, func(p Policy) bool {
		if seen[p.ID] {
			return true
		}
		seen[p.ID] = true
		return false
	})
}
