package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// relaxOrigin asks whether whoever has the access may lift the origin controls of
// every package: what keeps a public package from standing in for an internal one
// of the same name. Who may publish there as well needs nobody else for it.
var relaxOrigin = Rule{
	ID:       "supply-chain/relax-origin",
	Title:    "origin controls may be lifted everywhere",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/package-origin-controls.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/package-groups.html",
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
	},
	Check: func(p *Pass) {
		p.eachDefectOf(relaxing, p.relaxOriginDefects)
		p.eachLicense(p.relaxOriginLicense)
	},
}

// relaxing are the actions that change what origin controls say of a package.
var relaxing = codeartifact.Actions(
	codeartifact.PutPackageOriginConfiguration, codeartifact.UpdatePackageGroupOriginConfiguration,
	codeartifact.CreatePackageGroup, codeartifact.DeletePackageGroup,
)

// publishes is what makes it graver.
var publishes = codeartifact.Actions(codeartifact.PublishPackageVersion)

func (p *Pass) relaxOriginDefects(profile, whole *access.Profile) ([]defect, error) {
	found, err := profile.Wide(relaxing)
	if err != nil {
		return nil, err
	}
	var out []defect
	for _, r := range found {
		severity := p.rule.Severity
		publish, certainty, err := whole.MayIn(r, publishes)
		if err != nil {
			return nil, err
		}
		both := publish != nil && certainty >= r.Certainty
		if both {
			severity = finding.Critical
		}
		d := p.wideDefect(r, severity)
		if both {
			own, _, err := profile.MayIn(r, publishes)
			if err != nil {
				return nil, err
			}
			if own == nil {
				d.message += "; another policy allows publishing there"
			} else {
				d.message += ", and publishing there"
			}
			d.witness = append(d.witness, *publish)
		}
		out = append(out, d)
	}
	return out, nil
}

// relaxOriginLicense asks whether a domain's policy lets a guest do it to all its
// packages.
func (p *Pass) relaxOriginLicense(g *access.Guest) (*license, error) {
	way, err := g.Throughout(relaxing)
	if way == nil || err != nil {
		return nil, err
	}
	l := &license{WayIn: way, severity: p.rule.Severity, deed: "call " + some(way.Actions, 4) + " on " + everywhere(way.Actions) + ", and so lift origin controls"}
	publish, err := g.WayIn(publishes)
	if err != nil {
		return nil, err
	}
	if publish != nil && publish.Certainty >= way.Certainty && (way.Narrowed || !publish.Narrowed) {
		l.severity, l.also = finding.Critical, []access.Request{publish.Witness}
		l.deed += " and publish there"
	}
	return l, nil
}
