package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Element is a part of a policy that takes part in an answer.
type Element struct {
	Policy    inventory.Policy
	Statement *policy.Statement
	// Place is where the element stands in the policy's document.
	Place policy.Place
	// Actions are those that an action element names; empty for others.
	Actions codeartifact.ActionSet
}

// Canonical returns what the element says in one spelling, by which findings about
// it keep their id. Layout, Sids, the order of lists and statements take no part
// in it, nor does letter case where IAM ignores it. The statement's effect and the
// element's name do.
//
// The element is a value of an Action, Resource or Principal list, several values
// of one list, a condition, or a whole statement.
func (e Element) Canonical() string {
	effect := e.Statement.Effect.String()
	if name, text := e.listed(); name != "" {
		return effect + " " + name + " " + text
	}
	for _, c := range e.Statement.Conditions {
		if e.covers(c.Place) && !e.covers(e.Statement.Place) {
			return effect + " Condition " + conditionText(c)
		}
	}
	alone := policy.Document{Version: e.Policy.Document.Parsed.Version, Statements: []policy.Statement{*e.Statement}}
	return "Statement " + alone.Canonical()
}

func (e Element) covers(p policy.Place) bool { return e.Place.Start <= p.Start && p.End <= e.Place.End }

// listed returns the name of the one list that the element is part of, and its
// values; no name for an element that is of none or of several.
func (e Element) listed() (name, text string) {
	lists := 0
	enter := func(of string, texts []string) {
		if len(texts) == 0 {
			return
		}
		lists++
		slices.Sort(texts)
		name, text = of, strings.Join(slices.Compact(texts), " ")
	}
	var actions, resources, principals []string
	for _, v := range policy.Values(e.Statement.Actions) {
		if e.covers(v.Place) {
			actions = append(actions, strings.ToLower(starred(v.Text)))
		}
	}
	for _, v := range policy.Values(e.Statement.Resources) {
		if e.covers(v.Place) {
			resources = append(resources, starred(v.Text))
		}
	}
	for _, v := range policy.Principals(e.Statement.Principals) {
		if e.covers(v.Place) {
			principals = append(principals, v.Text)
		}
	}
	enter(notForm(e.Statement.Actions)+"Action", actions)
	enter(notForm(e.Statement.Resources)+"Resource", resources)
	if _, not := e.Statement.Principals.(policy.AllButPrincipals); not {
		enter("NotPrincipal", principals)
	} else {
		enter("Principal", principals)
	}
	if lists != 1 || e.covers(e.Statement.Place) {
		return "", ""
	}
	return name, text
}

func notForm(c policy.Clause) string {
	if _, not := c.(policy.AllBut); not {
		return "Not"
	}
	return ""
}

// starred makes runs of stars one: they match the same.
func starred(pattern string) string {
	for strings.Contains(pattern, "**") {
		pattern = strings.ReplaceAll(pattern, "**", "*")
	}
	return pattern
}

// conditionText writes a condition in one spelling: names of keys ignore case, and
// the order of values means nothing.
func conditionText(c policy.Condition) string {
	values := make([]string, len(c.Values))
	for i, v := range c.Values {
		values[i] = v.Text
	}
	slices.Sort(values)
	return c.Operator.Text + " " + strings.ToLower(c.Key) + " " + strings.Join(slices.Compact(values), " ")
}
