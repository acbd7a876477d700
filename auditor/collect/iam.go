// Package collect reads AWS accounts into inventories. It asks for little,
// through interfaces of the few calls it makes.
package collect

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// IAMClient is what is asked of IAM.
type IAMClient interface {
	GetAccountAuthorizationDetails(context.Context, *iam.GetAccountAuthorizationDetailsInput, ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error)
}

// IAM reads users, groups, roles and policies of the account whose credentials
// its client has, in one sweep of GetAccountAuthorizationDetails.
type IAM struct {
	client IAMClient
	now    func() time.Time
}

// NewIAM returns a reader that asks the client; now tells when reading began.
func NewIAM(client IAMClient, now func() time.Time) *IAM { return &IAM{client: client, now: now} }

// pageSize is the most entities a page may hold, and maxPages the number of
// pages after which a sweep that does not end is given up: more than any
// account's quotas allow.
//
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
const (
	pageSize = 1000
	maxPages = 10000
)

// Read returns the inventory of the account. If IAM denies the call, the
// inventory is empty but for a scope that says so. The error means that the
// call failed otherwise, or that the credentials are another account's.
func (i *IAM) Read(ctx context.Context, account string) (*inventory.Inventory, error) {
	sweep := sweep{account: &inventory.Account{ID: account, Collected: i.now().UTC()}}
	scope := inventory.Scope{Account: account, Source: "iam", State: "complete"}
	err := i.pages(ctx, &sweep)
	switch {
	case err == nil:
	case denied(err):
		scope.State, scope.Reason = "denied", err.Error()
	default:
		return nil, fmt.Errorf("account %s: read IAM: %w", account, err)
	}
	sweep.account.Scopes = []inventory.Scope{scope}
	sweep.builder.AddAccount(sweep.account)
	sweep.builder.AddInput(inventory.Input{Path: "account " + account, Kind: "live", Policies: sweep.documents})
	return sweep.builder.Inventory(), nil
}

func (i *IAM) pages(ctx context.Context, s *sweep) error {
	input := &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(pageSize), Filter: []types.EntityType{
		types.EntityTypeUser, types.EntityTypeRole, types.EntityTypeGroup,
		types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy,
	}}
	for range maxPages {
		page, err := i.client.GetAccountAuthorizationDetails(ctx, input)
		if err != nil {
			return err
		}
		if err := s.add(page); err != nil {
			return err
		}
		if !page.IsTruncated {
			return nil
		}
		if aws.ToString(page.Marker) == "" || aws.ToString(page.Marker) == aws.ToString(input.Marker) {
			return errors.New("a truncated page says no new place to go on from")
		}
		input.Marker = page.Marker
	}
	return fmt.Errorf("no end after %d pages", maxPages)
}

// denied reports whether AWS refused the call for want of permission.
func denied(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	code := api.ErrorCode()
	return code == "AccessDenied" || code == "AccessDeniedException"
}

// sweep takes up pages.
type sweep struct {
	builder   inventory.Builder
	account   *inventory.Account
	documents int
}

func (s *sweep) add(page *iam.GetAccountAuthorizationDetailsOutput) error {
	for _, user := range page.UserDetailList {
		if err := s.owned(user.Arn); err != nil {
			return err
		}
		s.user(user)
	}
	for _, group := range page.GroupDetailList {
		if err := s.owned(group.Arn); err != nil {
			return err
		}
		s.group(group)
	}
	for _, role := range page.RoleDetailList {
		if err := s.owned(role.Arn); err != nil {
			return err
		}
		s.role(role)
	}
	for _, policy := range page.Policies {
		s.policy(policy)
	}
	return nil
}

// owned reports an error when an entity is another account's: then the
// credentials are, and everything read would be said of the wrong account.
func (s *sweep) owned(text *string) error {
	parsed, err := arn.Parse(aws.ToString(text))
	if err != nil {
		return err
	}
	if parsed.Account != s.account.ID {
		return fmt.Errorf("the credentials are of account %s", parsed.Account)
	}
	return nil
}

