package rules

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// readAnywhere asks whether an identity may download whatever there is. Reading
// all of one domain is how most consumers are set up and no finding; reading every
// domain also reaches those that other teams will create.
var readAnywhere = Rule{
	ID:       "grant/read-anywhere",
	Title:    "identity may download every package",
	Severity: finding.Low,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
		"https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeArtifactReadOnlyAccess.html",
	},
	AWSOwned: true,
	Check:    func(p *Pass) { p.eachDefectOf(reading, p.readAnywhereDefects) },
}

var reading = codeartifact.Actions(codeartifact.ReadFromRepository, codeartifact.GetPackageVersionAsset)

func (p *Pass) readAnywhereDefects(profile, _ *access.Profile) ([]defect, error) {
	defects, err := p.wideDefects(profile, reading, finding.Low)
	// All of one domain is no defect.
	defects = slices.DeleteFunc(defects, func(d defect) bool { return d.facet != "" })
	for i := range defects {
		defects[i].amend = readByAWS
	}
	return defects, err
}

// readByAWS says what is to be said of policies that AWS owns: that its "read only"
// is more than reading, and that no other can be mended.
func readByAWS(f *finding.Finding, q *access.Policy) {
	switch {
	case !q.AWSOwned():
	case q.Name == "AWSCodeArtifactReadOnlyAccess":
		f.Message += "; it issues tokens too"
	case !isCodeArtifactPolicy(q.Name):
		f.Severity = finding.Info
	}
}
