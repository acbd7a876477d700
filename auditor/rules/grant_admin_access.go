package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// adminAccess asks the question of fullAccess where the answer is yes only by
// way of a grant of all services' actions: Action "*", or NotAction of other
// services. Another team owns such policies, so it is told apart and milder.
var adminAccess = Rule{
	ID:       "grant/admin-access",
	Title:    "administrator of all services has full access to CodeArtifact",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
		"https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html",
	},
	Absorbs:  absorbedByFullAccess,
	AWSOwned: true,
	Check: func(p *Pass) {
		p.eachDefect(func(profile, _ *access.Profile) ([]defect, error) {
			return fullAccessDefects(p, profile, true)
		})
	},
}
