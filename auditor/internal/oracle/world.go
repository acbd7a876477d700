package oracle

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// World is every policy that decides the requests of one principal.
type World struct {
	// Identity are the policies of the principal and of its groups.
	Identity []*policy.Document
	// Boundary is the permissions boundary, nil for none.
	Boundary *policy.Document
	// Session are the policies passed when the session began, nil for none.
	Session []*policy.Document
	// SCPs are the service control policies that reach the principal's account,
	// one list a level from the root down; a level without any is left out.
	SCPs [][]*policy.Document
	// Management says that the account is the organization's management account.
	Management bool
	// ResourcePolicies are those of domains and repositories.
	ResourcePolicies []ResourcePolicy
	// Unread says that of domains of other accounts only those are known that
	// have a policy in ResourcePolicies: what others allow is not known.
	Unread bool
	// Trust is the trust policy of the role that the request is to assume, nil where
	// it is no such request. RCPs are the resource control policies over the
	// role's account; of other requests they are not asked.
	Trust *policy.Document
	RCPs  []*policy.Document
	// Administrators says which account created a repository, by the
	// repository's ARN, where that is not the owner of its domain.
	Administrators map[string]string
}

// ResourcePolicy is the policy of a domain or repository.
type ResourcePolicy struct {
	Kind inventory.Kind // DomainPolicy or RepositoryPolicy
	// Holder is the ARN of the domain or repository. Empty means that it is not
	// known whose the policy is: it is then taken for that of whatever the
	// request is about.
	Holder   string
	Document *policy.Document
}
