package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// anyDomain asks whether an identity may ask every domain for a token. A token is
// asked of one domain by name, and whoever needs one knows which.
var anyDomain = Rule{
	ID:       "token/any-domain",
	Title:    "identity may ask every domain for a token",
	Severity: finding.Low,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html",
	},
	Check: func(p *Pass) {
		p.eachDefectOf(codeartifact.Actions(codeartifact.GetAuthorizationToken), func(profile, _ *access.Profile) ([]defect, error) {
			return p.wideDefects(profile, codeartifact.Actions(codeartifact.GetAuthorizationToken), finding.Low)
		})
	},
}
