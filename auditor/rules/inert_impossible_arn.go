package rules

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// impossibleARN asks of each resource element that means CodeArtifact whether there
// is any ARN that a domain, repository, package or package group can have and that
// it matches. It compares sets and no spelling, so every pattern that can match
// something is fine.
var impossibleARN = Rule{
	ID:       "inert/impossible-arn",
	Title:    "resource of CodeArtifact that cannot exist",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html",
		"https://docs.aws.amazon.com/general/latest/gr/codeartifact.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
	},
	Yields: []string{"token/*", "exposure/*"},
	Check:  checkImpossibleARN,
}

func checkImpossibleARN(p *Pass) {
	for _, q := range p.World.Policies {
		if mute(q) {
			continue
		}
		impossible, err := p.World.ImpossibleARNs(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		correct := map[string]access.ImpossibleARN{}
		var list []inert
		for _, a := range impossible {
			i := inert{
				mark: mark{a.By, a.What}, severity: p.rule.Severity, intended: a.Intended,
				message: fmt.Sprintf("%s %s, so it %s", quoted(a.Text), a.What, voids(a.Effect, a.Not)),
			}
			if a.Region {
				i.severity = finding.Low
			}
			if a.Correct != "" {
				i.message += ": " + a.Correct + " was probably meant"
			}
			list = append(list, i)
			if have, ok := correct[i.Canonical()]; ok {
				a.Actions = a.Actions.Or(have.Actions)
			}
			correct[i.Canonical()] = a
		}
		p.reportInert(q, list, func(f *finding.Finding, same []inert) { p.correctARN(f, q, correct[f.Facet], same) })
	}
}

// correctARN writes the ARN that was probably meant. What never worked then does,
// so it is not applied without being chosen.
func (p *Pass) correctARN(f *finding.Finding, q *access.Policy, a access.ImpossibleARN, same []inert) {
	if a.Correct == "" {
		return
	}
	r := remedy{id: "correct-arn", title: fmt.Sprintf("write %s; the statement then works", a.Correct), grants: a.Actions}
	for _, i := range same {
		r.edits = append(r.edits, policy.Edit{Op: "replace", Pointer: q.Document.Parsed.Pointer(i.Place), Value: a.Correct})
	}
	p.offer(f, q, r)
}
