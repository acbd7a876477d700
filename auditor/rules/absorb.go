package rules

import (
	"path"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// absorb drops findings that another one on the same subject already says: those
// of rules that the other's rule absorbs, all of whose grants are grants of the
// other. What was absorbed is listed in the finding that stays.
func absorb(found []finding.Finding) []finding.Finding {
	gone := make([]bool, len(found))
	for i := range found {
		by, _ := Lookup(found[i].Rule)
		for j := range found {
			if i == j || gone[i] || gone[j] || !sameSubject(&found[i], &found[j]) || !by.absorbs(found[j].Rule) || !within(found[j].Grants, found[i].Grants) {
				continue
			}
			gone[j] = true
			found[i].Absorbed = append(found[i].Absorbed, found[j].Rule)
		}
	}
	var left []finding.Finding
	for i, f := range found {
		if gone[i] {
			continue
		}
		slices.Sort(f.Absorbed)
		f.Absorbed = slices.Compact(f.Absorbed)
		left = append(left, f)
	}
	return left
}

// absorbs reports whether findings of the rule with that id can be absorbed.
func (r *Rule) absorbs(id string) bool {
	return r != nil && id != r.ID && slices.ContainsFunc(r.Absorbs, func(pattern string) bool {
		ok, _ := path.Match(pattern, id)
		return ok
	})
}

func sameSubject(a, b *finding.Finding) bool {
	return a.Subject.Type == b.Subject.Type && a.Subject.ID == b.Subject.ID && a.Subject.Account == b.Subject.Account
}

// within reports whether every grant of inner is one of outer.
func within(inner, outer []finding.Grant) bool {
	for _, g := range inner {
		if !slices.ContainsFunc(outer, func(h finding.Grant) bool { return h.Policy.ID == g.Policy.ID && h.Pointer == g.Pointer }) {
			return false
		}
	}
	return true
}
