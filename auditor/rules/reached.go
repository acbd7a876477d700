package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// mostRepositories is how many a statement may list: more would hardly fit into a
// policy, and nobody would read them.
const mostRepositories = 40

// reached are the resources that the inventory knows and that a policy reaches, by
// some action on their type: domains, repositories, and as patterns the packages in
// repositories and the package groups of domains.
type reached struct{ domains, repositories, packages, groups []string }

// reached returns what the policy reaches by itself; nothing where that is more
// than a statement may list.
func (p *Pass) reached(q *access.Policy) reached {
	repositories := p.World.Known(codeartifact.Repository)
	if len(repositories) > mostRepositories {
		return reached{}
	}
	o := p.try([]access.Change{{Policy: q, Document: q.Document}})
	if o.reached != nil {
		return *o.reached
	}
	domains := p.World.Known(codeartifact.Domain)
	for _, r := range repositories {
		domains = append(domains, domainOf(r))
	}
	slices.Sort(domains)
	domains = slices.Compact(domains)
	o.reached = &reached{}
	profile := o.world.Policies[0].Alone()
	for _, d := range domains {
		group := strings.Replace(d, ":domain/", ":package-group/", 1)
		o.reached.domains = on(o.reached.domains, profile, codeartifact.Domain, d, d)
		o.reached.groups = on(o.reached.groups, profile, codeartifact.PackageGroup, group+"/npm/%2a", group+"/*")
	}
	for _, r := range repositories {
		in := strings.Replace(r, ":repository/", ":package/", 1)
		o.reached.repositories = on(o.reached.repositories, profile, codeartifact.Repository, r, r)
		o.reached.packages = on(o.reached.packages, profile, codeartifact.Package, in+"/npm//example-package", in+"/*")
	}
	return *o.reached
}

// on appends a pattern to the list if the profile allows some action on an example
// of what it stands for.
func on(list []string, profile *access.Profile, t codeartifact.ResourceType, example, pattern string) []string {
	if may, err := profile.MayOn(codeartifact.ActionsOn(t), example); !may || err != nil {
		return list
	}
	return append(list, pattern)
}

// of returns the resources of one type.
func (r reached) of(t codeartifact.ResourceType) []string {
	switch t {
	case codeartifact.Domain:
		return r.domains
	case codeartifact.Repository:
		return r.repositories
	case codeartifact.Package:
		return r.packages
	}
	return r.groups
}

// domainOf returns the ARN of the domain that a repository is in.
func domainOf(repository string) string {
	in := repository[:strings.LastIndexByte(repository, '/')]
	return strings.Replace(in, ":repository/", ":domain/", 1)
}

// in says where that is, in a few words.
func (r reached) in() string {
	if len(r.repositories) == 1 {
		return "in " + r.repositories[0][strings.LastIndexByte(r.repositories[0], ':')+1:]
	}
	return fmt.Sprintf("in the %d repositories known here", len(r.repositories))
}
