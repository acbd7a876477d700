package organization_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
)

const management = "999988887777"

// fake is an organization as its management account sees it, in pages of 20. It
// counts its calls, and any of them can go wrong.
type fake struct {
	accounts []string
	states   map[string]types.AccountState // of those that are not active
	parents  map[string]string             // of units and accounts
	children map[string][]string           // made of parents when first asked for
	attached map[string][]string           // policy ids by root, unit and account
	rcps     map[string]bool               // which of them are resource control policies
	tells    bool                          // ListAccounts tells the paths
	disabled bool                          // no kind of control policy is enabled

	calls map[string]int
	fault func(call string) error
	// loop makes ListAccounts lead in a circle.
	loop bool
}

const root = "r-ab12"

// organizationOf has n accounts in so many units below the root, and the policies
// that AWS attaches everywhere.
func organizationOf(n, units int) *fake {
	f := &fake{
		accounts: []string{management}, states: map[string]types.AccountState{}, tells: true,
		parents: map[string]string{management: root}, attached: map[string][]string{}, rcps: map[string]bool{"p-RCPFullAWSAccess": true},
	}
	for i := range units {
		parent := root
		if i >= 4 {
			parent = unit(i / 4)
		}
		f.parents[unit(i)] = parent
	}
	for i := 1; i < n; i++ {
		account := fmt.Sprintf("1%011d", i)
		f.accounts = append(f.accounts, account)
		f.parents[account] = root
		if units > 0 {
			f.parents[account] = unit(i % units)
		}
	}
	f.attach("p-FullAWSAccess", root)
	f.attach("p-RCPFullAWSAccess", root)
	for _, place := range slices.Sorted(maps.Keys(f.parents)) {
		f.attach("p-FullAWSAccess", place)
		f.attach("p-RCPFullAWSAccess", place)
	}
	return f
}

func unit(i int) string { return fmt.Sprintf("ou-ab12-%08d", i) }

func (f *fake) attach(policy, to string) {
	if !slices.Contains(f.attached[to], policy) {
		f.attached[to] = append(f.attached[to], policy)
	}
}

func (f *fake) detach(policy, from string) {
	f.attached[from] = slices.DeleteFunc(slices.Clone(f.attached[from]), func(p string) bool { return p == policy })
}

func (f *fake) called(name string) error {
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[name]++
	if f.fault == nil {
		return nil
	}
	return f.fault(name)
}

func denied() error {
	return &smithy.OperationError{ServiceID: "Organizations", Err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "You don't have permissions to access this resource."}}
}

// page returns the part of a list that a page shows and the place of the next.
func page[T any](all []T, token *string) ([]T, *string) {
	from, _ := strconv.Atoi(strings.TrimPrefix(aws.ToString(token), "from-"))
	if to := from + 20; to < len(all) {
		return all[from:to], aws.String("from-" + strconv.Itoa(to))
	}
	return all[from:], nil
}

func (f *fake) path(account string) string {
	way := ""
	for at := f.parents[account]; at != ""; at = f.parents[at] {
		way = at + "/" + way
	}
	return "o-a1b2c3d4e5/" + way + account + "/"
}

func (f *fake) account(id string) types.Account {
	a := types.Account{Id: aws.String(id), State: types.AccountStateActive}
	if state, other := f.states[id]; other {
		a.State = state
	}
	if f.tells {
		a.Paths = []string{f.path(id)}
	}
	return a
}

func (f *fake) DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error) {
	return &organizations.DescribeOrganizationOutput{Organization: &types.Organization{Id: aws.String("o-a1b2c3d4e5"), MasterAccountId: aws.String(management)}}, f.called("DescribeOrganization")
}

func (f *fake) ListAccounts(_ context.Context, in *organizations.ListAccountsInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsOutput, error) {
	out := &organizations.ListAccountsOutput{}
	ids, next := page(f.accounts, in.NextToken)
	for _, id := range ids {
		out.Accounts = append(out.Accounts, f.account(id))
	}
	out.NextToken = next
	if f.loop && out.NextToken == nil {
		out.NextToken = aws.String("from-20")
	}
	return out, f.called("ListAccounts")
}

func (f *fake) ListRoots(context.Context, *organizations.ListRootsInput, ...func(*organizations.Options)) (*organizations.ListRootsOutput, error) {
	r := types.Root{Id: aws.String(root)}
	if !f.disabled {
		r.PolicyTypes = []types.PolicyTypeSummary{
			{Type: types.PolicyTypeServiceControlPolicy, Status: types.PolicyTypeStatusEnabled},
			{Type: types.PolicyTypeResourceControlPolicy, Status: types.PolicyTypeStatusEnabled},
			{Type: types.PolicyTypeTagPolicy, Status: types.PolicyTypeStatusEnabled},
		}
	}
	return &organizations.ListRootsOutput{Roots: []types.Root{r}}, f.called("ListRoots")
}

