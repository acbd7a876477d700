package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// suppose returns the inventory with its bare policies in the places where a
// question puts them: identity policies and a boundary with the principal, service
// control policies above its account, resource policies with the resource. It says
// what each was taken for.
func (s understood) suppose(inv *inventory.Inventory, principal, resource string) (*inventory.Inventory, []string, error) {
	if len(inv.Files) == 0 {
		return inv, nil, nil
	}
	files := inv.Files
	out := *inv
	out.Files, out.Accounts = nil, slices.Clone(inv.Accounts)
	holder := supposed{inventory: &out, resource: resource}
	if principal != "" {
		if err := holder.find(s.resolve(&out), principal); err != nil {
			return nil, nil, err
		}
	}
	var taken []string
	for _, f := range files {
		what, err := holder.place(f)
		if err != nil {
			return nil, nil, err
		}
		taken = append(taken, f.Path+" is taken for "+what)
	}
	return &out, taken, nil
}

// supposed is an inventory that bare policies are put into.
type supposed struct {
	inventory *inventory.Inventory
	resource  string
	account   *inventory.Account // of the principal, nil where there is none
	user      *inventory.User    // the principal: this or the role
	role      *inventory.Role
}

// find looks the principal up, and makes it where no file holds it and its ARN is
// given.
func (h *supposed) find(x *access.Access, name string) error {
	id := name
	if p, err := x.Principal(name); err == nil {
		id = p.ARN
	} else if parsed, wrong := arn.Parse(name); wrong != nil || parsed.Service != "iam" || parsed.Type() != "user" && parsed.Type() != "role" {
		return asUsage(err)
	}
	parsed, _ := arn.Parse(id)
	h.account = h.own(parsed.Account)
	if parsed.Type() == "user" {
		h.account.Users, h.user = owned(h.account.Users, func(u *inventory.User) bool { return u.ARN == id }, &inventory.User{ARN: id, Name: parsed.Name()})
	} else {
		h.account.Roles, h.role = owned(h.account.Roles, func(r *inventory.Role) bool { return r.ARN == id }, &inventory.Role{ARN: id, Name: parsed.Name()})
	}
	return nil
}

// own returns the account with that id, a copy that may be changed.
func (h *supposed) own(id string) *inventory.Account {
	accounts, a := owned(h.inventory.Accounts, func(a *inventory.Account) bool { return a.ID == id }, &inventory.Account{ID: id})
	h.inventory.Accounts = accounts
	return a
}

// owned returns a list in which one thing is a copy that may be changed, made
// where there is none.
func owned[T any](list []*T, is func(*T) bool, otherwise *T) ([]*T, *T) {
	list = slices.Clone(list)
	if at := slices.IndexFunc(list, is); at >= 0 {
		again := *list[at]
		list[at] = &again
		return list, &again
	}
	return append(list, otherwise), otherwise
}

// place puts a bare policy where it belongs, and says where that is.
func (h *supposed) place(f *inventory.File) (string, error) {
	switch f.Kind {
	case inventory.Identity, inventory.Boundary, inventory.SCP:
		if h.account == nil {
			return "", wrongUsage(fmt.Sprintf("%s is an %s policy of nobody", f.Path, f.Kind), "name a dump or an inventory that says whose it is")
		}
		return h.beside(f), nil
	case inventory.DomainPolicy, inventory.RepositoryPolicy:
		return h.on(f)
	}
	return "", wrongUsage(fmt.Sprintf("%s is a %s policy, which decides no such question by itself", f.Path, f.Kind), "kinds in --config says what else a policy is")
}

// beside puts a policy beside the others of the principal.
func (h *supposed) beside(f *inventory.File) string {
	switch f.Kind {
	case inventory.Identity:
		inline := inventory.InlinePolicy{Name: f.Path, Document: f.Document}
		if h.user != nil {
			h.user.Inline = append(slices.Clone(h.user.Inline), inline)
			return "an identity policy of " + h.user.ARN
		}
		h.role.Inline = append(slices.Clone(h.role.Inline), inline)
		return "an identity policy of " + h.role.ARN
	case inventory.Boundary:
		h.account.Policies = append(slices.Clone(h.account.Policies), &inventory.ManagedPolicy{
			ARN: f.Path, Name: f.Path, Input: f.Path, Versions: []inventory.PolicyVersion{{Default: true, Document: f.Document}},
		})
		if h.user != nil {
			h.user.Boundary = f.Path
			return "the permissions boundary of " + h.user.ARN
		}
		h.role.Boundary = f.Path
		return "the permissions boundary of " + h.role.ARN
	}
	level := []inventory.Guard{{Name: f.Path, Kind: inventory.SCP, Document: f.Document}}
	beside := ""
	if !slices.ContainsFunc(f.Document.Parsed.Statements, func(st policy.Statement) bool { return st.Effect == policy.Allow }) {
		// A level whose policies allow nothing would stop everything; deny lists
		// stand beside the one that AWS attaches by itself.
		level = append(level, inventory.Guard{Name: "FullAWSAccess", Kind: inventory.SCP, Document: inventory.NewDocument(fullAccess)})
		beside = " beside FullAWSAccess"
	}
	h.account.Guards = append([][]inventory.Guard{level}, h.account.Guards...)
	return "the service control policy of a level above account " + h.account.ID + beside
}

const fullAccess = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`

// on puts a resource policy in place of what the inventory has for the resource.
func (h *supposed) on(f *inventory.File) (string, error) {
	parsed, err := arn.Parse(h.resource)
	parts := strings.Split(parsed.Resource, "/")
	if err != nil || len(parts) < 2 || f.Kind == inventory.RepositoryPolicy && (len(parts) < 3 || parts[0] == "package-group") {
		return "", wrongUsage(fmt.Sprintf("%s is a %s policy, and the question names no %s", f.Path, f.Kind, f.Kind), "ask about a resource")
	}
	account := h.own(parsed.Account)
	domain := parsed
	domain.Resource = "domain/" + parts[1]
	if f.Kind == inventory.DomainPolicy {
		id := domain.String()
		var d *inventory.Domain
		account.Domains, d = owned(account.Domains, func(d *inventory.Domain) bool { return d.ARN == id }, &inventory.Domain{ARN: id})
		d.Policy, d.Input = f.Document, f.Path
		return "the policy of " + id, nil
	}
	repository := parsed
	repository.Resource = "repository/" + parts[1] + "/" + parts[2]
	id := repository.String()
	var r *inventory.Repository
	account.Repositories, r = owned(account.Repositories, func(r *inventory.Repository) bool { return r.ARN == id }, &inventory.Repository{ARN: id})
	r.Policy, r.Input = f.Document, f.Path
	return "the policy of " + id, nil
}
