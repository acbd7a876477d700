package policy

import (
	"cmp"
	"slices"
	"strings"
)

// Canonical returns a text that two documents share exactly when they say the
// same in the same words: it leaves out layout, Sid and Id, the order of
// statements, of the values in a list and of the keys in an object, repetitions,
// and whether one value stands alone or in a list. A document of which something
// is lost shares it only with its own copies, since what is lost may differ.
func (d *Document) Canonical() string {
	for _, problem := range d.Problems {
		if problem.Lost {
			return "unread\n" + d.Text
		}
	}
	lines := make([]string, 0, len(d.Statements))
	for _, s := range d.Statements {
		var w writer
		w.open('[')
		w.statement(canonical(s))
		lines = append(lines, string(w[1:]))
	}
	slices.Sort(lines)
	return d.Version.String() + "\n" + strings.Join(slices.Compact(lines), "\n")
}

// canonical returns s without Sid, its lists sorted and without repetitions. It
// shares nothing with s that it changes.
func canonical(s Statement) Statement {
	s.Sid = ""
	s.Actions, s.Resources = canonicalClause(s.Actions), canonicalClause(s.Resources)
	switch list := s.Principals.(type) {
	case OnlyPrincipals:
		s.Principals = OnlyPrincipals(canonicalPrincipals(list))
	case AllButPrincipals:
		s.Principals = AllButPrincipals(canonicalPrincipals(list))
	}
	s.Conditions = slices.Clone(s.Conditions)
	for i := range s.Conditions {
		values := slices.Clone(s.Conditions[i].Values)
		slices.SortFunc(values, func(a, b ConditionValue) int { return strings.Compare(a.Text, b.Text) })
		s.Conditions[i].Values = slices.CompactFunc(values, func(a, b ConditionValue) bool { return a.Text == b.Text })
	}
	slices.SortFunc(s.Conditions, func(a, b Condition) int {
		return cmp.Or(strings.Compare(a.Operator.Text, b.Operator.Text), strings.Compare(a.Key, b.Key))
	})
	return s
}

func canonicalClause(c Clause) Clause {
	values := slices.Clone(Values(c))
	slices.SortFunc(values, func(a, b Value) int { return strings.Compare(a.Text, b.Text) })
	values = slices.CompactFunc(values, func(a, b Value) bool { return a.Text == b.Text })
	switch c.(type) {
	case Only:
		return Only(values)
	case AllBut:
		return AllBut(values)
	}
	return nil
}

func canonicalPrincipals(list []Principal) []Principal {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Principal) int { return cmp.Or(cmp.Compare(a.Type, b.Type), strings.Compare(a.Text, b.Text)) })
	return slices.CompactFunc(list, func(a, b Principal) bool { return a.Type == b.Type && a.Text == b.Text })
}
