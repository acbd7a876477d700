package rules

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// preset is what somebody who uses CodeArtifact in one of the usual ways needs,
// besides the bearer token: actions on domains, on repositories, and on the
// packages in these. Actions are listed, so that nothing grows when AWS adds some.
//
// Sources: https://docs.aws.amazon.com/codeartifact/latest/ug/get-set-up-provision-user.html,
// https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html,
// https://docs.aws.amazon.com/codeartifact/latest/ug/packages-overview.html and
// https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html
type preset struct {
	id, who                        string
	onDomains, onRepos, onPackages codeartifact.ActionSet
}

var (
	// A package manager asks for a token of the domain, finds the repository's
	// endpoint, and reads.
	consumer = preset{
		id: "consumer", who: "a read-only consumer",
		onDomains: codeartifact.Actions(codeartifact.GetAuthorizationToken),
		onRepos:   codeartifact.Actions(codeartifact.GetRepositoryEndpoint, codeartifact.ReadFromRepository),
	}
	// Maven's publishing needs the metadata too, and NuGet's the reading.
	publisher = preset{
		id: "publisher", who: "a publisher",
		onDomains:  consumer.onDomains,
		onRepos:    consumer.onRepos,
		onPackages: codeartifact.Actions(codeartifact.PublishPackageVersion, codeartifact.PutPackageMetadata),
	}
	// All that keeps a repository and its packages in order. Its policy is left
	// to whoever administers the domain: who may write it may take everything
	// that is in the repository.
	repositoryAdministrator = preset{
		id: "repository-administrator", who: "a repository administrator who leaves policies alone",
		onDomains: codeartifact.Actions(codeartifact.GetAuthorizationToken, codeartifact.DescribeDomain, codeartifact.ListRepositoriesInDomain),
		onRepos: codeartifact.Actions(
			codeartifact.AssociateExternalConnection, codeartifact.AssociateWithDownstreamRepository, codeartifact.CopyPackageVersions,
			codeartifact.DescribeRepository, codeartifact.DisassociateExternalConnection, codeartifact.GetRepositoryEndpoint,
			codeartifact.GetRepositoryPermissionsPolicy, codeartifact.ListPackages, codeartifact.ReadFromRepository, codeartifact.UpdateRepository,
		),
		onPackages: codeartifact.Actions(
			codeartifact.CopyPackageVersions, codeartifact.DeletePackage, codeartifact.DeletePackageVersions, codeartifact.DescribePackage,
			codeartifact.DescribePackageVersion, codeartifact.DisposePackageVersions, codeartifact.GetPackageVersionAsset,
			codeartifact.GetPackageVersionReadme, codeartifact.ListPackageVersionAssets, codeartifact.ListPackageVersionDependencies,
			codeartifact.ListPackageVersions, codeartifact.PublishPackageVersion, codeartifact.PutPackageMetadata,
			codeartifact.PutPackageOriginConfiguration, codeartifact.UpdatePackageVersionsStatus,
		),
	}
)

// narrow offers each preset, on the domains and repositories that the inventory
// knows and the policy reaches, in place of what the statements behind a finding
// say of CodeArtifact. What they say of other services stays. None is right by
// itself, so none is made without being chosen.
func (p *Pass) narrow(f *finding.Finding, q *access.Policy, by []access.Element) {
	for _, r := range p.remembered(q, "presets", by, p.narrowed) {
		p.offer(f, q, r)
	}
}

func (p *Pass) narrowed(q *access.Policy, by []access.Element) []remedy {
	known := p.reached(q)
	c, ok := p.cut(q, by)
	if !ok || len(known.repositories) == 0 || len(known.domains) == 0 {
		return nil
	}
	var remedies []remedy
	for _, preset := range []preset{consumer, publisher, repositoryAdministrator} {
		statements := []statement{
			c.allow(preset.onDomains, known.domains),
			c.allow(preset.onRepos, known.repositories),
		}
		if !preset.onPackages.IsEmpty() && len(known.packages) > 0 {
			statements = append(statements, c.allow(preset.onPackages, known.packages))
		}
		r := remedy{id: preset.id, title: fmt.Sprintf("keep what %s needs, %s", preset.who, known.in())}
		if !c.tokenStays {
			statements = append(statements, c.allowToken())
			if !c.hadToken {
				r.title += "; adds the bearer token that a login needs"
				r.grants = codeartifact.Actions(codeartifact.GetServiceBearerToken)
			}
		}
		if r.edits, ok = c.replacedBy(statements); ok {
			remedies = append(remedies, r)
		}
	}
	return remedies
}

// remembered returns remedies made for a document once for all of its copies.
func (p *Pass) remembered(q *access.Policy, which string, by []access.Element, prepare func(*access.Policy, []access.Element) []remedy) []remedy {
	o := p.try([]access.Change{{Policy: q, Document: q.Document}})
	for _, e := range by {
		which += fmt.Sprintf(" %d-%d", e.Statement.Start, e.Place.Start)
	}
	known, ok := o.remedies[which]
	if !ok {
		known = prepare(q, by)
		for i := range known {
			known[i].remembered = true
		}
		if o.remedies == nil {
			o.remedies = map[string][]remedy{}
		}
		o.remedies[which] = known
	}
	return known
}
