package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

const serviceKey = "sts:AWSServiceName"

// pin is the condition that limits bearer tokens to CodeArtifact.
func pin() map[string]any {
	return map[string]any{"StringEquals": map[string]any{serviceKey: codeartifact.ServiceName}}
}

// tokenStatement is a statement that allows bearer tokens for CodeArtifact.
type tokenStatement struct {
	Effect    string
	Action    string
	Resource  string
	Condition map[string]any
}

// statementPointer returns the JSON pointer of the statement that an element
// stands in: "/Statement/2", or "/Statement" where there is only one.
func statementPointer(e access.Element) string {
	return e.Policy.Document.Parsed.Pointer(e.Statement.Place)
}

// onlyForLogins reports whether the bearer tokens that a policy allows seem to be for
// CodeArtifact's alone: whoever it applies to may ask a domain for a token, and no
// policy gives them ECR Public, which takes bearer tokens too.
func (p *Pass) onlyForLogins(q *access.Policy) bool {
	asks := map[string]bool{}
	for _, principal := range q.Reaches {
		may, known := asks[principal.Profile.Key()]
		if !known {
			request, _, err := principal.May(codeartifact.Actions(codeartifact.GetAuthorizationToken))
			may = request != nil && err == nil
			asks[principal.Profile.Key()] = may
		}
		if !may {
			return false
		}
	}
	return !slices.ContainsFunc(p.World.Policies, func(other *access.Policy) bool {
		return other.NamesService("ecr-public") && slices.ContainsFunc(other.Reaches, func(principal *access.Principal) bool {
			return slices.Contains(q.Reaches, principal)
		})
	})
}

// pinService limits every statement behind the finding to CodeArtifact's
// tokens. Statements that name the permission by a wildcard are left alone: the
// others of its actions would be limited too.
func (p *Pass) pinService(f *finding.Finding, q *access.Policy, by []access.Element) {
	if q.NamesService("ecr-public") {
		return // its token requests carry a service name that AWS does not document
	}
	var edits []policy.Edit
	for _, e := range by {
		exact, _ := e.Statement.Actions.(policy.Only) // NotAction is a wildcard too
		named := slices.IndexFunc(exact, func(v policy.Value) bool { return v.Place == e.Place })
		if named < 0 || !strings.EqualFold(exact[named].Text, codeartifact.GetServiceBearerToken.String()) {
			return
		}
		at := statementPointer(e)
		switch {
		case len(exact) == 1 && len(e.Statement.Conditions) == 0:
			edits = append(edits, policy.Edit{Op: "add", Pointer: at + "/Condition", Value: pin()})
		case len(e.Statement.Conditions) == 0 && at != "/Statement":
			edits = append(edits,
				policy.Edit{Op: "remove", Pointer: e.Policy.Document.Parsed.Pointer(e.Place)},
				policy.Edit{Op: "add", Pointer: "/Statement/-", Value: tokenStatement{"Allow", exact[named].Text, "*", pin()}})
		default:
			edits = append(edits, repin(e, at, serviceKey, codeartifact.ServiceName, aboutService)...)
		}
	}
	p.offer(f, q, remedy{id: "pin-service", title: "limit the permission to CodeArtifact's tokens", safe: p.onlyForLogins(q), edits: edits})
}

// repin replaces what the conditions of a statement say about some keys by one
// condition, StringEquals with one value of the key. One that is there already is
// mended and the others are left.
func repin(e access.Element, at, key, value string, about func(key string) bool) []policy.Edit {
	document := e.Policy.Document.Parsed
	plain := func(c policy.Condition) bool {
		return c.Operator.Base == policy.StringEquals && c.Operator.Quantifier == policy.NoQuantifier && !c.Operator.IfExists
	}
	stays := map[string]bool{} // operators under which something stays
	for _, c := range e.Statement.Conditions {
		if plain(c) && strings.EqualFold(c.Key, key) {
			return []policy.Edit{{Op: "replace", Pointer: document.Pointer(c.Place), Value: value}}
		}
		stays[c.Operator.Text] = stays[c.Operator.Text] || !about(c.Key)
	}
	var edits []policy.Edit
	removed := map[string]bool{}
	for _, c := range e.Statement.Conditions {
		switch block := c.Operator.Text; {
		case !about(c.Key):
		case stays[block]:
			edits = append(edits, policy.Edit{Op: "remove", Pointer: document.Pointer(c.Place)})
		case !removed[block]:
			edits = append(edits, policy.Edit{Op: "remove", Pointer: at + "/Condition/" + block})
			removed[block] = true
		}
	}
	if stays[policy.StringEquals.String()] {
		return append(edits, policy.Edit{Op: "add", Pointer: at + "/Condition/StringEquals/" + key, Value: value})
	}
	return append(edits, policy.Edit{Op: "add", Pointer: at + "/Condition/StringEquals", Value: map[string]any{key: value}})
}

