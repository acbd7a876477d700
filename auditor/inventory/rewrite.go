package inventory

import "slices"

// Place names a document as the edits of a fix do.
type Place struct {
	Policy  string // the ID of its Policy
	Version string // of a managed policy, else empty
}

// Rewrite returns the inventory with what write makes of each document in place of
// it. The inventory itself does not change; what is the same is shared. Guards are
// the organization's, and are left alone.
func (inv *Inventory) Rewrite(write func(Place, *Document) *Document) *Inventory {
	out := *inv
	out.Files = each(inv.Files, func(f *File) { f.Document = write(Place{Policy: f.Path}, f.Document) })
	out.Accounts = each(inv.Accounts, func(a *Account) { a.rewrite(write) })
	return &out
}

func (a *Account) rewrite(write func(Place, *Document) *Document) {
	known := func(d *Document, at Place) *Document {
		if d == nil {
			return nil
		}
		return write(at, d)
	}
	inline := func(holder string, list []InlinePolicy) []InlinePolicy {
		list = slices.Clone(list)
		for i := range list {
			list[i].Document = known(list[i].Document, Place{Policy: inlineID(holder, list[i].Name)})
		}
		return list
	}
	a.Users = each(a.Users, func(u *User) { u.Inline = inline(u.ARN, u.Inline) })
	a.Groups = each(a.Groups, func(g *Group) { g.Inline = inline(g.ARN, g.Inline) })
	a.Roles = each(a.Roles, func(r *Role) {
		r.Inline = inline(r.ARN, r.Inline)
		r.Trust = known(r.Trust, Place{Policy: trustID(r.ARN)})
	})
	a.Policies = each(a.Policies, func(p *ManagedPolicy) {
		p.Versions = slices.Clone(p.Versions)
		for i := range p.Versions {
			p.Versions[i].Document = known(p.Versions[i].Document, Place{p.ARN, p.Versions[i].ID})
		}
	})
	a.Domains = each(a.Domains, func(d *Domain) { d.Policy = known(d.Policy, Place{Policy: d.ARN}) })
	a.Repositories = each(a.Repositories, func(r *Repository) { r.Policy = known(r.Policy, Place{Policy: r.ARN}) })
}

// each returns copies of a list's things, changed.
func each[T any](list []*T, change func(*T)) []*T {
	out := slices.Clone(list)
	for i := range out {
		again := *out[i]
		change(&again)
		out[i] = &again
	}
	return out
}
