package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// destroyAnywhere asks whether an identity may delete, dispose of or withdraw
// whatever there is, in all domains or in one. Most of it cannot be undone, and
// hardly any job has to: a clean-up is given the repository that it cleans up.
var destroyAnywhere = Rule{
	ID:       "grant/destroy-anywhere",
	Title:    "identity may delete content everywhere",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/delete-package.html",
		"https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_DisposePackageVersions.html",
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/tag-based-access-control.html",
	},
	Check: func(p *Pass) {
		p.eachDefectOf(destroying, func(profile, _ *access.Profile) ([]defect, error) {
			return p.wideDefects(profile, destroying, finding.Medium)
		})
	},
}

// destroying are the actions that take content away, or what holds it.
var destroying = codeartifact.Actions(
	codeartifact.DeleteDomain, codeartifact.DeleteRepository, codeartifact.DeletePackage, codeartifact.DeletePackageVersions,
	codeartifact.DisposePackageVersions, codeartifact.UpdatePackageVersionsStatus, codeartifact.DeletePackageGroup,
)
