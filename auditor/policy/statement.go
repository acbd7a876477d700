package policy

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// Statement is one statement that could be read whole.
type Statement struct {
	Place
	// Index counts all statements of the document from 0, unreadable ones too.
	Index  int
	Sid    string
	Effect Effect
	// Actions is Only (Action) or AllBut (NotAction); never nil.
	Actions Clause
	// Resources is Only (Resource), AllBut (NotResource), or nil: trust
	// policies have no resource element.
	Resources Clause
	// Principals is OnlyPrincipals (Principal), AllButPrincipals
	// (NotPrincipal), or nil: identity policies have no principal element.
	Principals PrincipalClause
	// Conditions hold together: all of them must be true.
	Conditions []Condition
}

// Effect is Allow or Deny. The zero value is invalid.
type Effect uint8

// The two effects.
const (
	_ Effect = iota
	Allow
	Deny
)

// String returns the effect as policies write it.
func (e Effect) String() string {
	switch e {
	case Allow:
		return "Allow"
	case Deny:
		return "Deny"
	}
	return "invalid effect"
}

// Value is one string of an Action or Resource element, as written.
type Value struct {
	Place
	Text string
}

// Clause is an element that comes as X or NotX: Only or AllBut. A statement
// with both or with neither cannot be built.
//
//sumtype:decl
type Clause interface{ clause() }

// Only lists what is meant: Action, Resource.
type Only []Value

// AllBut lists what is not meant: NotAction, NotResource.
type AllBut []Value

func (Only) clause()   {}
func (AllBut) clause() {}

// Values returns the values a clause lists, whichever form it has.
func Values(c Clause) []Value {
	switch c := c.(type) {
	case Only:
		return c
	case AllBut:
		return c
	}
	return nil
}

var statementElements = []string{
	"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
}

// oneStatement reads a statement and keeps it if nothing of it is lost.
func (p *parser) oneStatement(v jsonpos.Value) {
	p.statement, p.lost = p.next, false
	p.next++
	defer func() { p.statement, p.lost = -1, false }()
	if v.Kind() != jsonpos.Object {
		p.lose(placeOf(v), "statement is %s (expected an object)", v.Kind())
		return
	}
	s := Statement{Place: placeOf(v), Index: p.statement}
	p.elements(v, &s)
	if s.Effect == 0 && !p.lost {
		p.lose(s.Place, `statement has no Effect (expected "Allow" or "Deny")`)
	}
	if s.Actions == nil && !p.lost {
		p.lose(s.Place, "statement has no Action and no NotAction (expected one of them)")
	}
	if !p.lost {
		p.doc.Statements = append(p.doc.Statements, s)
	}
}

func (p *parser) elements(v jsonpos.Value, s *Statement) {
	sids := 0
	for element := range v.Children() {
		switch name := element.Name(); name {
		case "Sid":
			if sids++; sids > 1 {
				p.tolerate(nameOf(element), "second Sid (expected one; the last is kept)")
			}
			s.Sid = p.label(element)
		case "Effect":
			p.effect(element, s)
		case "Action", "NotAction":
			s.Actions = p.clause(element, name, s.Actions)
		case "Resource", "NotResource":
			s.Resources = p.clause(element, name, s.Resources)
		case "Principal", "NotPrincipal":
			s.Principals = p.principals(element, name, s.Principals)
		case "Condition":
			p.conditionBlock(element, s)
		default:
			if near := nearest(name, statementElements); near != "" {
				p.lose(nameOf(element), "unknown element %q (did you mean %q?)", short(name), near)
			} else {
				p.lose(nameOf(element), "unknown element %q (expected Sid, Effect, Principal, Action, Resource, Condition or a Not form)", short(name))
			}
		}
	}
}

// effect reads an Effect element. Of several, IAM observes the last.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
func (p *parser) effect(v jsonpos.Value, s *Statement) {
	if s.Effect != 0 {
		p.tolerate(nameOf(v), "second Effect (expected one; IAM observes the last)")
	}
	switch text := v.Text(); {
	case v.Kind() != jsonpos.String:
		p.lose(placeOf(v), `Effect is %s (expected "Allow" or "Deny")`, v.Kind())
	case text == "Allow":
		s.Effect = Allow
	case text == "Deny":
		s.Effect = Deny
	default:
		p.lose(placeOf(v), `unknown Effect %q (expected "Allow" or "Deny")`, short(text))
	}
}

// clause reads an X or NotX element, before being what was read of the pair so
// far. Several X elements are one list to IAM; of several NotX nothing is known.
//
// An empty list leaves the statement without effect.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func (p *parser) clause(v jsonpos.Value, name string, before Clause) Clause {
	not := name == "NotAction" || name == "NotResource"
	var values []Value
	switch before := before.(type) {
	case Only:
		if not {
			p.lose(nameOf(v), "%s beside %s (expected one of them)", name, name[len("Not"):])
			return before
		}
		p.tolerate(nameOf(v), "second %s (expected one; IAM takes both for one list)", name)
		values = before
	case AllBut:
		if not {
			p.lose(nameOf(v), "second %s (expected one; what IAM makes of two is not documented)", name)
		} else {
			p.lose(nameOf(v), "%s beside Not%s (expected one of them)", name, name)
		}
		return before
	}
	values = p.valueList(v, values)
	switch {
	case not && len(values) == 0 && !p.lost:
		p.lose(placeOf(v), "%s is an empty list (expected at least one string; what IAM makes of none is not documented)", name)
	case len(values) == 0 && !p.lost:
		p.tolerate(placeOf(v), "%s is an empty list (expected at least one string; the statement has no effect)", name)
	}
	if not {
		return AllBut(values)
	}
	return Only(values)
}

// valueList appends the string or the strings of v.
func (p *parser) valueList(v jsonpos.Value, values []Value) []Value {
	switch v.Kind() {
	case jsonpos.String:
		if values == nil {
			values = p.values.take(1)
		}
		return append(values, Value{placeOf(v), v.Text()})
	case jsonpos.Array:
		if values == nil {
			values = p.values.take(v.Len())
		}
		for element := range v.Children() {
			if element.Kind() != jsonpos.String {
				p.lose(placeOf(element), "value of %s is %s (expected a string)", v.Name(), element.Kind())
				continue
			}
			values = append(values, Value{placeOf(element), element.Text()})
		}
		return values
	}
	p.lose(placeOf(v), "%s is %s (expected a string or a list of strings)", v.Name(), v.Kind())
	return values
}
