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
	return x.outsider(q, a, newStranger(x.organizationOf(a), x.named(q, a)))
}

// Member returns what a resource policy allows a principal of an account of our
// organization that nobody has named; nil when the organization is not known, or
// the policy is no resource policy.
func (w *World) Member(q *Policy) *Profile {
	x := w.access
	if !q.alone.caller.stranger || w.Organization() == "" {
		return nil
	}
	return x.outsider(q.Policy, w.account, newMember(w.Organization(), x.named(q.Policy, w.account)))
}

// From returns what a resource policy allows the principals of another account,
// trusted or not, whose own policies allow everything; nil when the policy is no
// resource policy. Of their organization nothing is known.
func (w *World) From(q *Policy, account string) *Profile {
	if !q.alone.caller.stranger {
		return nil
	}
	return w.access.outsider(q.Policy, w.account, newOutsider(account, "outsider"))
}

// named are the accounts that are no strangers to a policy.
func (x *Access) named(q inventory.Policy, a *inventory.Account) []string {
	return slices.Concat(x.trusted, []string{a.ID}, accountsIn(q.Document.Text))
}

func (x *Access) organizationOf(a *inventory.Account) string {
	if x.organization != "" {
		return x.organization
	}
	return a.Organization
}

// outsider returns what a resource policy allows a synthetic caller of another
// account.
func (x *Access) outsider(q inventory.Policy, a *inventory.Account, c *Caller) *Profile {
	profile := &Profile{access: x, caller: c, confined: &q, purse: x.purse(q.Document)}
	c.visits(x.organizationOf(a), a.ID)
	s := x.source(q, c, reachOf(q.Kind))
	compiled := *s.program
	compiled.statements = nil
	for _, st := range s.program.statements {
		if st = c.spokenOf(st); st != nil {
			compiled.statements = append(compiled.statements, st)
		}
	}
	profile.add(&source{x, q, &compiled}, &profile.allows)
	x.neighbours(profile, q, a)
	profile.rcps = x.controls(a, c)
	if q.Account != "" {
		profile.reach = []literal{{&test{kind: texts, set: reachARNs(q.ID, q.Kind)}, true}}
	} else if a.ID != "" {
		profile.reach = []literal{{&test{kind: texts, set: glob.Union{glob.Compile("arn:aws:codeartifact:*:" + a.ID + ":*")}}, true}}
	}
	return profile
}

// spokenOf returns a statement of a resource policy as far as it speaks of a
// synthetic caller: all of it when it names everyone or the caller's account; for
// the users and roles alone that it names by ARN; nil when it names none.
func (c *Caller) spokenOf(st *statement) *statement {
	var account, session bool
	users, roles := glob.Union{}, glob.Union{}
	for _, p := range policy.Principals(st.parsed.Principals) {
		switch {
		case everyone(p):
			if _, not := st.parsed.Principals.(policy.AllButPrincipals); not {
				return nil
			}
			return st
		case p.Type != policy.AWS:
		case p.Text == c.session && p.Text != "":
			session = true
		case p.Text == c.Account || strings.HasSuffix(p.Text, "::"+c.Account+":root"):
			account = true
		case strings.HasPrefix(p.Text, "arn:aws:iam::"+c.Account+":user/"):
			users = append(users, glob.Literal(p.Text))
		case strings.HasPrefix(p.Text, "arn:aws:iam::"+c.Account+":"):
			roles = append(roles, glob.Literal(p.Text))
		}
	}
	switch st.parsed.Principals.(type) {
	case policy.OnlyPrincipals:
		return limitedTo(st, session || account && !(c.home && st.allow), slices.Concat(users, roles))
	case policy.AllButPrincipals:
		return sparing(st, account, session, users, roles)
	}
	return nil
}

// limitedTo returns a statement that names all of the caller, or principals of its
// account.
func limitedTo(st *statement, all bool, named glob.Union) *statement {
	switch {
	case all:
		return st
	case len(named) == 0:
		return nil
	}
	byARN := literal{&test{dim: "aws:principalarn", kind: texts, set: named}, true}
	limited := *st
	limited.sure = append(slices.Clone(st.sure), byARN)
	limited.maybe = append(slices.Clone(st.maybe), byARN)
	return &limited
}

// sparing returns a statement about all but those it lists. A user that is listed
// with its account is spared, a session with its role and account; of one without
// the others AWS does not say.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func sparing(st *statement, account, session bool, users, roles glob.Union) *statement {
	but := func(list []literal, arns glob.Union) []literal {
		if len(arns) == 0 {
			return list
		}
		return append(slices.Clone(list), literal{&test{dim: "aws:principalarn", kind: texts, set: arns}, false})
	}
	limited := *st
	switch {
	case session && account:
		limited.certain, limited.maybe = false, but(st.maybe, roles)
	case session:
		limited.certain = false
	case account:
		limited.certain, limited.maybe = false, but(st.maybe, users)
	default:
		limited.sure = but(st.sure, slices.Concat(users, roles))
	}
	return &limited
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
			if st = profile.caller.spokenOf(st); st == nil || st.allow {
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
