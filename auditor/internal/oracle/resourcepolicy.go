package oracle

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// target is the resource of a request taken apart.
type target struct {
	arn.ARN
	kind   string // domain, repository, package, package-group; empty for none of them
	domain string
	name   string // of the repository that the request is about or inside of
}

func (e *evaluation) target() target {
	parsed, err := arn.Parse(e.Resource)
	if err != nil || parsed.Service != "codeartifact" {
		return target{}
	}
	parts := append(strings.SplitN(parsed.Resource, "/", 4), "", "", "")
	t := target{ARN: parsed, kind: parts[0], domain: parts[1]}
	if t.kind == "repository" || t.kind == "package" {
		t.name = parts[2]
	}
	return t
}

// sameAccount reports whether the principal belongs to the account that owns the
// resource: for CodeArtifact the owner of the domain, which ARNs name. An action
// without a resource concerns the caller's own account.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html
func (e *evaluation) sameAccount() bool {
	t := e.target()
	return t.kind == "" || t.Account == e.Principal.account()
}

// administered reports whether the request is about a repository that the
// principal's account created in another account's domain. Identity policies
// are enough there; whether a resource policy alone is, AWS does not say.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html
func (e *evaluation) administered() bool {
	t := e.target()
	if t.name == "" {
		return false
	}
	repository := arn.ARN{Partition: t.Partition, Service: t.Service, Region: t.Region, Account: t.Account, Resource: "repository/" + t.domain + "/" + t.name}
	return e.Administrators[repository.String()] == e.Principal.account()
}

// consulted says whether the policy is evaluated for the request. A domain's is
// for the domain and everything in it, a repository's for the repository and its
// packages; neither for calls about the account; and the one that a call would
// replace is not asked. Of the one that a call would delete, and of calls that
// create what is not there yet, AWS does not say.
//
// Sources: https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html
// and https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html
func (e *evaluation) consulted(q ResourcePolicy) Truth {
	action, known := codeartifact.LookupAction(e.Action)
	if !known || action.Info().Service != "codeartifact" {
		return No
	}
	t := e.target()
	name := action.Info().Name
	if t.kind == "" {
		creates := name == "CreateRepository" || name == "CreatePackageGroup"
		return both(Maybe, truth(creates && q.Kind == inventory.DomainPolicy && len(e.Also) == 0))
	}
	switch q.Kind {
	case inventory.DomainPolicy:
		if !t.in(q.Holder, "domain/"+t.domain) || name == "PutDomainPermissionsPolicy" {
			return No
		}
		if name == "DeleteDomainPermissionsPolicy" {
			return Maybe
		}
		return Yes
	case inventory.RepositoryPolicy:
		replaces := name == "PutRepositoryPermissionsPolicy" || name == "CreateRepository"
		if t.name == "" || replaces || !t.in(q.Holder, "repository/"+t.domain+"/"+t.name) {
			return No
		}
		if name == "DeleteRepositoryPermissionsPolicy" {
			return Maybe
		}
		return Yes
	}
	return No
}

// doubtful reports whether AWS does not say of some policy whether it is evaluated.
func (e *evaluation) doubtful() bool {
	return slices.ContainsFunc(e.ResourcePolicies, func(q ResourcePolicy) bool { return e.consulted(q) == Maybe })
}

// evaluated says whether the policy is evaluated, under the answer that is tried
// where AWS does not say.
func (e *evaluation) evaluated(q ResourcePolicy) Truth {
	if asked := e.consulted(q); asked != Maybe {
		return asked
	}
	return e.asked
}

// in reports whether holder is the given resource of the target's account.
func (t target) in(holder, resource string) bool {
	if holder == "" {
		return true
	}
	t.Resource = resource
	return t.ARN.String() == holder
}

// grants is what the resource policies allow, by the way in which they name the
// principal.
type grants struct{ user, session, role, account, everyone Truth }

// any is what the policies allow the principal however they name it, which is
// what counts across accounts.
func (g grants) any() Truth {
	return slices.Max([]Truth{g.user, g.session, g.role, g.account, g.everyone})
}

// unread reports whether the policies that decide the request are not known.
func (e *evaluation) unread() bool {
	t := e.target()
	for _, q := range e.ResourcePolicies {
		if q.Kind == inventory.DomainPolicy && t.in(q.Holder, "domain/"+t.domain) {
			return false
		}
	}
	return e.Unread && !e.sameAccount()
}

func (e *evaluation) resourcePoliciesAllow() grants {
	all := grants{No, No, No, No, No}
	if e.unread() {
		all.everyone = Maybe
	}
	for _, q := range e.ResourcePolicies {
		asked := e.evaluated(q)
		for i := range q.Document.Statements {
			s := &q.Document.Statements[i]
			if s.Effect != policy.Allow || asked == No {
				continue
			}
			matches := both(asked, e.matches(q.Document, s))
			named := e.named(s.Principals, false)
			all.user = either(all.user, both(matches, named.user))
			all.session = either(all.session, both(matches, named.session))
			all.role = either(all.role, both(matches, named.role))
			all.account = either(all.account, both(matches, named.account))
			all.everyone = either(all.everyone, both(matches, named.everyone))
		}
	}
	all.user = e.settled(all.user, "resource policy: user")
	all.session = e.settled(all.session, "resource policy: session")
	all.role = e.settled(all.role, "resource policy: role")
	all.account = e.settled(all.account, "resource policy: account")
	all.everyone = e.settled(all.everyone, "resource policy: everyone")
	return all
}

// withinAccount is what resource policies add inside the account: one that names
// a user or a role session grants by itself, one that names a role is limited by
// the boundary and the session policies, and one that names the account leaves
// it to the identity policies. For "*" the effect of those filters is not said.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func (e *evaluation) withinAccount(g grants) Truth {
	filters := e.filtersAllow()
	direct := either(g.user, g.session)
	return either(direct, either(both(g.role, filters), both(g.everyone, either(Maybe, filters))))
}

func (e *evaluation) resourcePolicyDenies(q ResourcePolicy) Truth {
	denied := No
	asked := e.evaluated(q)
	for i := range q.Document.Statements {
		s := &q.Document.Statements[i]
		if s.Effect == policy.Deny && asked != No {
			denied = either(denied, both(asked, both(e.named(s.Principals, true).any(), e.matches(q.Document, s))))
		}
	}
	return denied
}
