package organization

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// paths tells each member its path. ListAccounts tells it with the account
// where Organizations knows paths; else the tree is walked, which costs two
// calls a unit, and one for each 20 accounts.
func (w *Whole) paths(ctx context.Context, root string, members []inventory.Member) error {
	if !slices.ContainsFunc(members, func(m inventory.Member) bool { return m.Path == nil }) {
		return nil
	}
	tree := walk{Whole: w, paths: map[string][]string{}}
	if err := tree.down(ctx, []string{root}); err != nil {
		return err
	}
	for i := range members {
		// An account that moved between two calls of the walk is in no place: its
		// policies are not known until the next time.
		members[i].Path = tree.paths[members[i].Account]
	}
	return nil
}

// walk is a way through the tree of an organization.
type walk struct {
	*Whole
	paths map[string][]string // by account
}

// maxDepth is one more than the root and the five levels of units that an
// organization may have.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
const maxDepth = 7

// down lists what is in the last place of the way, and below it.
func (w *walk) down(ctx context.Context, way []string) error {
	if len(way) > maxDepth {
		return failed("ListOrganizationalUnitsForParent", way[len(way)-1], collect.ErrNoNewPlace)
	}
	parent := aws.String(way[len(way)-1])
	accounts := &organizations.ListAccountsForParentInput{ParentId: parent, MaxResults: aws.Int32(PageSize)}
	err := collect.Paged(func(place *string) (*string, error) {
		accounts.NextToken = place
		page, err := w.client.ListAccountsForParent(ctx, accounts)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Accounts {
			w.paths[aws.ToString(a.Id)] = slices.Clone(way)
		}
		return page.NextToken, nil
	})
	if err != nil {
		return failed("ListAccountsForParent", *parent, err)
	}
	var below []string
	units := &organizations.ListOrganizationalUnitsForParentInput{ParentId: parent, MaxResults: aws.Int32(PageSize)}
	err = collect.Paged(func(place *string) (*string, error) {
		units.NextToken = place
		page, err := w.client.ListOrganizationalUnitsForParent(ctx, units)
		if err != nil {
			return nil, err
		}
		for _, unit := range page.OrganizationalUnits {
			below = append(below, aws.ToString(unit.Id))
		}
		return page.NextToken, nil
	})
	if err != nil {
		return failed("ListOrganizationalUnitsForParent", *parent, err)
	}
	for _, unit := range below {
		if err := w.down(ctx, append(slices.Clone(way), unit)); err != nil {
			return err
		}
	}
	return nil
}
