package rules

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// removeMisplaced takes the permission out of a policy in which it does nothing:
// the elements that name it, and statements that name nothing else. Where callers
// that it was meant for go without it, it can be moved to where it works.
func (p *Pass) removeMisplaced(f *finding.Finding, q *access.Policy, tokens []access.MisplacedToken) {
	edits := withoutTokens(q, tokens)
	if edits == nil {
		return // a policy needs a statement: what is left is to delete it
	}
	remove := remedy{id: "remove-misplaced", title: "remove it here", safe: true, edits: edits}
	if !slices.ContainsFunc(tokens, func(t access.MisplacedToken) bool { return t.Effect == policy.Allow }) {
		p.offer(f, q, remove)
		return
	}
	lacking, known := p.lacking(tokens)
	if known && len(lacking) == 0 {
		remove.title += "; whom it names has it in an identity policy"
		p.offer(f, q, remove)
		return
	}
	remove.title += "; callers need it in their own identity policy, for " + codeartifact.ServiceName
	if needed, err := json.Marshal(token()); err == nil {
		remove.elsewhere = string(needed)
	}
	p.offer(f, q, remove)
	if known {
		p.moveToIdentity(f, q, edits, lacking)
	}
}

// token is a statement that allows bearer tokens for CodeArtifact alone.
func token() tokenStatement {
	return tokenStatement{"Allow", codeartifact.GetServiceBearerToken.String(), "*", pin()}
}

// withoutTokens returns the edits that take the mentions out, nil where nothing
// would be left.
func withoutTokens(q *access.Policy, tokens []access.MisplacedToken) []policy.Edit {
	byStatement := map[*policy.Statement]int{}
	for _, t := range tokens {
		byStatement[t.By.Statement]++
	}
	var edits []policy.Edit
	gone := 0
	done := map[*policy.Statement]bool{}
	for _, t := range slices.Backward(tokens) { // from the end, so that pointers stay right
		switch whole := byStatement[t.By.Statement] == len(policy.Values(t.By.Statement.Actions)); {
		case !whole:
			edits = append(edits, policy.Edit{Op: "remove", Pointer: t.By.Policy.Document.Parsed.Pointer(t.By.Place)})
		case !done[t.By.Statement]:
			gone++
			edits = append(edits, policy.Edit{Op: "remove", Pointer: statementPointer(t.By)})
		}
		done[t.By.Statement] = true
	}
	if gone == len(q.Document.Parsed.Statements) {
		return nil
	}
	return edits
}

// lacking returns the principals that the mentions mean to allow a token and that
// may not obtain one. It reports false where they mean others than users and roles
// that were read.
func (p *Pass) lacking(tokens []access.MisplacedToken) ([]*access.Principal, bool) {
	var lacking []*access.Principal
	for _, t := range tokens {
		if t.Effect != policy.Allow {
			continue
		}
		named, known := p.World.Named(t.By.Statement)
		if !known {
			return nil, false
		}
		for _, principal := range named {
			may, err := principal.MayToken()
			if err != nil {
				return nil, false
			}
			if !may && !slices.Contains(lacking, principal) {
				lacking = append(lacking, principal)
			}
		}
	}
	return lacking, true
}

// moveToIdentity adds the permission to the identity policies by which principals
// ask for authorization tokens, if those policies are nobody else's.
func (p *Pass) moveToIdentity(f *finding.Finding, q *access.Policy, edits []policy.Edit, lacking []*access.Principal) {
	r := remedy{id: "move-to-identity", edits: edits, grants: codeartifact.Actions(codeartifact.GetServiceBearerToken)}
	var into []string
	for _, principal := range lacking {
		held, err := p.World.AsksBy(principal)
		if held == nil || err != nil {
			return
		}
		if slices.ContainsFunc(held.Reaches, func(other *access.Principal) bool { return !slices.Contains(lacking, other) }) {
			return
		}
		if slices.ContainsFunc(r.also, func(a amendment) bool { return a.policy == held }) {
			continue // of a group, or attached to several of them
		}
		r.also = append(r.also, amendment{held, appended(held.Document.Parsed, token())})
		into = append(into, held.ID[strings.LastIndexByte(held.ID, ':')+1:])
	}
	r.title = "move it to " + join(into) + ", beside the right to ask for tokens"
	p.offer(f, q, r)
}

// appended returns the edit that adds a statement behind the others.
func appended(d *policy.Document, s any) []policy.Edit {
	if len(d.Statements) != 1 || d.Pointer(d.Statements[0].Place) != "/Statement" {
		return []policy.Edit{{Op: "add", Pointer: "/Statement/-", Value: s}}
	}
	only := d.Statements[0]
	return []policy.Edit{{Op: "replace", Pointer: "/Statement", Value: []any{json.RawMessage(d.Text[only.Start:only.End]), s}}}
}
