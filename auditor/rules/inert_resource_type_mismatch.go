package rules

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// resourceTypeMismatch asks of each action element whether its statement names any
// resource that one of its actions can act on. Publishing acts on packages, reading
// on repositories, listing domains on nothing in particular: on another type of
// resource they match no request.
var resourceTypeMismatch = Rule{
	ID:       "inert/resource-type-mismatch",
	Title:    "action on a type of resource that it does not act on",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
	},
	Yields: []string{"token/*", "exposure/*", "inert/impossible-arn"},
	Check:  checkResourceTypeMismatch,
}

func checkResourceTypeMismatch(p *Pass) {
	for _, q := range p.World.Policies {
		if mute(q) {
			continue
		}
		mismatches, err := p.World.Mismatches(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		of := map[policy.Place]access.Mismatch{}
		var list []inert
		for _, m := range mismatches {
			of[m.By.Place] = m
			i := inert{
				mark: mark{m.By, "acts on " + kinds(m.Needs)}, severity: p.rule.Severity, intended: m.Intended, message: mismatchMessage(m),
			}
			for _, t := range m.Targets[:min(len(m.Targets), mostTargets)] {
				i.also = append(i.also, mark{t.By, targetSays(m, t)})
			}
			list = append(list, i)
		}
		p.reportInert(q, list, func(f *finding.Finding, same []inert) { p.nameFitting(f, q, of, same) })
	}
}

// mostTargets is how many resources a finding shows.
const mostTargets = 3

func mismatchMessage(m access.Mismatch) string {
	message := quoted(m.Text) + " acts on " + kinds(m.Needs)
	switch {
	case len(m.Needs) == 0 && m.Not:
		message += `, which "*" stands for, and NotResource leaves out everything`
	case len(m.Needs) == 0:
		message += `, which "*" alone stands for`
	case m.Not:
		message += ", and NotResource leaves out all of them"
	default:
		message += ", and its statement names none"
	}
	return message + ", so it " + voids(m.Effect, false)
}

func targetSays(m access.Mismatch, t access.Target) string {
	switch {
	case m.Not:
		return "is left out"
	case len(t.Types) == 0:
		return "is no resource of CodeArtifact's"
	}
	return "matches " + kinds(t.Types)
}

// plurals are what sentences call the types of resource.
var plurals = map[codeartifact.ResourceType]string{
	codeartifact.Domain: "domains", codeartifact.Repository: "repositories",
	codeartifact.Package: "packages", codeartifact.PackageGroup: "package groups",
}

func kinds(types []codeartifact.ResourceType) string {
	var words []string
	for _, t := range types {
		words = append(words, plurals[t])
	}
	if words == nil {
		return "no resource in particular"
	}
	return join(words)
}

// nameFitting lets the actions stand on what they act on: in place of the resource
// where all actions of the statement are meant, else in a statement of their own.
// What never worked then does, so it is not applied without being chosen.
func (p *Pass) nameFitting(f *finding.Finding, q *access.Policy, of map[policy.Place]access.Mismatch, same []inert) {
	r := remedy{id: "name-resource"}
	document := q.Document.Parsed
	var statements []*policy.Statement
	for _, i := range same {
		m, s := of[i.Place], i.Statement
		if m.Fitting == nil || slices.Contains(statements, s) {
			return
		}
		statements = append(statements, s)
		var fits any = m.Fitting
		if len(m.Fitting) == 1 {
			fits = m.Fitting[0]
		}
		r.title = "name " + kinds(m.Needs) + "; the statement then works"
		if len(m.Needs) == 0 {
			r.title = `name "*"; the statement then works`
		}
		r.grants = r.grants.Or(m.By.Actions)
		at := statementPointer(m.By)
		if wholly(s, of, m.Fitting) {
			r.edits = append(r.edits, policy.Edit{Op: "replace", Pointer: at + "/Resource", Value: fits})
			continue
		}
		moved, ok := ownStatement(s, m.Text, fits)
		if !ok || at == "/Statement" {
			return
		}
		r.edits = append(r.edits,
			policy.Edit{Op: "remove", Pointer: document.Pointer(m.By.Place)},
			policy.Edit{Op: "add", Pointer: "/Statement/-", Value: moved})
	}
	p.offer(f, q, r)
}

// wholly reports whether every action of a statement is meant for the same resources.
func wholly(s *policy.Statement, of map[policy.Place]access.Mismatch, fits []string) bool {
	return !slices.ContainsFunc(policy.Values(s.Actions), func(v policy.Value) bool {
		m, ok := of[v.Place]
		return !ok || !slices.Equal(m.Fitting, fits)
	})
}

// movedStatement is a statement for one action that stood among others.
type movedStatement struct {
	Effect    string
	Principal any `json:",omitempty"`
	Action    string
	Resource  any
	Condition map[string]map[string][]string `json:",omitempty"`
}

// ownStatement returns a statement like s for one action on other resources, and
// whether it could be written.
func ownStatement(s *policy.Statement, action string, resource any) (movedStatement, bool) {
	moved := movedStatement{Effect: s.Effect.String(), Action: action, Resource: resource}
	switch c := s.Principals.(type) {
	case nil:
	case policy.OnlyPrincipals:
		byType := map[string][]string{}
		for _, named := range c {
			if named.Type == policy.Everyone {
				moved.Principal = "*"
				continue
			}
			byType[named.Type.String()] = append(byType[named.Type.String()], named.Text)
		}
		if moved.Principal == nil {
			moved.Principal = byType
		}
	default:
		return moved, false
	}
	for _, c := range s.Conditions {
		if moved.Condition == nil {
			moved.Condition = map[string]map[string][]string{}
		}
		if moved.Condition[c.Operator.Text] == nil {
			moved.Condition[c.Operator.Text] = map[string][]string{}
		}
		for _, v := range c.Values {
			moved.Condition[c.Operator.Text][c.Key] = append(moved.Condition[c.Operator.Text][c.Key], v.Text)
		}
	}
	return moved, true
}
