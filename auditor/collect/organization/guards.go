package organization

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// The two policies that AWS owns and attaches to every root, unit and account.
// The second cannot be detached, so nobody needs to ask where it is; the first
// can be replaced, but never without another SCP in its place.
//
// Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html,
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
const (
	fullAccess         = "p-FullAWSAccess"
	fullResourceAccess = "p-RCPFullAWSAccess"
)

// kinds are the control policies: what Organizations and what we call them.
var kinds = []struct {
	word types.PolicyType
	kind inventory.Kind
}{
	{types.PolicyTypeServiceControlPolicy, inventory.SCP},
	{types.PolicyTypeResourceControlPolicy, inventory.RCP},
}

// Guards returns the organization with its control policies and, for each
// member, those from the root down to it. A member without a known place in the
// tree has none. The error says what could not be read; then nothing is known
// of any policy.
//
// It asks what each policy is attached to, not what each account has: a policy
// stands above many accounts, and the list of accounts is long.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (w *Whole) Guards(ctx context.Context, of inventory.Organization) (inventory.Organization, error) {
	of.Members, of.Policies = slices.Clone(of.Members), []inventory.ControlPolicy{}
	root, enabled, err := w.root(ctx)
	if err != nil {
		return of, err
	}
	if err := w.paths(ctx, root, of.Members); err != nil {
		return of, err
	}
	g := guarding{Whole: w, at: map[string][]string{}, policies: map[string]inventory.ControlPolicy{}}
	for _, k := range kinds {
		if !enabled[k.word] {
			continue
		}
		if err := g.attach(ctx, k.word, k.kind, places(of)); err != nil {
			return of, err
		}
	}
	for i := range of.Members {
		of.Members[i].Guards = g.above(of.Members[i], of.Management)
	}
	of.Policies, err = g.contents(ctx, of.Members)
	return of, err
}

// root returns the root and the kinds of policies that are enabled in it.
func (w *Whole) root(ctx context.Context) (string, map[types.PolicyType]bool, error) {
	out, err := w.client.ListRoots(ctx, &organizations.ListRootsInput{})
	if err == nil && len(out.Roots) != 1 {
		err = fmt.Errorf("%d roots (expected one)", len(out.Roots))
	}
	if err != nil {
		return "", nil, failed("ListRoots", "", err)
	}
	enabled := map[types.PolicyType]bool{}
	for _, kind := range out.Roots[0].PolicyTypes {
		enabled[kind.Type] = kind.Status == types.PolicyTypeStatusEnabled
	}
	return aws.ToString(out.Roots[0].Id), enabled, nil
}

