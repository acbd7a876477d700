package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// anyService asks whether an identity may obtain bearer tokens for services that
// nobody listed. It does not look for a missing condition: it asks which service
// names pass, and whether they are a finite list.
var anyService = Rule{
	ID:       "token/any-service",
	Title:    "bearer tokens are not limited to a list of services",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bearer.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_awsservicename",
	},
	Check: func(p *Pass) { p.eachDefect(p.anyServiceDefects) },
}

func (p *Pass) anyServiceDefects(profile, whole *access.Profile) ([]defect, error) {
	open, err := profile.OpenToken()
	if open == nil || err != nil {
		return nil, err
	}
	d := defect{
		severity: p.rule.Severity, certainty: open.Certainty, witness: []access.Request{open.Witness},
		message:  "allows service bearer tokens for services that no condition lists",
		document: open.By[0].Policy.Document,
	}
	used, _, err := whole.May(codeartifact.CodeArtifactActions())
	if err != nil {
		return nil, err
	}
	if used == nil {
		d.severity = finding.Low
		d.message += ", and no CodeArtifact action to use one for"
	}
	asking, _, err := whole.May(codeartifact.Actions(codeartifact.GetAuthorizationToken))
	if err != nil {
		return nil, err
	}
	if asking != nil { // else the permission may well serve another service
		d.offer = func(f *finding.Finding, q *access.Policy) { p.pinService(f, q, open.By) }
	}
	for _, e := range open.By {
		d.by = append(d.by, mark{e, "allows sts:GetServiceBearerToken for services that nobody listed"})
	}
	return []defect{d}, nil
}