func (f *fake) below(parent string, units bool) []string {
	if f.children == nil {
		f.children = map[string][]string{}
		for _, child := range slices.Sorted(maps.Keys(f.parents)) {
			f.children[f.parents[child]] = append(f.children[f.parents[child]], child)
		}
	}
	var found []string
	for _, child := range f.children[parent] {
		if strings.HasPrefix(child, "ou-") == units {
			found = append(found, child)
		}
	}
	return found
}

func (f *fake) ListOrganizationalUnitsForParent(_ context.Context, in *organizations.ListOrganizationalUnitsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	var all []types.OrganizationalUnit
	for _, id := range f.below(*in.ParentId, true) {
		all = append(all, types.OrganizationalUnit{Id: aws.String(id)})
	}
	out := &organizations.ListOrganizationalUnitsForParentOutput{}
	out.OrganizationalUnits, out.NextToken = page(all, in.NextToken)
	return out, f.called("ListOrganizationalUnitsForParent")
}

func (f *fake) ListAccountsForParent(_ context.Context, in *organizations.ListAccountsForParentInput, _ ...func(*organizations.Options)) (*organizations.ListAccountsForParentOutput, error) {
	var all []types.Account
	for _, id := range f.below(*in.ParentId, false) {
		all = append(all, f.account(id))
	}
	out := &organizations.ListAccountsForParentOutput{}
	out.Accounts, out.NextToken = page(all, in.NextToken)
	return out, f.called("ListAccountsForParent")
}

func (f *fake) kind(policy string) types.PolicyType {
	if f.rcps[policy] {
		return types.PolicyTypeResourceControlPolicy
	}
	return types.PolicyTypeServiceControlPolicy
}

func (f *fake) summaries(ids []string, kind types.PolicyType) []types.PolicySummary {
	var all []types.PolicySummary
	for _, id := range ids {
		if f.kind(id) == kind {
			all = append(all, types.PolicySummary{Id: aws.String(id), Name: aws.String("name of " + id), Type: kind})
		}
	}
	return all
}

func (f *fake) ListPolicies(_ context.Context, in *organizations.ListPoliciesInput, _ ...func(*organizations.Options)) (*organizations.ListPoliciesOutput, error) {
	ids := map[string]bool{}
	for _, list := range f.attached {
		for _, id := range list {
			ids[id] = true
		}
	}
	out := &organizations.ListPoliciesOutput{}
	out.Policies, out.NextToken = page(f.summaries(slices.Sorted(maps.Keys(ids)), in.Filter), in.NextToken)
	return out, f.called("ListPolicies")
}

func (f *fake) ListTargetsForPolicy(_ context.Context, in *organizations.ListTargetsForPolicyInput, _ ...func(*organizations.Options)) (*organizations.ListTargetsForPolicyOutput, error) {
	var all []types.PolicyTargetSummary
	for place, policies := range f.attached {
		if slices.Contains(policies, *in.PolicyId) {
			all = append(all, types.PolicyTargetSummary{TargetId: aws.String(place)})
		}
	}
	slices.SortFunc(all, func(a, b types.PolicyTargetSummary) int { return strings.Compare(*a.TargetId, *b.TargetId) })
	out := &organizations.ListTargetsForPolicyOutput{}
	out.Targets, out.NextToken = page(all, in.NextToken)
	return out, f.called("ListTargetsForPolicy")
}

func (f *fake) ListPoliciesForTarget(_ context.Context, in *organizations.ListPoliciesForTargetInput, _ ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error) {
	out := &organizations.ListPoliciesForTargetOutput{}
	out.Policies, out.NextToken = page(f.summaries(f.attached[*in.TargetId], in.Filter), in.NextToken)
	return out, f.called("ListPoliciesForTarget")
}

func (f *fake) ListParents(_ context.Context, in *organizations.ListParentsInput, _ ...func(*organizations.Options)) (*organizations.ListParentsOutput, error) {
	return &organizations.ListParentsOutput{Parents: []types.Parent{{Id: aws.String(f.parents[*in.ChildId])}}}, f.called("ListParents")
}

func (f *fake) DescribePolicy(_ context.Context, in *organizations.DescribePolicyInput, _ ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error) {
	content := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Sid":%q,"Effect":"Allow","Action":"*","Resource":"*"}}`, *in.PolicyId)
	return &organizations.DescribePolicyOutput{Policy: &types.Policy{Content: aws.String(content)}}, f.called("DescribePolicy")
}
