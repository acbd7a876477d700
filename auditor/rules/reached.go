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

// reached are the domains and repositories that the inventory knows and that a
// policy reaches.
type reached struct{ domains, repositories []string }

// reached returns what the policy reaches by itself; nothing where that is more
// than a statement may list.
func (p *Pass) reached(q *access.Policy) reached {
	all := p.World.Known(codeartifact.Repository)
	if len(all) > mostRepositories {
		return reached{}
	}
	o := p.try([]access.Change{{Policy: q, Document: q.Document}})
	if o.reached != nil {
		return *o.reached
	}
	profile := o.world.Policies[0].Alone()
	domains := p.World.Known(codeartifact.Domain)
	for _, r := range all {
		domains = append(domains, domainOf(r))
	}
	slices.Sort(domains)
	o.reached = &reached{
		domains:      on(profile, codeartifact.ActionsOn(codeartifact.Domain), slices.Compact(domains)),
		repositories: on(profile, codeartifact.ActionsOn(codeartifact.Repository), all),
	}
	return *o.reached
}

// on returns the resources on which the profile allows some of the actions.
func on(profile *access.Profile, actions codeartifact.ActionSet, resources []string) []string {
	var list []string
	for _, r := range resources {
		if may, err := profile.MayOn(actions, r); may && err == nil {
			list = append(list, r)
		}
	}
	return list
}

// domainOf returns the ARN of the domain that a repository is in.
func domainOf(repository string) string {
	in := repository[:strings.LastIndexByte(repository, '/')]
	return strings.Replace(in, ":repository/", ":domain/", 1)
}

// packages are those in the repositories.
func (r reached) packages() []string {
	var list []string
	for _, repository := range r.repositories {
		list = append(list, strings.Replace(repository, ":repository/", ":package/", 1)+"/*")
	}
	return list
}

// groups are the package groups of the domains.
func (r reached) groups() []string {
	var list []string
	for _, domain := range r.domains {
		list = append(list, strings.Replace(domain, ":domain/", ":package-group/", 1)+"/*")
	}
	return list
}

// in says where that is, in a few words.
func (r reached) in() string {
	if len(r.repositories) == 1 {
		return "in " + r.repositories[0][strings.LastIndexByte(r.repositories[0], ':')+1:]
	}
	return fmt.Sprintf("in the %d repositories known here", len(r.repositories))
}
