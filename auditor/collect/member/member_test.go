package member_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/member"
)

const (
	own    = "111122223333"
	theirs = "444455556666"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// roles is STS: it gives credentials of an account, or an error.
type roles struct {
	asked   []*sts.AssumeRoleInput
	account string
	err     error
}

func (r *roles) AssumeRole(_ context.Context, in *sts.AssumeRoleInput, _ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	r.asked = append(r.asked, in)
	if r.err != nil {
		return nil, r.err
	}
	return &sts.AssumeRoleOutput{
		Credentials: &types.Credentials{
			AccessKeyId: aws.String("ASIAEXAMPLE"), SecretAccessKey: aws.String(secret), SessionToken: aws.String("token"), Expiration: aws.Time(time.Now().Add(time.Hour)),
		},
		AssumedRoleUser: &types.AssumedRoleUser{Arn: aws.String("arn:aws:sts::" + r.account + ":assumed-role/reader/x"), AssumedRoleId: aws.String("AROA:x")},
	}, nil
}

// users is IAM of an account with one role.
type users struct {
	collect.IAMClient
	account string
}

func (u users) GetAccountAuthorizationDetails(context.Context, *iam.GetAccountAuthorizationDetailsInput, ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	return &iam.GetAccountAuthorizationDetailsOutput{RoleDetailList: []iamtypes.RoleDetail{{
		Arn: aws.String("arn:aws:iam::" + u.account + ":role/reader"), RoleName: aws.String("reader"),
		AssumeRolePolicyDocument: aws.String(`%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D`),
	}}}, nil
}

func reader(r *roles, account string, used *[]aws.CredentialsProvider) *member.Reader {
	return &member.Reader{
		Own: own, Role: member.Role{Partition: "aws", Name: "audit/reader", ExternalID: "0a1b"}, Client: r,
		Clients: func(credentials aws.CredentialsProvider) collect.Clients {
			*used = append(*used, credentials)
			return collect.Clients{IAM: users{account: account}}
		},
		Options: collect.Options{Regions: []string{}, Now: func() time.Time { return time.Unix(1790000000, 0) }},
	}
}

func TestEveryOtherAccountIsReadAsItsRole(t *testing.T) {
	r := &roles{account: theirs}
	var used []aws.CredentialsProvider
	inv, err := reader(r, theirs, &used).Read(context.Background(), theirs)
	if err != nil || len(inv.Gaps) != 0 || len(inv.Accounts[0].Roles) != 1 {
		t.Fatalf("%v, %+v", err, inv)
	}
	if len(r.asked) != 1 || *r.asked[0].RoleArn != "arn:aws:iam::444455556666:role/audit/reader" || *r.asked[0].ExternalId != "0a1b" || *r.asked[0].RoleSessionName != "codeartifact-auditor" {
		t.Errorf("asked %+v", r.asked[0])
	}
	for range 3 { // the clients of a sweep share what was obtained
		if c, err := used[0].Retrieve(context.Background()); err != nil || c.AccountID != theirs {
			t.Errorf("%v, %v", c.AccountID, err)
		}
	}
	if len(r.asked) != 1 {
		t.Errorf("the role was assumed %d times", len(r.asked))
	}
}

func TestOnesOwnAccountNeedsNoRole(t *testing.T) {
	r := &roles{err: errors.New("nobody should ask")}
	var used []aws.CredentialsProvider
	inv, err := reader(r, own, &used).Read(context.Background(), own)
	if err != nil || len(inv.Accounts[0].Roles) != 1 || used[0] != nil || len(r.asked) != 0 {
		t.Errorf("%v, %v, asked %d times", err, used, len(r.asked))
	}
}

func TestAnUnreachableAccountIsAGap(t *testing.T) {
	r := &roles{err: &smithy.OperationError{ServiceID: "STS", Err: &smithy.GenericAPIError{Code: "AccessDenied", Message: "User: x is not authorized to perform: sts:AssumeRole"}}}
	var used []aws.CredentialsProvider
	inv, err := reader(r, theirs, &used).Read(context.Background(), theirs)
	if err != nil || len(used) != 0 {
		t.Fatalf("%v, %d clients", err, len(used))
	}
	scope := inv.Accounts[0].Scopes[0]
	if scope.State != "denied" || scope.Source != "iam" || len(inv.Gaps) != 1 {
		t.Errorf("scope %+v, gaps %v", scope, inv.Gaps)
	}
	for _, says := range []string{"audit/reader", "AccessDenied", "AWS does not say which"} {
		if !strings.Contains(inv.Gaps[0].Reason, says) {
			t.Errorf("the gap does not say %q: %s", says, inv.Gaps[0].Reason)
		}
	}
}

// TestWhatARetryMayHelpIsAnError, and credentials of an account that was not
// asked for are used for nothing.
func TestWhatARetryMayHelpIsAnError(t *testing.T) {
	for says, r := range map[string]*roles{
		"Rate exceeded":               {err: &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}},
		"of account \"777788889999\"": {account: "777788889999"},
	} {
		var used []aws.CredentialsProvider
		inv, err := reader(r, theirs, &used).Read(context.Background(), theirs)
		if err == nil || inv != nil || len(used) != 0 || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), theirs) {
			t.Errorf("%s: %v", says, err)
		}
		if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "0a1b") {
			t.Errorf("a secret is in the error: %v", err)
		}
	}
	// An answer of IAM about another account is no inventory either.
	var used []aws.CredentialsProvider
	if _, err := reader(&roles{account: theirs}, "777788889999", &used).Read(context.Background(), theirs); err == nil || !strings.Contains(err.Error(), theirs) {
		t.Errorf("error %v", err)
	}
}