// aboutService reports whether a key is the service name of token requests, or
// one that people mistake for it.
func aboutService(key string) bool {
	return strings.EqualFold(key, serviceKey) || strings.EqualFold(key, "iam:AWSServiceName")
}

// requireOrganization keeps the statements that let strangers in for members of
// the organization. What the whole organization may then do is a finding of its
// own, which that about strangers said as well. Whoever is no AWS principal is in
// no organization, so that statements which name others too are left alone.
func (p *Pass) requireOrganization(f *finding.Finding, q *access.Policy, by []access.Element) {
	organization := p.World.Organization()
	if organization == "" {
		return
	}
	const key = "aws:PrincipalOrgID"
	var edits []policy.Edit
	done := map[*policy.Statement]bool{}
	for _, e := range by {
		if !e.Actions.IsEmpty() || done[e.Statement] { // once a statement: at its principal
			continue
		}
		done[e.Statement] = true
		if slices.ContainsFunc(policy.Principals(e.Statement.Principals), func(n policy.Principal) bool {
			return n.Type != policy.AWS && n.Type != policy.Everyone
		}) {
			return
		}
		at := statementPointer(e)
		if len(e.Statement.Conditions) > 0 {
			edits = append(edits, repin(e, at, key, organization, func(k string) bool { return strings.EqualFold(k, key) })...)
			continue
		}
		edits = append(edits, policy.Edit{Op: "add", Pointer: at + "/Condition", Value: map[string]any{
			"StringEquals": map[string]any{key: organization},
		}})
	}
	p.offer(f, q, remedy{
		id: "require-organization", title: fmt.Sprintf("let in only members of organization %s", organization), edits: edits,
		leaves: []string{"exposure/cross-account-write", "inert/condition-always-true"},
	})
}

// removeGuest takes a principal out of the lists that let it in, and statements
// that let in nobody else. Whom a condition names is left to whoever wrote it.
func (p *Pass) removeGuest(f *finding.Finding, q *access.Policy, g *access.Guest, by []access.Element) {
	document := q.Document.Parsed
	var edits []policy.Edit
	left := len(document.Statements)
	for _, e := range slices.Backward(by) { // from the end, so that pointers stay right
		if !e.Actions.IsEmpty() {
			continue
		}
		all, _ := e.Statement.Principals.(policy.OnlyPrincipals)
		same, accounts := 0, 0 // spellings of the guest; values beside which it stands
		for _, x := range all {
			if g.Names(x) {
				same++
			}
			if x.Type == policy.AWS {
				accounts++
			}
		}
		switch {
		case same == 0:
			return
		case same == len(all):
			left--
			edits = append(edits, policy.Edit{Op: "remove", Pointer: statementPointer(e)})
		case same == accounts:
			edits = append(edits, policy.Edit{Op: "remove", Pointer: statementPointer(e) + "/Principal/AWS"})
		default:
			for _, x := range slices.Backward(all) {
				if g.Names(x) {
					edits = append(edits, policy.Edit{Op: "remove", Pointer: document.Pointer(x.Place)})
				}
			}
		}
	}
	if left == 0 {
		return // a policy needs a statement: what is left is to delete it
	}
	p.offer(f, q, remedy{id: "remove-principal", title: "let " + guestName(g) + " in no more", edits: edits})
}
