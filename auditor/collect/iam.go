package collect

import (
	"context"
	"errors"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// IAMClient is what is asked of IAM. The two calls for a single policy are for
// permissions boundaries that the sweep did not bring.
type IAMClient interface {
	GetAccountAuthorizationDetails(context.Context, *iam.GetAccountAuthorizationDetailsInput, ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error)
	GetPolicy(context.Context, *iam.GetPolicyInput, ...func(*iam.Options)) (*iam.GetPolicyOutput, error)
	GetPolicyVersion(context.Context, *iam.GetPolicyVersionInput, ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error)
}

// sweepsOfIAM is how often a sweep is begun: a marker that is kept for too long
// expires, and then only the beginning helps.
const sweepsOfIAM = 3

// readIAM reads users, groups, roles and policies in one sweep. The error says
// that the credentials are another account's.
func (a *Account) readIAM(ctx context.Context, account string) (part, error) {
	out := part{scope: inventory.Scope{Source: sourceIAM}}
	for try := 1; ; try++ {
		s := &sweep{account: &inventory.Account{ID: account}}
		err := a.pagesOfIAM(ctx, account, s)
		if foreign := (*foreignError)(nil); errors.As(err, &foreign) {
			return part{}, err
		}
		if IsCode(err, "ValidationError", "InvalidInput") && try < sweepsOfIAM && s.pages > 0 {
			continue // the marker was good a page ago
		}
		out.Account = *s.account
		out.failures.add("GetAccountAuthorizationDetails", "", err)
		if err == nil {
			a.boundaries(ctx, s, &out)
		}
		return out, nil
	}
}

func (a *Account) pagesOfIAM(ctx context.Context, account string, s *sweep) error {
	in := &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(pageSize), Filter: []types.EntityType{
		types.EntityTypeUser, types.EntityTypeRole, types.EntityTypeGroup,
		types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy,
	}}
	return Paged(func(marker *string) (*string, error) {
		in.Marker = marker
		page, err := a.clients.IAM.GetAccountAuthorizationDetails(ctx, in)
		if err != nil {
			return nil, err
		}
		if err := s.add(page); err != nil {
			return nil, err
		}
		s.pages++
		a.saw(Progress{Account: account, Source: sourceIAM, Call: "GetAccountAuthorizationDetails", Entities: len(page.UserDetailList) +
			len(page.GroupDetailList) + len(page.RoleDetailList) + len(page.Policies)})
		if !page.IsTruncated {
			return nil, nil
		}
		if aws.ToString(page.Marker) == "" {
			return nil, ErrNoNewPlace
		}
		return page.Marker, nil
	})
}

// boundaries reads the permissions boundaries that the sweep did not bring. One
// that cannot be read narrows nothing, which is an assumption.
func (a *Account) boundaries(ctx context.Context, s *sweep, out *part) {
	brought := map[string]bool{}
	for _, p := range s.account.Policies {
		brought[p.ARN] = true
	}
	read := func(of string) {
		if of == "" || brought[of] {
			return
		}
		brought[of] = true
		policy, call, err := a.policyOfIAM(ctx, s, of)
		switch {
		case err == nil:
			out.Policies = append(out.Policies, policy)
		case !IsCode(err, "NoSuchEntity", "NoSuchEntityException", "AccessDenied", "AccessDeniedException"):
			out.failures.add(call, of, err)
		}
	}
	for _, u := range s.account.Users {
		read(u.Boundary)
	}
	for _, r := range s.account.Roles {
		read(r.Boundary)
	}
}

// policyOfIAM reads one managed policy in the version that is in force. With an
// error it names the call that failed.
func (a *Account) policyOfIAM(ctx context.Context, s *sweep, policyARN string) (*inventory.ManagedPolicy, string, error) {
	out, err := a.clients.IAM.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(policyARN)})
	if err == nil && out.Policy == nil {
		err = ErrNoContent
	}
	if err != nil {
		return nil, "GetPolicy", err
	}
	version, err := a.clients.IAM.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: aws.String(policyARN), VersionId: out.Policy.DefaultVersionId})
	if err == nil && (version.PolicyVersion == nil || version.PolicyVersion.Document == nil) {
		err = ErrNoContent
	}
	if err != nil {
		return nil, "GetPolicyVersion", err
	}
	return &inventory.ManagedPolicy{
		ARN: policyARN, Name: aws.ToString(out.Policy.PolicyName),
		Attachments: count(out.Policy.AttachmentCount), Boundaries: count(out.Policy.PermissionsBoundaryUsageCount),
		Versions: []inventory.PolicyVersion{{
			ID: aws.ToString(version.PolicyVersion.VersionId), Default: true, Document: s.document(version.PolicyVersion.Document),
		}},
	}, "", nil
}

// sweep takes up pages.
type sweep struct {
	interned inventory.Documents
	account  *inventory.Account
	pages    int
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
		return &foreignError{parsed.Account}
	}
	return nil
}

type foreignError struct{ account string }

func (e *foreignError) Error() string { return "the credentials are of account " + e.account }

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
	decoded, err := url.PathUnescape(*text)
	if err != nil || *text != "" && (*text)[0] == '{' {
		decoded = *text
	}
	return s.interned.Intern(decoded)
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