// places returns all that a policy can be attached to and still reach a member,
// sorted.
func places(of inventory.Organization) []string {
	all := map[string]bool{}
	for _, m := range of.Members {
		if m.Path == nil || m.Account == of.Management {
			continue
		}
		all[m.Account] = true
		for _, place := range m.Path {
			all[place] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// guarding is what is known of policies and what they are attached to.
type guarding struct {
	*Whole
	at       map[string][]string // policy ids by root, unit or account
	policies map[string]inventory.ControlPolicy
}

// attach learns where the policies of one kind are.
func (g *guarding) attach(ctx context.Context, word types.PolicyType, kind inventory.Kind, places []string) error {
	in := &organizations.ListPoliciesInput{Filter: word, MaxResults: aws.Int32(PageSize)}
	var found []string
	err := collect.Paged(func(place *string) (*string, error) {
		in.NextToken = place
		page, err := g.client.ListPolicies(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Policies {
			id := aws.ToString(p.Id)
			g.policies[id] = inventory.ControlPolicy{ID: id, Name: aws.ToString(p.Name), Kind: kind}
			found = append(found, id)
		}
		return page.NextToken, nil
	})
	if err != nil {
		return failed("ListPolicies", string(word), err)
	}
	occupied := map[string]bool{}
	for _, id := range found {
		switch id {
		case fullAccess: // after all others
		case fullResourceAccess:
			g.everywhere(id, places)
		default:
			targets, err := g.targets(ctx, id)
			if err != nil {
				return err
			}
			for _, target := range targets {
				occupied[target] = true
			}
			g.everywhere(id, targets)
		}
	}
	if slices.Contains(found, fullAccess) {
		return g.attachFullAccess(ctx, places, occupied)
	}
	return nil
}

func (g *guarding) everywhere(id string, places []string) {
	for _, place := range places {
		g.at[place] = append(g.at[place], id)
	}
}

// targets returns what a policy is attached to.
func (g *guarding) targets(ctx context.Context, id string) ([]string, error) {
	in := &organizations.ListTargetsForPolicyInput{PolicyId: aws.String(id), MaxResults: aws.Int32(PageSize)}
	var found []string
	err := collect.Paged(func(place *string) (*string, error) {
		in.NextToken = place
		page, err := g.client.ListTargetsForPolicy(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, target := range page.Targets {
			found = append(found, aws.ToString(target.TargetId))
		}
		return page.NextToken, nil
	})
	if err != nil {
		return nil, failed("ListTargetsForPolicy", id, err)
	}
	return found, nil
}

// attachFullAccess learns where FullAWSAccess is, which is nearly everywhere, so
// that to list it costs as much as to list the accounts. What has no other SCP
// has this one, since one must be attached; what has another is asked, unless
// there are so many that the list is shorter.
func (g *guarding) attachFullAccess(ctx context.Context, places []string, occupied map[string]bool) error {
	var free, open []string
	for _, place := range places {
		if occupied[place] {
			open = append(open, place)
		} else {
			free = append(free, place)
		}
	}
	if len(open) > len(places)/PageSize+1 {
		targets, err := g.targets(ctx, fullAccess)
		g.everywhere(fullAccess, targets)
		return err
	}
	g.everywhere(fullAccess, free)
	for _, place := range open {
		has, err := g.hasFullAccess(ctx, place)
		if err != nil {
			return err
		}
		if has {
			g.everywhere(fullAccess, []string{place})
		}
	}
	return nil
}

func (g *guarding) hasFullAccess(ctx context.Context, target string) (bool, error) {
	in := &organizations.ListPoliciesForTargetInput{
		TargetId: aws.String(target), Filter: types.PolicyTypeServiceControlPolicy, MaxResults: aws.Int32(PageSize),
	}
	has := false
	err := collect.Paged(func(place *string) (*string, error) {
		in.NextToken = place
		page, err := g.client.ListPoliciesForTarget(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Policies {
			has = has || aws.ToString(p.Id) == fullAccess
		}
		return page.NextToken, nil
	})
	if err != nil {
		return false, failed("ListPoliciesForTarget", target, err)
	}
	return has, nil
}

// above returns the policies from the root down to a member: none above the
// management account, and nil where its place is not known.
func (g *guarding) above(m inventory.Member, management string) [][]string {
	if m.Account == management {
		return [][]string{}
	}
	if m.Path == nil {
		return nil
	}
	levels := make([][]string, 0, len(m.Path)+1)
	for _, place := range append(slices.Clone(m.Path), m.Account) {
		level := slices.Clone(g.at[place])
		slices.Sort(level)
		levels = append(levels, slices.Compact(level))
	}
	return levels
}

// contents reads the policies that stand above any member.
func (g *guarding) contents(ctx context.Context, members []inventory.Member) ([]inventory.ControlPolicy, error) {
	read := map[string]bool{}
	all := []inventory.ControlPolicy{}
	for _, m := range members {
		for _, id := range slices.Concat(m.Guards...) {
			if read[id] {
				continue
			}
			read[id] = true
			out, err := g.client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: aws.String(id)})
			if err == nil && (out.Policy == nil || out.Policy.Content == nil) {
				err = collect.ErrNoContent
			}
			if err != nil {
				return nil, failed("DescribePolicy", id, err)
			}
			policy := g.policies[id]
			policy.Content = *out.Policy.Content
			all = append(all, policy)
		}
	}
	slices.SortFunc(all, func(a, b inventory.ControlPolicy) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}
