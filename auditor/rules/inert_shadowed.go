package rules

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// shadowed asks of each statement about our actions whether its document would
// allow the same without it: because another statement says as much, or because a
// Deny takes all that it allows. Whoever narrows it later changes nothing.
var shadowed = Rule{
	ID:       "inert/shadowed",
	Title:    "statement that changes nothing",
	Severity: finding.Info,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html",
	},
	Yields: []string{"token/*", "exposure/*"},
	Check:  checkShadowed,
}

func checkShadowed(p *Pass) {
	for _, q := range p.World.Policies {
		if mute(q) {
			continue
		}
		found, err := p.World.Shadowed(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		for _, same := range byFacet(found, func(s access.Shadowed) string { return facet(s.By) }) {
			first := same[0]
			f := p.aboutElement(q, facet(first.By), access.Sure, shadowMessage(first, len(same)))
			var statements []access.Element
			for _, s := range same {
				f.Grants = append(f.Grants, grant(s.By, "can go without changing anything"))
				statements = append(statements, s.By)
			}
			for _, e := range first.Because {
				says := "says as much"
				if first.Denied {
					says = "denies all that it allows"
					if len(first.Because) > 1 {
						says = "denies part of what it allows"
					}
				}
				f.Grants = append(f.Grants, grant(e, says))
			}
			f.Witness = []finding.Request{request(first.Witness, decision(first.Allowed))}
			p.report(f, func(f *finding.Finding) {
				p.removeStatements(f, q, statements, remedy{
					id: "remove-statement", title: "remove the statement, which changes nothing", safe: true, same: true,
				})
			})
		}
	}
}

func shadowMessage(s access.Shadowed, statements int) string {
	by := "one statement"
	if statements > 1 {
		by = fmt.Sprintf("%d statements", statements)
	}
	switch {
	case s.Denied:
		return "allows by " + by + " only what its own Deny takes away again"
	case s.Effect == policy.Deny:
		return "denies by " + by + " only what another denies too"
	}
	return "allows by " + by + " only what another allows too"
}
