package rules

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// statement is one that a remedy writes.
type statement struct {
	Effect    string
	Action    any // one string, or several
	Resource  any
	Condition json.RawMessage `json:",omitempty"`
}

// cut are the statements behind a finding, taken apart into what they say of
// CodeArtifact and the rest.
type cut struct {
	document   *policy.Document
	statements []cutStatement // in the order of the document
	condition  json.RawMessage
	// hadToken: the policy allows a bearer token; tokenStays: without what is cut
	// out it still names one.
	hadToken, tokenStays bool
}

type cutStatement struct {
	*policy.Statement
	ours, rest []policy.Value // elements of its Action
	actions    codeartifact.ActionSet
	allBut     bool // NotAction: ours and rest are empty
}

// cut takes the statements of elements apart. It reports false where that cannot be
// done: an element means CodeArtifact and other services at once, or the statements
// stand under different conditions.
func (p *Pass) cut(q *access.Policy, by []access.Element) (*cut, bool) {
	c := &cut{document: q.Document.Parsed}
	for i := range c.document.Statements {
		s := &c.document.Statements[i]
		if !slices.ContainsFunc(by, func(e access.Element) bool { return e.Statement.Place == s.Place }) {
			c.tokenStays = c.tokenStays || s.Effect == policy.Allow && slices.ContainsFunc(policy.Values(s.Actions), isToken)
			continue
		}
		one, ok := cutOf(s, q.NamesService("ecr-public"))
		condition := conditionOf(c.document, s)
		if !ok || len(c.statements) > 0 && string(condition) != string(c.condition) {
			return nil, false
		}
		c.statements, c.condition = append(c.statements, one), condition
		c.tokenStays = c.tokenStays || slices.ContainsFunc(one.rest, isToken)
	}
	o := p.try([]access.Change{{Policy: q, Document: q.Document}})
	token, _, err := o.world.Policies[0].Alone().May(codeartifact.Actions(codeartifact.GetServiceBearerToken))
	c.hadToken = token != nil
	return c, err == nil && len(c.statements) > 0
}

// cutOf takes one statement apart. The bearer token stays with the rest where
// another service may need it: what its requests say of the service is not
// documented.
func cutOf(s *policy.Statement, othersToken bool) (cutStatement, bool) {
	one := cutStatement{Statement: s}
	if _, not := s.Actions.(policy.AllBut); not {
		one.allBut = true
		return one, true
	}
	only, _ := s.Actions.(policy.Only)
	for _, v := range only {
		service, _, _ := strings.Cut(v.Text, ":")
		switch {
		case strings.EqualFold(service, "codeartifact"), strings.EqualFold(v.Text, codeartifact.GetServiceBearerToken.String()) && !othersToken:
			one.ours = append(one.ours, v)
			one.actions = one.actions.Or(codeartifact.MatchActions(v.Text))
		case strings.ContainsAny(service, "*?") && codeartifact.MatchActions(v.Text).Meets(codeartifact.CodeArtifactActions()):
			if !confined(s) {
				return one, false
			}
			one.ours = append(one.ours, v)
			one.actions = one.actions.Or(codeartifact.MatchActions(v.Text))
		default:
			one.rest = append(one.rest, v)
		}
	}
	return one, len(one.ours) > 0
}

// confined reports whether every Resource of the statement is CodeArtifact's.
func confined(s *policy.Statement) bool {
	only, ok := s.Resources.(policy.Only)
	return ok && len(only) > 0 && !slices.ContainsFunc(only, func(v policy.Value) bool {
		parts := strings.SplitN(v.Text, ":", 4)
		return len(parts) < 4 || parts[2] != "codeartifact"
	})
}

func isToken(v policy.Value) bool {
	return codeartifact.MatchActions(v.Text).Has(codeartifact.GetServiceBearerToken)
}

// conditionOf returns the Condition element as it is written, nil for none.
func conditionOf(d *policy.Document, s *policy.Statement) json.RawMessage {
	var elements struct{ Condition json.RawMessage }
	if json.Unmarshal([]byte(d.Text[s.Start:s.End]), &elements) != nil {
		return nil
	}
	return elements.Condition
}

// allow writes a statement that allows actions on resources, under the conditions
// that hold now.
func (c *cut) allow(actions codeartifact.ActionSet, resources []string) statement {
	var names []string
	for a := range actions.All() {
		names = append(names, a.String())
	}
	return statement{Effect: policy.Allow.String(), Action: oneOrMore(names), Resource: oneOrMore(resources), Condition: c.condition}
}

// allowToken writes one that allows bearer tokens for CodeArtifact alone.
func (c *cut) allowToken() statement {
	s := c.allow(codeartifact.Actions(codeartifact.GetServiceBearerToken), []string{"*"})
	block := map[string]map[string]any{}
	if len(c.condition) > 0 && json.Unmarshal(c.condition, &block) != nil {
		return s // what comes of it is not verified, so nobody sees it
	}
	equals := maps.Clone(block["StringEquals"])
	if equals == nil {
		equals = map[string]any{}
	}
	equals[serviceKey] = codeartifact.ServiceName
	block["StringEquals"] = equals
	s.Condition, _ = json.Marshal(block)
	return s
}

