package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// publishAnywhere asks whether an identity may put versions into every package, of
// all domains or of one. Whoever can do that can ship code to everyone who
// installs, so a publisher is given the packages that it makes, and no pattern that
// comes to all of them.
var publishAnywhere = Rule{
	ID:       "grant/publish-anywhere",
	Title:    "identity may publish to every package",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/packages-overview.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/copy-package.html",
	},
	Check: func(p *Pass) {
		p.eachDefectOf(publishing, func(profile, _ *access.Profile) ([]defect, error) {
			return p.wideDefects(profile, publishing, finding.Medium)
		})
	},
}

// publishing are the actions that put content into packages.
var publishing = codeartifact.Actions(codeartifact.PublishPackageVersion, codeartifact.CopyPackageVersions)
