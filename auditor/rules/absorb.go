package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// absorb drops findings that another one on the same subject already says: those
// of rules that the other's rule absorbs, all of whose grants are grants of the
// other. What was absorbed is listed in the finding that stays.
func absorb(found []finding.Finding) []finding.Finding {
	gone := make([]bool, len(found))
	about := map[subject][]int{} // so that thousands of subjects cost no more than their findings
	for i := range found {
		about[subjectOf(&found[i])] = append(about[subjectOf(&found[i])], i)
	}
	for i := range found {
		by, _ := Lookup(found[i].Rule)
		for _, j := range about[subjectOf(&found[i])] {
			if i == j || gone[i] || gone[j] || !by.absorbs(found[j].Rule) || !within(found[j].Grants, found[i].Grants) {
				continue
			}
			if found[i].Narrowing == finding.Narrowed && found[j].Narrowing == finding.Plain {
				continue // what holds without a condition is more than what takes one
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

// excuse drops findings that an excused one would absorb, and that affect nobody
// but those whom it excuses: that an administrator may do everything says all of it,
// whichever policy a part of it comes from.
func excuse(found, excused []finding.Finding) []finding.Finding {
	of := map[string][]finding.Finding{} // by principal
	for _, e := range excused {
		for _, principal := range e.Affected {
			of[principal] = append(of[principal], e)
		}
	}
	return slices.DeleteFunc(slices.Clone(found), func(f finding.Finding) bool {
		return len(f.Affected) > 0 && slices.ContainsFunc(of[f.Affected[0]], func(e finding.Finding) bool {
			by, _ := Lookup(e.Rule)
			return by.absorbs(f.Rule) && within(f.Grants, e.Grants) && !slices.ContainsFunc(f.Affected, func(a string) bool { return !slices.Contains(e.Affected, a) })
		})
	})
}

// yield drops findings of rules that say nothing where another one speaks
// already: those whose first grant, the offending element, is an element that a
// finding of a rule they yield to shows, or part of one.
func yield(found []finding.Finding) []finding.Finding {
	type shown struct {
		rule string
		finding.Grant
	}
	in := map[string][]shown{} // by policy
	for _, f := range found {
		for _, g := range f.Grants {
			in[g.Policy.ID] = append(in[g.Policy.ID], shown{f.Rule, g})
		}
	}
	return slices.DeleteFunc(slices.Clone(found), func(f finding.Finding) bool {
		r, _ := Lookup(f.Rule)
		return r != nil && len(r.Yields) > 0 && len(f.Grants) > 0 && slices.ContainsFunc(in[f.Grants[0].Policy.ID], func(g shown) bool {
			return holds(g.Grant, f.Grants[0]) && r.yieldsTo(g.rule)
		})
	})
}

// holds reports whether the element of one grant is that of the other or around it.
// A NotAction list has the pointer of its first value and ends behind its last.
func holds(outer, inner finding.Grant) bool {
	same := inner.Pointer == outer.Pointer && inner.EndLine == outer.EndLine && inner.EndColumn == outer.EndColumn
	return outer.Policy.ID == inner.Policy.ID && (same || strings.HasPrefix(inner.Pointer, outer.Pointer+"/"))
}

// yieldsTo reports whether the rule leaves elements to the rule with that id.
func (r *Rule) yieldsTo(id string) bool { return id != r.ID && matchesAny(r.Yields, id) }

// matchesAny reports whether one of the patterns, "category/*" or an id, matches.
func matchesAny(patterns []string, id string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, _ := path.Match(pattern, id)
		return ok
	})
}

// absorbs reports whether findings of the rule with that id can be absorbed.
func (r *Rule) absorbs(id string) bool {
	return r != nil && id != r.ID && matchesAny(r.Absorbs, id)
}

// subject tells what findings are about.
type subject struct {
	of          finding.SubjectType
	id, account string
}

func subjectOf(f *finding.Finding) subject {
	return subject{f.Subject.Type, f.Subject.ID, f.Subject.Account}
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
