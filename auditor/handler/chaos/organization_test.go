package chaos

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// organization is Organizations: a root with the functions' account, and a unit
// with all others. It tells no paths, so the tree is walked. Of its control
// policies one allows everything, and each of the others stands above one account.
type organization struct {
	*gate
	members *[]inventory.Member
	guards  map[string]string // documents by account
}

// The places of the organization, and the policy that AWS attaches to all of them.
const (
	root         = "r-ab12"
	unit         = "ou-ab12-11111111"
	fullAccess   = "p-FullAWSAccess"
	guardPrefix  = "p-above-"
	anything     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	nothingOfIt  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["codeartifact:*","sts:GetServiceBearerToken"],"Resource":"*"}]}`
	nothingElse  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["codeartifact:*","sts:GetServiceBearerToken"],"Resource":"*"}]}`
	accountsPage = 2
)

func (o organization) DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error) {
	out := &organizations.DescribeOrganizationOutput{Organization: &orgtypes.Organization{Id: aws.String("o-a1b2c3d4e5"), MasterAccountId: aws.String("999988887777")}}
	return out, o.pass("organizations:DescribeOrganization", done, nil)
}

// done is a call that changes nothing.
func done() error { return nil }

func (o organization) ListAccounts(_ context.Context, in *organizations.ListAccountsInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error) {
	out := &organizations.ListAccountsOutput{}
	err := o.pass("organizations:ListAccounts "+aws.ToString(in.NextToken), func() error {
		out.Accounts, out.NextToken = pageOf(o.accounts(func(string) bool { return true }), in.NextToken)
		return nil
	}, nil)
	return out, err
}

func (o organization) accounts(among func(account string) bool) []orgtypes.Account {
	var all []orgtypes.Account
	for _, m := range *o.members {
		if among(m.Account) {
			all = append(all, orgtypes.Account{Id: &m.Account, State: orgtypes.AccountState(m.State)})
		}
	}
	return all
}

// pageOf returns what a page shows of a list, and where the next one begins.
func pageOf(all []orgtypes.Account, after *string) (page []orgtypes.Account, next *string) {
	if after != nil {
		all = all[1+slices.IndexFunc(all, func(a orgtypes.Account) bool { return *a.Id == *after }):]
	}
	if len(all) > accountsPage {
		return all[:accountsPage], all[accountsPage-1].Id
	}
	return all, nil
}

func (o organization) ListRoots(context.Context, *organizations.ListRootsInput, ...func(*organizations.Options)) (*organizations.ListRootsOutput, error) {
	out := &organizations.ListRootsOutput{Roots: []orgtypes.Root{{
		Id: aws.String(root), PolicyTypes: []orgtypes.PolicyTypeSummary{{Type: orgtypes.PolicyTypeServiceControlPolicy, Status: orgtypes.PolicyTypeStatusEnabled}},
	}}}
	return out, o.pass("organizations:ListRoots", done, nil)
}

func (o organization) ListOrganizationalUnitsForParent(_ context.Context, in *organizations.ListOrganizationalUnitsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	out := &organizations.ListOrganizationalUnitsForParentOutput{}
	if *in.ParentId == root {
		out.OrganizationalUnits = []orgtypes.OrganizationalUnit{{Id: aws.String(unit)}}
	}
	return out, o.pass("organizations:ListOrganizationalUnitsForParent "+*in.ParentId, done, nil)
}

func (o organization) ListAccountsForParent(_ context.Context, in *organizations.ListAccountsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error) {
	out := &organizations.ListAccountsForParentOutput{}
	err := o.pass("organizations:ListAccountsForParent "+*in.ParentId, func() error {
		out.Accounts = o.accounts(func(account string) bool { return (account == own) == (*in.ParentId == root) })
		return nil
	}, nil)
	return out, err
}

func (o organization) ListPolicies(context.Context, *organizations.ListPoliciesInput, ...func(*organizations.Options)) (*organizations.ListPoliciesOutput, error) {
	out := &organizations.ListPoliciesOutput{}
	err := o.pass("organizations:ListPolicies", func() error {
		for _, id := range append([]string{fullAccess}, o.above()...) {
			out.Policies = append(out.Policies, summary(id))
		}
		return nil
	}, nil)
	return out, err
}

// above returns the ids of the policies that stand above an account.
func (o organization) above() []string {
	var ids []string
	for _, account := range slices.Sorted(maps.Keys(o.guards)) {
		ids = append(ids, guardPrefix+account)
	}
	return ids
}

func summary(id string) orgtypes.PolicySummary {
	return orgtypes.PolicySummary{Id: &id, Name: &id, Type: orgtypes.PolicyTypeServiceControlPolicy}
}

func (o organization) ListTargetsForPolicy(_ context.Context, in *organizations.ListTargetsForPolicyInput, _ ...func(*organizations.Options)) (*organizations.ListTargetsForPolicyOutput, error) {
	out := &organizations.ListTargetsForPolicyOutput{}
	targets := []string{(*in.PolicyId)[len(guardPrefix):]}
	if *in.PolicyId == fullAccess {
		targets = []string{root, unit}
		for _, m := range *o.members {
			targets = append(targets, m.Account)
		}
	}
	for _, target := range targets {
		out.Targets = append(out.Targets, orgtypes.PolicyTargetSummary{TargetId: &target})
	}
	return out, o.pass("organizations:ListTargetsForPolicy "+*in.PolicyId, done, nil)
}

func (o organization) ListPoliciesForTarget(_ context.Context, in *organizations.ListPoliciesForTargetInput, _ ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error) {
	out := &organizations.ListPoliciesForTargetOutput{Policies: []orgtypes.PolicySummary{summary(fullAccess)}}
	if o.guards[*in.TargetId] != "" {
		out.Policies = append(out.Policies, summary(guardPrefix+*in.TargetId))
	}
	return out, o.pass("organizations:ListPoliciesForTarget "+*in.TargetId, done, nil)
}

func (o organization) DescribePolicy(_ context.Context, in *organizations.DescribePolicyInput, _ ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error) {
	content := anything
	if *in.PolicyId != fullAccess {
		content = o.guards[(*in.PolicyId)[len(guardPrefix):]]
	}
	return &organizations.DescribePolicyOutput{Policy: &orgtypes.Policy{Content: &content}}, o.pass("organizations:DescribePolicy "+*in.PolicyId, done, nil)
}
