package collect

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// OrganizationsClient is what is asked of Organizations. DescribeOrganization
// answers any account, the others the management account and delegated
// administrators alone.
type OrganizationsClient interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	ListParents(context.Context, *organizations.ListParentsInput, ...func(*organizations.Options)) (*organizations.ListParentsOutput, error)
	ListPoliciesForTarget(context.Context, *organizations.ListPoliciesForTargetInput, ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error)
	DescribePolicy(context.Context, *organizations.DescribePolicyInput, ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error)
}

// readOrganization reads the organization's id and the control policies from
// its root down to the account. What the account may not see of it is denied,
// and then assumed to allow everything: it could only narrow.
func (a *Account) readOrganization(ctx context.Context, account string) part {
	o := organization{client: a.clients.Organizations, known: map[string]inventory.Guard{}, saw: func(call string, entities int) {
		a.saw(Progress{Account: account, Source: sourceOrganizations, Call: call, Entities: entities})
	}}
	o.scope = inventory.Scope{Source: sourceOrganizations}
	o.read(ctx, account)
	return o.part
}

type organization struct {
	client    OrganizationsClient
	saw       func(call string, entities int)
	known     map[string]inventory.Guard // by policy id
	documents inventory.Documents
	part
}

func (o *organization) read(ctx context.Context, account string) {
	out, err := o.client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	switch {
	case isCode(err, "AWSOrganizationsNotInUseException"):
		o.Guards = [][]inventory.Guard{} // no organization, no guards
		return
	case err != nil:
		o.failures.add("DescribeOrganization", "", err)
		return
	}
	o.saw("DescribeOrganization", 1)
	o.Organization = aws.ToString(out.Organization.Id)
	if aws.ToString(out.Organization.MasterAccountId) == account {
		o.Guards = [][]inventory.Guard{} // control policies do not reach the management account
		return
	}
	levels := [][]inventory.Guard{}
	for target := account; target != ""; {
		level, ok := o.attached(ctx, target)
		if !ok {
			return
		}
		levels = append(levels, level)
		if strings.HasPrefix(target, "r-") {
			break
		}
		if target, ok = o.parent(ctx, target); !ok {
			return
		}
	}
	slices.Reverse(levels)
	o.Guards = levels
}

// parent returns what an account or unit is in.
func (o *organization) parent(ctx context.Context, child string) (string, bool) {
	out, err := o.client.ListParents(ctx, &organizations.ListParentsInput{ChildId: aws.String(child)})
	if err == nil && len(out.Parents) != 1 {
		err = errNoNewPlace
	}
	if err != nil {
		o.failures.add("ListParents", child, err)
		return "", false
	}
	o.saw("ListParents", 1)
	return aws.ToString(out.Parents[0].Id), true
}

// attached returns the control policies attached to the root, a unit or an account.
func (o *organization) attached(ctx context.Context, target string) ([]inventory.Guard, bool) {
	level := []inventory.Guard{}
	for _, kind := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		in := &organizations.ListPoliciesForTargetInput{TargetId: aws.String(target), Filter: kind}
		var found []types.PolicySummary
		err := paged(func(token *string) (*string, error) {
			in.NextToken = token
			page, err := o.client.ListPoliciesForTarget(ctx, in)
			if err != nil {
				return nil, err
			}
			o.saw("ListPoliciesForTarget", len(page.Policies))
			found = append(found, page.Policies...)
			return page.NextToken, nil
		})
		if isCode(err, "PolicyTypeNotEnabledException") {
			continue // no policies of the kind
		}
		if err != nil {
			o.failures.add("ListPoliciesForTarget", target, err)
			return nil, false
		}
		for _, policy := range found {
			guard, ok := o.policy(ctx, policy)
			if !ok {
				return nil, false
			}
			level = append(level, guard)
		}
	}
	return level, true
}

// policy reads a control policy, once.
func (o *organization) policy(ctx context.Context, of types.PolicySummary) (inventory.Guard, bool) {
	id := aws.ToString(of.Id)
	if known, ok := o.known[id]; ok {
		return known, true
	}
	out, err := o.client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: of.Id})
	if err == nil && (out.Policy == nil || out.Policy.Content == nil) {
		err = errNoContent
	}
	if err != nil {
		o.failures.add("DescribePolicy", id, err)
		return inventory.Guard{}, false
	}
	o.saw("DescribePolicy", 1)
	guard := inventory.Guard{Name: aws.ToString(of.Name), Kind: inventory.SCP, Document: o.documents.Intern(*out.Policy.Content)}
	if of.Type == types.PolicyTypeResourceControlPolicy {
		guard.Kind = inventory.RCP
	}
	o.known[id] = guard
	return guard, true
}
