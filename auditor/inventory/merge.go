package inventory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// merge makes one account of the parts that inputs hold of it. Identical repeats
// become one; of an entity that two inputs tell differently the version collected
// last is kept, or the one of the input that is first by name, and the difference
// is a gap.
func (b *Builder) merge(id string, parts []*Account) *Account {
	m := merger{id: id, parts: parts}
	a := &Account{
		ID: id, Organization: m.organization(), Scopes: m.scopes(), Guards: m.guards(), Partial: true,
		Users:    entities(&m, "user", func(p *Account) []*User { return p.Users }),
		Groups:   entities(&m, "group", func(p *Account) []*Group { return p.Groups }),
		Roles:    entities(&m, "role", func(p *Account) []*Role { return p.Roles }),
		Policies: entities(&m, "managed policy", func(p *Account) []*ManagedPolicy { return p.Policies }),
		Domains:  entities(&m, "domain", func(p *Account) []*Domain { return p.Domains }),

		Repositories: entities(&m, "repository", func(p *Account) []*Repository { return p.Repositories }),
	}
	for i, part := range parts {
		a.Partial = a.Partial && part.Partial
		if part.Collected.After(a.Collected) {
			a.Collected = part.Collected
		}
		if i == 0 || part.Path < a.Path {
			a.Path = part.Path
		}
	}
	b.gaps = append(b.gaps, m.gaps...)
	return a
}

type merger struct {
	id    string
	parts []*Account
	gaps  []Gap
}

// entity is what merging needs to know of the things in an account.
type entity interface {
	comparable
	arn() string
	input() *string
	// content is the entity in its wire form, documents spelt by s. What is
	// counted about an entity is no part of it.
	content(s speller) any
	normalize(m *merger)
}

// dated is one version of an entity, and when its part was collected.
type dated[E entity] struct {
	entity    E
	collected time.Time
	text      string // content as read, for a stable choice
}

// entities returns the entities of all parts by ARN, each once. Nearly always each
// occurs once, and in order.
func entities[E entity](m *merger, what string, list func(*Account) []E) []E {
	n := 0
	for _, part := range m.parts {
		n += len(list(part))
	}
	all := make([]E, 0, n)
	for _, part := range m.parts {
		all = append(all, list(part)...)
	}
	for _, e := range all {
		e.normalize(m)
	}
	byARN := func(p, q E) int { return strings.Compare(p.arn(), q.arn()) }
	if !slices.IsSortedFunc(all, byARN) {
		slices.SortFunc(all, byARN)
	}
	for i := 1; i < len(all); i++ {
		if byARN(all[i-1], all[i]) == 0 {
			return distinctEntities(m, what, all, list)
		}
	}
	return all
}

// distinctEntities returns one of each run of entities with one ARN.
func distinctEntities[E entity](m *merger, what string, all []E, list func(*Account) []E) []E {
	collected := map[E]time.Time{}
	for _, part := range m.parts {
		for _, e := range list(part) {
			collected[e] = part.Collected
		}
	}
	var merged []E
	for i := 0; i < len(all); {
		var versions []dated[E]
		for first := all[i].arn(); i < len(all) && all[i].arn() == first; i++ {
			versions = append(versions, dated[E]{entity: all[i], collected: collected[all[i]]})
		}
		merged = append(merged, one(m, what, versions))
	}
	return merged
}

// one returns the version of an entity that is kept.
func one[E entity](m *merger, what string, versions []dated[E]) E {
	if len(versions) == 1 {
		return versions[0].entity
	}
	canonical := speller{canonical}
	differing := map[string]bool{}
	var inputs []string
	for i, v := range versions {
		versions[i].text = encoded(v.entity.content(asRead))
		differing[encoded(v.entity.content(canonical))] = true
		inputs = append(inputs, *v.entity.input())
	}
	slices.SortFunc(versions, func(p, q dated[E]) int {
		return cmp.Or(q.collected.Compare(p.collected), cmp.Compare(*p.entity.input(), *q.entity.input()), cmp.Compare(p.text, q.text))
	})
	kept := versions[0].entity
	if len(differing) > 1 {
		slices.Sort(inputs)
		m.gap(inputs, kept.arn(), fmt.Sprintf("%d versions of this %s differ (expected one); only the one in %q is judged", len(differing), what, *kept.input()))
	}
	return kept
}

// gap notes something about a place that several inputs tell of.
func (m *merger) gap(inputs []string, place, reason string) {
	inputs = slices.Compact(inputs)
	m.gaps = append(m.gaps, Gap{Where: at(strings.Join(inputs, ", "), place), Reason: reason})
}

func encoded(wire any) string {
	text, err := json.Marshal(wire)
	if err != nil { // wire types hold nothing that JSON lacks
		panic("inventory: encode entity: " + err.Error())
	}
	return string(text)
}

func (m *merger) organization() string {
	return settled(m, "organization", func(p *Account) (string, bool) { return p.Organization, p.Organization != "" })
}

func (m *merger) guards() [][]Guard {
	spelt := settled(m, "the guards", func(p *Account) (string, bool) {
		return encoded(speller{canonical}.guards(p.Guards)), p.Guards != nil
	})
	for _, part := range m.parts {
		if part.Guards != nil && encoded(speller{canonical}.guards(part.Guards)) == spelt {
			return part.Guards
		}
	}
	return nil
}

// settled returns what the parts say of one thing, the part collected last where
// they differ, which is a gap.
func settled(m *merger, what string, of func(*Account) (string, bool)) string {
	var kept, paths []string
	parts := slices.SortedFunc(slices.Values(m.parts), func(p, q *Account) int {
		return cmp.Or(q.Collected.Compare(p.Collected), cmp.Compare(p.Path, q.Path))
	})
	for _, part := range parts {
		if text, ok := of(part); ok {
			kept, paths = append(kept, text), append(paths, part.Path)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	if slices.ContainsFunc(kept, func(text string) bool { return text != kept[0] }) {
		reason := fmt.Sprintf("inputs differ about %s (expected the same); only what %q says is used", what, paths[0])
		slices.Sort(paths)
		m.gap(paths, "account "+m.id, reason)
	}
	return kept[0]
}

// scopes returns one scope for each account, Region and source, the most complete
// one, since what one input lacks another holds.
func (m *merger) scopes() []Scope {
	var scopes []Scope
	for _, part := range m.parts {
		scopes = append(scopes, part.Scopes...)
	}
	slices.SortFunc(scopes, func(p, q Scope) int {
		return cmp.Or(cmp.Compare(p.Account, q.Account), cmp.Compare(p.Region, q.Region), cmp.Compare(p.Source, q.Source),
			cmp.Compare(rank(p.State), rank(q.State)), cmp.Compare(p.State, q.State), cmp.Compare(p.Reason, q.Reason))
	})
	return slices.CompactFunc(scopes, func(p, q Scope) bool {
		return p.Account == q.Account && p.Region == q.Region && p.Source == q.Source
	})
}

// rank orders states from the most complete.
func rank(state string) int {
	order := []string{"complete", "blocked", "denied", "failed"}
	if i := slices.Index(order, state); i >= 0 {
		return i
	}
	return len(order)
}

// canonical spells a document so that the text AWS returned and the object that
// a tool decoded and printed anew compare as equal.
func canonical(d *Document) string { return d.Parsed.Canonical() }
