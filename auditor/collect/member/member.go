// Package member reads the accounts of an organization: each as a role in it. It
// is apart from collect, so that who reads its own account alone does not carry
// what assumes roles.
package member

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// STSClient is what is asked of STS. Its endpoint should be the Region's own,
// which clients of the SDK choose unless they are told otherwise.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
type STSClient interface {
	AssumeRole(context.Context, *sts.AssumeRoleInput, ...func(*sts.Options)) (*sts.AssumeRoleOutput, error)
}

// Role is the role that is assumed in a member account.
type Role struct {
	Partition  string // aws, aws-cn, aws-us-gov
	Name       string // with its path, without a slash in front
	ExternalID string // empty for none
}

// session is what CloudTrail calls us in the account that we read.
const session = "codeartifact-auditor"

func (r Role) arn(account string) string {
	return "arn:" + r.Partition + ":iam::" + account + ":role/" + r.Name
}

// Reader reads its own account with its own credentials, and every other as a
// role in it.
type Reader struct {
	// Own is the account that needs no role.
	Own    string
	Role   Role
	Client STSClient
	// Clients returns whom to ask with credentials; nil are one's own.
	Clients func(credentials aws.CredentialsProvider) collect.Clients
	Options collect.Options
}

// Read returns the inventory of the account. A role that may not be assumed is a
// scope that was denied; the error is of what a retry may help.
//
// The role is assumed once a sweep, and the credentials are gone with it: sweeps
// of an account are hours apart, and a function that keeps credentials of
// accounts that it does not read is worth more to a thief than a call to STS.
func (r *Reader) Read(ctx context.Context, account string) (*inventory.Inventory, error) {
	if account == r.Own {
		return collect.New(r.Clients(nil), r.Options).Read(ctx, account)
	}
	credentials := aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(r.Client, r.Role.arn(account), func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = session
		if r.Role.ExternalID != "" {
			o.ExternalID = aws.String(r.Role.ExternalID)
		}
	}))
	first, err := credentials.Retrieve(ctx)
	switch {
	case collect.IsCode(err, "AccessDenied", "AccessDeniedException"):
		return r.unreachable(account, err), nil
	case err != nil:
		return nil, fmt.Errorf("account %s: assume role %s: %w", account, r.Role.Name, plain(err))
	case first.AccountID != account:
		return nil, fmt.Errorf("account %s: assume role %s: the credentials are of account %q", account, r.Role.Name, first.AccountID)
	}
	return collect.New(r.Clients(credentials), r.Options).Read(ctx, account)
}

// plain leaves out what differs from one try to the next, and what was asked.
func plain(err error) error { return errors.New(collect.Plain(err)) }

// unreachable is an account whose role may not be assumed. STS says the same of
// a role that is not there, of one that does not trust us and of one that wants
// another external id, so that nobody can find out which roles an account has.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html
func (r *Reader) unreachable(account string, err error) *inventory.Inventory {
	var b inventory.Builder
	b.AddAccount(&inventory.Account{ID: account, Collected: r.Options.Now().UTC(), Scopes: []inventory.Scope{{
		Account: account, Source: "iam", State: "denied",
		Reason: "AssumeRole of " + r.Role.Name + ": " + collect.Plain(err) +
			" (the role is not there, does not trust this caller, or wants another external id: AWS does not say which)",
	}}})
	return b.Inventory()
}
