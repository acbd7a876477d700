package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// stalePrincipal asks whether a domain or repository policy lists a principal that
// is nobody: one that was deleted, one that never was, or a text that cannot be
// one's name. Whoever was meant goes without access, or, where a Deny lists it,
// undenied; and a name that is free again can be taken by another.
var stalePrincipal = Rule{
	ID:       "exposure/stale-principal",
	Title:    "principal that names nobody",
	Severity: finding.Low,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
	},
	Check: checkStalePrincipal,
}

func checkStalePrincipal(p *Pass) {
	for _, q := range p.World.Policies {
		stale, err := p.World.StalePrincipals(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		for _, s := range stale {
			f := finding.Finding{
				Subject: policySubject(q), Group: p.group(q.Document), Facet: s.Text, Severity: p.rule.Severity,
				Confidence: confidence(s.Certainty, false), Message: staleMessage(s),
				Witness: []finding.Request{request(s.Intended, decision(s.Allowed))},
			}
			for _, by := range s.By {
				f.Grants = append(f.Grants, grant(by, "names nobody"))
			}
			p.report(f, func(f *finding.Finding) { p.removePrincipal(f, q, s) })
		}
	}
}

func staleMessage(s access.StalePrincipal) string {
	if s.Effect == policy.Deny {
		return fmt.Sprintf("denies %q, %s: it stops nobody", s.Text, s.Why)
	}
	return fmt.Sprintf("lets in %q, %s: nobody comes in by it", s.Text, s.Why)
}

// removePrincipal takes a principal that names nobody out of the lists it is in,
// and with it the statements that list nobody else. A name that does not exist may
// be meant to, and of a Deny somebody was meant.
func (p *Pass) removePrincipal(f *finding.Finding, q *access.Policy, s access.StalePrincipal) {
	var edits []policy.Edit
	done := map[*policy.Statement]bool{}
	gone := 0
	for _, by := range slices.Backward(s.By) { // from the end, so that pointers stay right
		all := policy.Principals(by.Statement.Principals)
		accounts, same := 0, 0
		for _, n := range all {
			if n.Type == policy.AWS {
				accounts++
				if n.Text == s.Text {
					same++
				}
			}
		}
		at := q.Document.Parsed.Pointer(by.Place)
		switch {
		case done[by.Statement]:
			continue
		case same == len(all):
			at, gone, done[by.Statement] = statementPointer(by), gone+1, true
		case same == accounts:
			at, done[by.Statement] = statementPointer(by)+"/Principal/AWS", true
		}
		edits = append(edits, policy.Edit{Op: "remove", Pointer: at})
	}
	if gone == len(q.Document.Parsed.Statements) {
		return // a policy needs a statement: what is left is to delete it
	}
	p.offer(f, q, remedy{id: "remove-principal", title: "take out what names nobody", safe: !s.Missing && s.Effect == policy.Allow, edits: edits})
}
