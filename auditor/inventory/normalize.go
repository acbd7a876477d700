package inventory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The entities of an account, as merging sees them. normalize sorts the lists in
// which AWS keeps no order, so that two copies compare as equal. Entities may share a
// list: sorting it is the same for all, and one from which something falls out is
// copied first.

func (u *User) arn() string           { return u.ARN }
func (u *User) input() *string        { return &u.Input }
func (u *User) content(s speller) any { return s.user(u) }
func (u *User) normalize(m *merger) {
	slices.Sort(u.Groups)
	u.Groups = slices.Compact(u.Groups)
	u.Inline = m.inline(u.ARN, u.Input, u.Inline)
	u.Attached = sortedAttachments(u.Attached)
	sortTags(u.Tags)
}

func (g *Group) arn() string           { return g.ARN }
func (g *Group) input() *string        { return &g.Input }
func (g *Group) content(s speller) any { return s.group(g) }
func (g *Group) normalize(m *merger) {
	g.Inline = m.inline(g.ARN, g.Input, g.Inline)
	g.Attached = sortedAttachments(g.Attached)
}

func (r *Role) arn() string           { return r.ARN }
func (r *Role) input() *string        { return &r.Input }
func (r *Role) content(s speller) any { return s.role(r) }
func (r *Role) normalize(m *merger) {
	r.Inline = m.inline(r.ARN, r.Input, r.Inline)
	r.Attached = sortedAttachments(r.Attached)
	sortTags(r.Tags)
}

func (p *ManagedPolicy) arn() string    { return p.ARN }
func (p *ManagedPolicy) input() *string { return &p.Input }
func (p *ManagedPolicy) content(s speller) any {
	w := s.managed(p)
	w.Attachments, w.Boundaries = nil, nil
	return w
}

func (p *ManagedPolicy) normalize(*merger) {
	slices.SortFunc(p.Versions, func(v, w PolicyVersion) int {
		return cmp.Or(cmp.Compare(versionNumber(v.ID), versionNumber(w.ID)), cmp.Compare(v.ID, w.ID))
	})
}

func (d *Domain) arn() string           { return d.ARN }
func (d *Domain) input() *string        { return &d.Input }
func (d *Domain) content(s speller) any { return s.domain(d) }
func (d *Domain) normalize(*merger)     {}

func (r *Repository) arn() string           { return r.ARN }
func (r *Repository) input() *string        { return &r.Input }
func (r *Repository) content(s speller) any { return s.repository(r) }
func (r *Repository) normalize(*merger)     {}

// inline sorts the inline policies of one entity by name. A name occurs once in
// IAM; of two different documents under one name the first is kept.
func (m *merger) inline(owner, path string, policies []InlinePolicy) []InlinePolicy {
	if len(policies) < 2 {
		return policies
	}
	slices.SortFunc(policies, func(p, q InlinePolicy) int {
		return cmp.Or(cmp.Compare(p.Name, q.Name), cmp.Compare(p.Document.Text, q.Document.Text))
	})
	return compact(policies, func(p, q InlinePolicy) bool {
		if p.Name == q.Name && canonical(p.Document) != canonical(q.Document) {
			where := inlinePolicies(m.id, owner, path, []InlinePolicy{p})[0].Where()
			m.gaps = append(m.gaps, Gap{Where: where, Reason: "two inline policies of this name differ (expected one); only the first is judged"})
		}
		return p.Name == q.Name
	})
}

// compact returns list with one of each run of the same, and leaves list as it is.
func compact[T any](list []T, same func(p, q T) bool) []T {
	for i := 1; i < len(list); i++ {
		if same(list[i-1], list[i]) {
			return slices.CompactFunc(slices.Clone(list), same)
		}
	}
	return list
}

func sortedAttachments(list []Attachment) []Attachment {
	if len(list) < 2 {
		return list
	}
	slices.SortFunc(list, func(p, q Attachment) int {
		return cmp.Or(cmp.Compare(p.ARN, q.ARN), cmp.Compare(p.Name, q.Name))
	})
	return compact(list, func(p, q Attachment) bool { return p.ARN == q.ARN })
}

func sortTags(tags []Tag) {
	slices.SortFunc(tags, func(p, q Tag) int { return cmp.Or(cmp.Compare(p.Key, q.Key), cmp.Compare(p.Value, q.Value)) })
}

// versionNumber is the number in "v12", so that versions stand in their order.
func versionNumber(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	if err != nil {
		return -1
	}
	return n
}
