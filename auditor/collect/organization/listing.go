package organization

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// WholeClient is what is asked of Organizations about all of an organization.
// DescribeOrganization answers any account, the others the management account
// and delegated administrators; the policies show themselves to a delegated
// administrator only if the organization's resource policy says so.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
type WholeClient interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	ListAccounts(context.Context, *organizations.ListAccountsInput, ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error)
	ListRoots(context.Context, *organizations.ListRootsInput, ...func(*organizations.Options)) (*organizations.ListRootsOutput, error)
	ListOrganizationalUnitsForParent(context.Context, *organizations.ListOrganizationalUnitsForParentInput, ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error)
	ListAccountsForParent(context.Context, *organizations.ListAccountsForParentInput, ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error)
	ListPolicies(context.Context, *organizations.ListPoliciesInput, ...func(*organizations.Options)) (*organizations.ListPoliciesOutput, error)
	ListTargetsForPolicy(context.Context, *organizations.ListTargetsForPolicyInput, ...func(*organizations.Options)) (*organizations.ListTargetsForPolicyOutput, error)
	ListPoliciesForTarget(context.Context, *organizations.ListPoliciesForTargetInput, ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error)
	DescribePolicy(context.Context, *organizations.DescribePolicyInput, ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error)
}

// Whole lists all accounts of an organization and reads its control policies.
type Whole struct{ client WholeClient }

// NewWhole returns a Whole that asks the client.
func NewWhole(client WholeClient) *Whole { return &Whole{client: client} }

// PageSize is the most entries of a page of Organizations.
//
// Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
const PageSize = 20

// errNoAccounts: an organization has at least its management account, so an
// empty list is no answer.
var errNoAccounts = errors.New("no account is listed (expected at least the management account)")

// Accounts lists the accounts of the organization, whatever their state. The
// error says that the list is not whole, so that nobody takes an account for
// gone that was only not listed.
func (w *Whole) Accounts(ctx context.Context) (inventory.Organization, error) {
	out, err := w.client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil {
		return inventory.Organization{}, failed("DescribeOrganization", "", err)
	}
	found := inventory.Organization{
		ID: aws.ToString(out.Organization.Id), Management: aws.ToString(out.Organization.MasterAccountId),
	}
	in := &organizations.ListAccountsInput{MaxResults: aws.Int32(PageSize)}
	err = collect.Paged(func(place *string) (*string, error) {
		in.NextToken = place
		page, err := w.client.ListAccounts(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Accounts {
			if !arn.IsAccountID(aws.ToString(a.Id)) {
				return nil, fmt.Errorf("%q is no account id", aws.ToString(a.Id))
			}
			found.Members = append(found.Members, inventory.Member{Account: *a.Id, State: state(a), Path: path(a)})
		}
		return page.NextToken, nil
	})
	if err == nil && len(found.Members) == 0 {
		err = errNoAccounts
	}
	if err != nil {
		return inventory.Organization{}, failed("ListAccounts", "", err)
	}
	byAccount := func(a, b inventory.Member) int { return cmp.Compare(a.Account, b.Account) }
	slices.SortFunc(found.Members, byAccount)
	found.Members = slices.CompactFunc(found.Members, func(a, b inventory.Member) bool { return a.Account == b.Account })
	return found, nil
}

// state returns the state of an account. Status, its older form, was retired on
// 9 September 2026, and is what there is where State is not told.
//
// Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
func state(a types.Account) string { return cmp.Or(string(a.State), string(a.Status)) }

// placed is what Organizations calls the path of an account, of which the
// account itself may be the end: o-…/r-…/ou-…/ou-…/111122223333/.
//
// Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
var placed = regexp.MustCompile(`^o-[a-z0-9]+/(r-[a-z0-9]+(?:/ou-[a-z0-9]+-[a-z0-9]+)*)(?:/[0-9]{12})?/?$`)

// path returns the root and the units that an account is in, nil where it is
// not told, or not told as one way.
func path(a types.Account) []string {
	if len(a.Paths) != 1 {
		return nil
	}
	way := placed.FindStringSubmatch(a.Paths[0])
	if way == nil {
		return nil
	}
	return strings.Split(way[1], "/")
}

// failed names the call that an error comes from.
func failed(call, of string, err error) error {
	if of != "" {
		call += " of " + of
	}
	return fmt.Errorf("%s: %w", call, err)
}