func oneOrMore(list []string) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// replacedBy returns the edits that put statements in place of what is cut out.
func (c *cut) replacedBy(statements []statement) ([]policy.Edit, bool) {
	if c.single() {
		return c.asList(statements)
	}
	var edits []policy.Edit
	for _, s := range statements {
		edits = append(edits, policy.Edit{Op: "add", Pointer: "/Statement/-", Value: s})
	}
	for _, s := range slices.Backward(c.statements) { // from the end, so that pointers stay right
		edits = append(edits, c.without(s)...)
	}
	return edits, true
}

// stays reports whether the statement says something of other services too.
func (s cutStatement) stays() bool { return len(s.rest) > 0 || s.allBut && !confined(s.Statement) }

// without returns the edits that take what is ours out of a statement: all of it
// where nothing else is in it.
func (c *cut) without(s cutStatement) []policy.Edit {
	at := c.document.Pointer(s.Place)
	if !s.stays() {
		return []policy.Edit{{Op: "remove", Pointer: at}}
	}
	if s.allBut {
		excepted := []string{}
		for _, v := range policy.Values(s.Actions) {
			if service, _, _ := strings.Cut(v.Text, ":"); !strings.EqualFold(service, "codeartifact") && !strings.EqualFold(v.Text, codeartifact.GetServiceBearerToken.String()) {
				excepted = append(excepted, v.Text)
			}
		}
		return []policy.Edit{{Op: "replace", Pointer: at + "/NotAction", Value: append(excepted, "codeartifact:*", codeartifact.GetServiceBearerToken.String())}}
	}
	var edits []policy.Edit
	for _, v := range slices.Backward(s.ours) {
		edits = append(edits, policy.Edit{Op: "remove", Pointer: c.document.Pointer(v.Place)})
	}
	return edits
}

// single reports whether Statement is an object and no list.
func (c *cut) single() bool { return c.document.Pointer(c.statements[0].Place) == "/Statement" }

// asList makes a Statement that is an object a list of what stays of it and the
// new ones.
func (c *cut) asList(statements []statement) ([]policy.Edit, bool) {
	var list []any
	if s := c.statements[0]; s.stays() {
		text, err := c.document.Apply(c.without(s)...)
		var left struct{ Statement json.RawMessage }
		if err != nil || json.Unmarshal([]byte(text), &left) != nil {
			return nil, false
		}
		list = append(list, left.Statement)
	}
	for _, s := range statements {
		list = append(list, s)
	}
	return []policy.Edit{{Op: "replace", Pointer: "/Statement", Value: list}}, true
}

// scopeToKnown offers the statements behind a finding with the domains,
// repositories and packages that the inventory knows, and that the policy reaches,
// as their Resource. What names no resource, and the actions of other services,
// get a statement of their own.
func (p *Pass) scopeToKnown(f *finding.Finding, q *access.Policy, by []access.Element) {
	if q.Kind != inventory.Identity {
		return // there "*" is the resource itself
	}
	for _, r := range p.remembered(q, "known", by, p.scopedToKnown) {
		p.offer(f, q, r)
	}
}

func (p *Pass) scopedToKnown(q *access.Policy, by []access.Element) []remedy {
	known := p.reached(q)
	c, ok := p.cut(q, by)
	if !ok || slices.ContainsFunc(c.statements, func(s cutStatement) bool { return s.allBut }) {
		return nil
	}
	var statements []statement
	for _, s := range c.statements {
		scoped := c.scoped(s, known)
		if scoped == nil {
			return nil
		}
		statements = append(statements, scoped...)
	}
	edits, ok := c.replacedBy(statements)
	if !ok {
		return nil
	}
	return []remedy{{id: "scope-to-known", title: "keep it for the resources that are known here", edits: edits}}
}

// scoped returns the statements that say of known resources what s says of all; nil
// where it reaches none that is known.
func (c *cut) scoped(s cutStatement, known reached) []statement {
	var named []string
	var anywhere codeartifact.ActionSet
	for _, v := range s.ours {
		actions := codeartifact.MatchActions(v.Text)
		if actions.Minus(withoutType).IsEmpty() {
			continue
		}
		named = append(named, v.Text)
	}
	on, ok := s.Resources.(policy.Only)
	if !ok && s.actions.Meets(withoutType) {
		return nil // whether NotResource reaches what names no resource is not documented
	}
	if slices.ContainsFunc(on, func(v policy.Value) bool { return v.Text == "*" }) {
		anywhere = s.actions.And(withoutType)
	}
	var resources []string
	for _, t := range codeartifact.ResourceTypes() {
		if s.actions.Meets(codeartifact.ActionsOn(t)) {
			resources = append(resources, known.of(t)...)
		}
	}
	if len(named) == 0 || len(resources) == 0 {
		return nil
	}
	scoped := c.allow(codeartifact.ActionSet{}, resources)
	scoped.Action = oneOrMore(named)
	out := []statement{scoped}
	if !anywhere.IsEmpty() {
		out = append(out, c.allow(anywhere, []string{"*"}))
	}
	return out
}

// withoutType are the actions that a statement allows on "*" alone.
var withoutType = func() codeartifact.ActionSet {
	set := codeartifact.Actions(codeartifact.GetServiceBearerToken)
	for a := range codeartifact.CodeArtifactActions().All() {
		if len(a.Info().Types) == 0 {
			set = set.Add(a)
		}
	}
	return set
}()