func (s *sweep) user(u types.UserDetail) {
	s.account.Users = append(s.account.Users, &inventory.User{
		ARN: aws.ToString(u.Arn), Name: aws.ToString(u.UserName), ID: aws.ToString(u.UserId),
		Groups: u.GroupList, Inline: s.inline(u.UserPolicyList), Attached: attached(u.AttachedManagedPolicies),
		Boundary: boundary(u.PermissionsBoundary), Tags: tags(u.Tags),
	})
}

func (s *sweep) group(g types.GroupDetail) {
	s.account.Groups = append(s.account.Groups, &inventory.Group{
		ARN: aws.ToString(g.Arn), Name: aws.ToString(g.GroupName), ID: aws.ToString(g.GroupId),
		Inline: s.inline(g.GroupPolicyList), Attached: attached(g.AttachedManagedPolicies),
	})
}

func (s *sweep) role(r types.RoleDetail) {
	s.account.Roles = append(s.account.Roles, &inventory.Role{
		ARN: aws.ToString(r.Arn), Name: aws.ToString(r.RoleName), ID: aws.ToString(r.RoleId), Path: aws.ToString(r.Path),
		Trust: s.document(r.AssumeRolePolicyDocument), Inline: s.inline(r.RolePolicyList),
		Attached: attached(r.AttachedManagedPolicies), Boundary: boundary(r.PermissionsBoundary), Tags: tags(r.Tags),
	})
}

func (s *sweep) policy(p types.ManagedPolicyDetail) {
	managed := &inventory.ManagedPolicy{
		ARN: aws.ToString(p.Arn), Name: aws.ToString(p.PolicyName),
		Attachments: count(p.AttachmentCount), Boundaries: count(p.PermissionsBoundaryUsageCount),
	}
	for _, version := range p.PolicyVersionList {
		if document := s.document(version.Document); document != nil {
			managed.Versions = append(managed.Versions, inventory.PolicyVersion{
				ID: aws.ToString(version.VersionId), Default: version.IsDefaultVersion, Document: document,
			})
		}
	}
	s.account.Policies = append(s.account.Policies, managed)
}

func (s *sweep) inline(policies []types.PolicyDetail) []inventory.InlinePolicy {
	var inline []inventory.InlinePolicy
	for _, p := range policies {
		if document := s.document(p.PolicyDocument); document != nil {
			inline = append(inline, inventory.InlinePolicy{Name: aws.ToString(p.PolicyName), Document: document})
		}
	}
	return inline
}

// document interns a document. IAM returns it percent-encoded; the decoder is
// the one for paths, since a "+" in a policy is a plus. Text that is not
// encoded, or not well, is taken as it is: what cannot be parsed then is a gap.
func (s *sweep) document(text *string) *inventory.Document {
	if text == nil {
		return nil
	}
	s.documents++
	decoded, err := url.PathUnescape(*text)
	if err != nil || *text != "" && (*text)[0] == '{' {
		decoded = *text
	}
	return s.builder.Intern(decoded)
}

func attached(policies []types.AttachedPolicy) []inventory.Attachment {
	var list []inventory.Attachment
	for _, p := range policies {
		list = append(list, inventory.Attachment{ARN: aws.ToString(p.PolicyArn), Name: aws.ToString(p.PolicyName)})
	}
	return list
}

func boundary(b *types.AttachedPermissionsBoundary) string {
	if b == nil {
		return ""
	}
	return aws.ToString(b.PermissionsBoundaryArn)
}

func tags(list []types.Tag) []inventory.Tag {
	var all []inventory.Tag
	for _, t := range list {
		all = append(all, inventory.Tag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)})
	}
	return all
}

func count(n *int32) int {
	if n == nil {
		return -1
	}
	return int(*n)
}
