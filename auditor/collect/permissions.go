package collect

import _ "embed"

// Permissions is the identity policy that a collector needs, and no more: JSON,
// to be attached to whoever reads. Without the last statement the organization's
// policies are assumed to allow everything.
//
//go:embed permissions.json
var Permissions string

// Call is an API operation that a collector makes, and how often.
type Call struct {
	Action string // as policies name it: "iam:GetAccountAuthorizationDetails"
	Times  string
}

// Calls are the calls of one account, in the order in which they are made.
func Calls() []Call {
	return []Call{
		{"sts:GetCallerIdentity", "once"},
		{"iam:GetAccountAuthorizationDetails", "once for 1000 users, groups, roles and policies"},
		{"iam:GetPolicy", "once for each permissions boundary that is attached to nobody"},
		{"iam:GetPolicyVersion", "once for each of these"},
		{"codeartifact:ListDomains", "once for 1000 domains of a Region"},
		{"codeartifact:ListRepositories", "once for 1000 repositories of a Region"},
		{"codeartifact:ListRepositoriesInDomain", "once for 1000 repositories of a domain"},
		{"codeartifact:GetDomainPermissionsPolicy", "once for each domain"},
		{"codeartifact:GetRepositoryPermissionsPolicy", "once for each repository"},
		{"organizations:DescribeOrganization", "once"},
		{"organizations:ListPoliciesForTarget", "twice for the account and for each unit above it"},
		{"organizations:DescribePolicy", "once for each control policy"},
		{"organizations:ListParents", "once for the account and for each unit above it"},
	}
}
