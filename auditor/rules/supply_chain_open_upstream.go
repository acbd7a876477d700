package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// openUpstream asks whether whoever has the access may decide where repositories
// take packages from: a public registry, or another repository. The packages that
// everybody installs can then come from elsewhere, without one being published.
var openUpstream = Rule{
	ID:       "supply-chain/open-upstream",
	Title:    "sources of packages may be changed everywhere",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/external-connection.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repos-upstream.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/tag-based-access-control.html",
	},
	Check: func(p *Pass) {
		p.eachDefectOf(connecting, p.openUpstreamDefects)
		p.eachLicense(p.openUpstreamLicense)
	},
}

// connecting are the actions that connect repositories to where packages come from.
var connecting = codeartifact.Actions(
	codeartifact.AssociateExternalConnection, codeartifact.UpdateRepository, codeartifact.AssociateWithDownstreamRepository,
)

func (p *Pass) openUpstreamDefects(profile, _ *access.Profile) ([]defect, error) {
	return p.wideDefects(profile, connecting, p.rule.Severity)
}

// openUpstreamLicense asks whether a domain's policy lets a guest decide it for all
// its repositories.
func (p *Pass) openUpstreamLicense(g *access.Guest) (*license, error) {
	way, err := g.Throughout(connecting)
	if way == nil || err != nil {
		return nil, err
	}
	use := ", and so choose where packages come from"
	if way.Actions == codeartifact.Actions(codeartifact.AssociateWithDownstreamRepository) {
		use = ", and so take packages from any of them"
	}
	return &license{WayIn: way, severity: p.rule.Severity, deed: "call " + some(way.Actions, 4) + " on " + everywhere(way.Actions) + use}, nil
}
