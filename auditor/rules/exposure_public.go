package rules

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// publicExposure asks what a stranger may do: a principal with AWS credentials
// of an account that nobody trusts, whose own policies allow everything. A Deny
// that keeps strangers out counts, so "Principal": "*" alone is no finding.
var publicExposure = Rule{
	ID:       "exposure/public",
	Title:    "any AWS principal is let in",
	Severity: finding.Critical,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous",
	},
	Absorbs: []string{"exposure/*"},
	Check:   checkPublic,
}

func checkPublic(p *Pass) {
	for _, q := range p.World.Policies {
		public, err := q.Public()
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if public == nil {
			continue
		}
		f := finding.Finding{
			Subject: policySubject(q), Group: p.group(q.Document), Severity: p.rule.Severity,
			Confidence: confidence(public.Certainty, len(q.Alone().Assumptions) > 0),
			Message:    fmt.Sprintf("lets any AWS principal of any account %s", does(public.Actions)),
			Witness:    []finding.Request{request(public.Witness, finding.Allowed)},
		}
		if public.StoppedByRCP {
			f.Confidence = min(f.Confidence, finding.MediumConfidence)
			f.Message += "; a resource control policy would stop it, if it covers CodeArtifact"
		}
		for _, e := range public.By {
			says := "lets every AWS principal in"
			if !e.Actions.IsEmpty() {
				says = "lets them " + does(e.Actions)
			}
			f.Grants = append(f.Grants, grant(e, says))
		}
		p.report(f, func(f *finding.Finding) { p.requireOrganization(f, q, public.By) })
	}
}
