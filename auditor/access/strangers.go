package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// strangers returns what a resource policy allows a stranger: a principal whose
// own policies allow everything, of an account that nobody has named. So only
// statements for everyone let it in.
func (x *Access) strangers(q inventory.Policy, a *inventory.Account) *Profile {
	named := append(slices.Clone(x.trusted), a.ID)
	named = append(named, accountsIn(q.Document.Text)...)
	organization := x.organization
	if organization == "" {
		organization = a.Organization
	}
	profile := &Profile{access: x, caller: newStranger(organization, named)}
	profile.caller.visits(organization, a.ID)
	s := x.source(q, profile.caller, reachOf(q.Kind))
	compiled := *s.program
	compiled.statements = slices.DeleteFunc(slices.Clone(compiled.statements), func(st *statement) bool { return !includesStrangers(st) })
	profile.add(&source{x, q, &compiled}, &profile.allows)
	x.neighbours(profile, q, a)
	profile.rcps = x.controls(a, profile.caller)
	if q.Account != "" {
		profile.reach = []literal{{&test{kind: texts, set: reachARNs(q.ID, q.Kind)}, true}}
	} else if a.ID != "" {
		profile.reach = []literal{{&test{kind: texts, set: glob.Union{glob.Compile("arn:aws:codeartifact:*:" + a.ID + ":*")}}, true}}
	}
	return profile
}

// controls returns the Deny statements of the resource control policies over an
// account.
func (x *Access) controls(a *inventory.Account, c *Caller) []part {
	all := &Profile{access: x, caller: c}
	var allows []part
	for _, level := range a.Guards {
		for _, g := range level {
			if g.Kind == inventory.RCP {
				q := inventory.Policy{Kind: inventory.RCP, Name: g.Name, ID: g.Name, Account: a.ID, Document: g.Document}
				all.add(x.source(q, c, everyAction), &allows)
			}
		}
	}
	return all.denies
}

// neighbours adds the Deny statements of other resource policies that decide
// some of the same requests: the domain's for a repository, the repositories'
// for their domain.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html
func (x *Access) neighbours(profile *Profile, q inventory.Policy, a *inventory.Account) {
	start, name := cutResource(q.ID)
	domain, _, _ := strings.Cut(name, "/")
	for _, h := range x.members(a).Held {
		otherStart, otherName := cutResource(h.ID)
		otherDomain, _, _ := strings.Cut(otherName, "/")
		apart := h.Kind == q.Kind || h.Kind != inventory.DomainPolicy && h.Kind != inventory.RepositoryPolicy
		if apart || otherStart != start || otherDomain != domain {
			continue
		}
		within := literal{&test{kind: texts, set: reachARNs(h.ID, h.Kind)}, true}
		s := x.source(h.Policy, profile.caller, reachOf(h.Kind))
		for _, st := range s.program.statements {
			if st.allow || !includesStrangers(st) {
				continue
			}
			limited := *st
			limited.sure = append(slices.Clone(st.sure), within)
			limited.maybe = append(slices.Clone(st.maybe), within)
			profile.denies = append(profile.denies, part{source: s, statement: &limited})
		}
	}
	switch {
	case a.Partial:
		profile.assume(partialAssumption(a))
	case q.Kind == inventory.RepositoryPolicy && q.Account != "" && !slices.ContainsFunc(a.Domains, func(d *inventory.Domain) bool {
		return d.ARN == start+"domain/"+domain
	}):
		profile.assume("policy of domain " + start + "domain/" + domain + " was not read: taken to deny nothing")
	}
}

// reachOf returns the actions that a statement can decide in a resource policy.
// What differs between the policy of a domain and of a repository stays unsaid
// of a document that could be either.
func reachOf(k inventory.Kind) reach {
	in := func(p codeartifact.Place) reach {
		r := reach{sure: codeartifact.GrantableIn(p)}
		for a := range codeartifact.CodeArtifactActions().All() {
			if !a.Info().GrantedBy(p).No() {
				r.maybe = r.maybe.Add(a)
			}
		}
		return r
	}
	domain, repository := in(codeartifact.DomainPolicy), in(codeartifact.RepositoryPolicy)
	switch k {
	case inventory.DomainPolicy:
		return domain
	case inventory.RepositoryPolicy:
		return repository
	}
	return reach{domain.sure.And(repository.sure), domain.maybe.And(repository.maybe)}
}

// reachARNs returns the resources that the policy of a domain or repository
// decides: a domain's covers everything in the domain, a repository's the
// repository and its packages.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html
func reachARNs(id string, k inventory.Kind) glob.Union {
	start, name := cutResource(id)
	set := glob.Union{glob.Literal(id), glob.Compile(start + "package/" + name + "/*")}
	if k == inventory.DomainPolicy {
		set = append(set, glob.Compile(start+"repository/"+name+"/*"), glob.Compile(start+"package-group/"+name+"/*"))
	}
	return set
}

// includesStrangers reports whether the principals of a statement include
// everyone. NotPrincipal includes all but those it names, and strangers are
// named nowhere.
func includesStrangers(s *statement) bool {
	switch c := s.parsed.Principals.(type) {
	case policy.OnlyPrincipals:
		return slices.ContainsFunc(c, everyone)
	case policy.AllButPrincipals:
		return !slices.ContainsFunc(c, everyone)
	}
	return false
}

// everyone reports whether a principal is any AWS principal: "*" or {"AWS": "*"}.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
func everyone(p policy.Principal) bool {
	return p.Text == "*" && (p.Type == policy.Everyone || p.Type == policy.AWS)
}

// accountsIn returns every run of twelve digits in a text: accounts that a
// document names are no strangers.
func accountsIn(text string) []string {
	var out []string
	digits := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] >= '0' && text[i] <= '9' {
			digits++
			continue
		}
		if digits == 12 {
			out = append(out, text[i-12:i])
		}
		digits = 0
	}
	return out
}
