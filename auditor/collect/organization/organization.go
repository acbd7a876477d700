// Package organization reads what an organization lets its accounts do. It is
// apart from collect, so that who does not ask does not carry the client.
package organization

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Client is what is asked of Organizations. DescribeOrganization
// answers any account, the others the management account and delegated
// administrators alone.
type Client interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	ListParents(context.Context, *organizations.ListParentsInput, ...func(*organizations.Options)) (*organizations.ListParentsOutput, error)
	ListPoliciesForTarget(context.Context, *organizations.ListPoliciesForTargetInput, ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error)
	DescribePolicy(context.Context, *organizations.DescribePolicyInput, ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error)
}

// Reader reads the organization of accounts. Control policies are read once.
type Reader struct {
	client    Client
	known     map[string]inventory.Guard // by policy id
	documents inventory.Documents
}

// New returns a reader that asks the client. It is for one goroutine.
func New(client Client) *Reader {
	return &Reader{client: client, known: map[string]inventory.Guard{}}
}

// Read returns the organization's id and the control policies from its root down
// to the account; saw is told of each page. An account without an organization,
// and the management account, have no guards, which is an empty list; of one
// whose guards could not be read they are nil, and the failure says why.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (r *Reader) Read(ctx context.Context, account string, saw func(call string, entities int)) (collect.Organization, *collect.Failure) {
	o := climb{Reader: r, saw: saw}
	o.read(ctx, account)
	return o.found, o.failure
}

// climb is one way from an account up to the root.
type climb struct {
	*Reader
	saw     func(call string, entities int)
	found   collect.Organization
	failure *collect.Failure
}

func (o *climb) fail(call, of string, err error) {
	o.failure = &collect.Failure{Call: call, Of: of, Err: err}
}

func (o *climb) read(ctx context.Context, account string) {
	out, err := o.client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	switch {
	case collect.IsCode(err, "AWSOrganizationsNotInUseException"):
		o.found.Guards = [][]inventory.Guard{} // no organization, no guards
		return
	case err != nil:
		o.fail("DescribeOrganization", "", err)
		return
	}
	o.saw("DescribeOrganization", 1)
	o.found.ID = aws.ToString(out.Organization.Id)
	if aws.ToString(out.Organization.MasterAccountId) == account {
		o.found.Guards = [][]inventory.Guard{} // control policies do not reach the management account
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
	o.found.Guards = levels
}

// parent returns what an account or unit is in.
func (o *climb) parent(ctx context.Context, child string) (string, bool) {
	out, err := o.client.ListParents(ctx, &organizations.ListParentsInput{ChildId: aws.String(child)})
	if err == nil && len(out.Parents) != 1 {
		err = collect.ErrNoNewPlace
	}
	if err != nil {
		o.fail("ListParents", child, err)
		return "", false
	}
	o.saw("ListParents", 1)
	return aws.ToString(out.Parents[0].Id), true
}

// attached returns the control policies attached to the root, a unit or an account.
func (o *climb) attached(ctx context.Context, target string) ([]inventory.Guard, bool) {
	level := []inventory.Guard{}
	for _, kind := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		in := &organizations.ListPoliciesForTargetInput{TargetId: aws.String(target), Filter: kind}
		var found []types.PolicySummary
		err := collect.Paged(func(token *string) (*string, error) {
			in.NextToken = token
			page, err := o.client.ListPoliciesForTarget(ctx, in)
			if err != nil {
				return nil, err
			}
			o.saw("ListPoliciesForTarget", len(page.Policies))
			found = append(found, page.Policies...)
			return page.NextToken, nil
		})
		if collect.IsCode(err, "PolicyTypeNotEnabledException") {
			continue // no policies of the kind
		}
		if err != nil {
			o.fail("ListPoliciesForTarget", target, err)
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
func (o *climb) policy(ctx context.Context, of types.PolicySummary) (inventory.Guard, bool) {
	id := aws.ToString(of.Id)
	if known, ok := o.known[id]; ok {
		return known, true
	}
	out, err := o.client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: of.Id})
	if err == nil && (out.Policy == nil || out.Policy.Content == nil) {
		err = collect.ErrNoContent
	}
	if err != nil {
		o.fail("DescribePolicy", id, err)
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
