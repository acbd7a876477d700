package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// misplaced asks whether the bearer-token permission stands where it does
// nothing: in the policy of a domain or repository, or of a role's trust. An
// Allow there is a permission that callers go without; a Deny is a guardrail
// that is none.
var misplaced = Rule{
	ID:       "token/misplaced",
	Title:    "bearer-token permission where it has no effect",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/get-set-up-provision-user.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bearer.html",
	},
	Check: checkMisplaced,
}

func checkMisplaced(p *Pass) {
	for _, q := range p.World.Policies {
		tokens, err := p.World.MisplacedTokens(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if len(tokens) == 0 {
			continue
		}
		f := finding.Finding{
			Subject: policySubject(q), Group: p.group(q.Document),
			Severity: p.rule.Severity, Confidence: finding.HighConfidence,
		}
		denies := 0
		for _, t := range tokens {
			says := "has no effect in a " + q.Kind.String() + " policy"
			if t.Effect == policy.Deny {
				denies++
				says = "denies nothing in a " + q.Kind.String() + " policy"
			}
			f.Grants = append(f.Grants, grant(t.By, says))
			f.Witness = append(f.Witness, request(t.Intended, decision(t.Allowed)))
		}
		f.Message = "allows sts:GetServiceBearerToken in a " + q.Kind.String() + " policy, where it has no effect: it belongs in the identity policy of whoever asks for tokens"
		if denies == len(tokens) {
			f.Message = "denies sts:GetServiceBearerToken in a " + q.Kind.String() + " policy, where it has no effect: it stops nobody"
		}
		f.Witness = f.Witness[:1]
		p.report(f, func(f *finding.Finding) { p.removeMisplaced(f, q, tokens) })
	}
}
