package collect_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

const account = "111122223333"

// pages is IAM: it answers with its pages in turn, or with an error.
type pages struct {
	all   []*iam.GetAccountAuthorizationDetailsOutput
	err   error
	calls []*iam.GetAccountAuthorizationDetailsInput
}

func (p *pages) GetAccountAuthorizationDetails(_ context.Context, in *iam.GetAccountAuthorizationDetailsInput, _ ...func(*iam.Options)) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	copied := *in
	p.calls = append(p.calls, &copied)
	if len(p.calls) > len(p.all) {
		return nil, p.err
	}
	return p.all[len(p.calls)-1], nil
}

func read(p *pages) (*inventory.Inventory, error) {
	now := func() time.Time { return time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC) }
	return collect.NewIAM(p, now).Read(context.Background(), account)
}

const plus = `{"Version":"2012-10-17","Statement":[{"Sid":"a+b","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::x/a+b/100%25"}]}`

func encoded(text string) *string { return aws.String(url.PathEscape(text)) }

func role(name string) types.RoleDetail {
	return types.RoleDetail{
		Arn: aws.String("arn:aws:iam::111122223333:role/ci/" + name), RoleName: aws.String(name), RoleId: aws.String("AROA" + name), Path: aws.String("/ci/"),
		AssumeRolePolicyDocument: encoded(plus), RolePolicyList: []types.PolicyDetail{{PolicyName: aws.String("p"), PolicyDocument: encoded(plus)}},
		PermissionsBoundary: &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String("arn:aws:iam::111122223333:policy/b")},
		Tags:                []types.Tag{{Key: aws.String("team"), Value: aws.String("x")}},
	}
}

func TestPagesBecomeOneInventory(t *testing.T) {
	p := &pages{all: []*iam.GetAccountAuthorizationDetailsOutput{
		{RoleDetailList: []types.RoleDetail{role("one")}, IsTruncated: true, Marker: aws.String("m1")},
		{IsTruncated: true, Marker: aws.String("m2")}, // a page may be empty
		{
			RoleDetailList: []types.RoleDetail{role("two")},
			UserDetailList: []types.UserDetail{{
				Arn: aws.String("arn:aws:iam::111122223333:user/u"), UserName: aws.String("u"), GroupList: []string{"g"},
				UserPolicyList: []types.PolicyDetail{{PolicyName: aws.String("p"), PolicyDocument: aws.String(plus)}}, // not encoded
			}},
			GroupDetailList: []types.GroupDetail{{
				Arn: aws.String("arn:aws:iam::111122223333:group/g"), GroupName: aws.String("g"),
				AttachedManagedPolicies: []types.AttachedPolicy{{PolicyArn: aws.String("arn:aws:iam::111122223333:policy/b"), PolicyName: aws.String("b")}},
			}},
			Policies: []types.ManagedPolicyDetail{{
				Arn: aws.String("arn:aws:iam::111122223333:policy/b"), PolicyName: aws.String("b"), AttachmentCount: aws.Int32(1),
				PolicyVersionList: []types.PolicyVersion{
					{VersionId: aws.String("v1"), Document: encoded(`{"Statement":[]}`)},
					{VersionId: aws.String("v2"), IsDefaultVersion: true, Document: encoded(plus)},
				},
			}},
		},
	}}
	inv, err := read(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Accounts) != 1 || len(inv.Gaps) != 0 {
		t.Fatalf("%d accounts, gaps %v", len(inv.Accounts), inv.Gaps)
	}
	a := inv.Accounts[0]
	if a.ID != account || len(a.Roles) != 2 || len(a.Users) != 1 || len(a.Groups) != 1 || len(a.Policies) != 1 || a.Collected.Hour() != 12 {
		t.Errorf("account %+v", a)
	}
	r := a.Roles[0]
	if r.Name != "one" || r.Path != "/ci/" || r.Boundary != "arn:aws:iam::111122223333:policy/b" || r.Tags[0].Value != "x" || r.ID != "AROAone" {
		t.Errorf("role %+v", r)
	}
	// Percent-encoding is undone, plus signs survive, and one text is one document.
	document := r.Inline[0].Document
	if document.Text != plus || document != r.Trust || document != a.Users[0].Inline[0].Document || document != a.Policies[0].Default().Document {
		t.Errorf("document %q", document.Text)
	}
	if version := a.Policies[0].Default(); version.ID != "v2" || a.Policies[0].Boundaries != -1 || a.Policies[0].Attachments != 1 {
		t.Errorf("policy %+v", a.Policies[0])
	}
	if s := a.Scopes; len(s) != 1 || s[0] != (inventory.Scope{Account: account, Source: "iam", State: "complete"}) {
		t.Errorf("scopes %+v", s)
	}

	var markers []string
	for _, call := range p.calls {
		markers = append(markers, aws.ToString(call.Marker))
		if len(call.Filter) != 5 || aws.ToInt32(call.MaxItems) != 1000 {
			t.Errorf("asked for %v, %d a page", call.Filter, aws.ToInt32(call.MaxItems))
		}
	}
	if !slices.Equal(markers, []string{"", "m1", "m2"}) {
		t.Errorf("markers %v", markers)
	}
}

func TestDeniedIsAScope(t *testing.T) {
	inv, err := read(&pages{err: &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform: iam:GetAccountAuthorizationDetails"}})
	if err != nil {
		t.Fatal(err)
	}
	scope := inv.Accounts[0].Scopes[0]
	if scope.State != "denied" || !strings.Contains(scope.Reason, "iam:GetAccountAuthorizationDetails") || len(inv.Gaps) != 1 {
		t.Errorf("scope %+v, gaps %v", scope, inv.Gaps)
	}
}

func TestWhatMayHelpToRetryIsAnError(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}
	first := &iam.GetAccountAuthorizationDetailsOutput{RoleDetailList: []types.RoleDetail{role("one")}, IsTruncated: true, Marker: aws.String("m")}
	if _, err := read(&pages{all: []*iam.GetAccountAuthorizationDetailsOutput{first}, err: throttled}); !errors.Is(err, throttled) || !strings.Contains(err.Error(), account) {
		t.Errorf("error %v", err)
	}
	if _, err := read(&pages{all: []*iam.GetAccountAuthorizationDetailsOutput{first, first}}); err == nil || !strings.Contains(err.Error(), "no new place") {
		t.Errorf("a page that leads to itself: %v", err)
	}
	lost := &iam.GetAccountAuthorizationDetailsOutput{IsTruncated: true}
	for _, all := range [][]*iam.GetAccountAuthorizationDetailsOutput{{lost}, {first, lost}} {
		if _, err := read(&pages{all: all, err: throttled}); err == nil || !strings.Contains(err.Error(), "no new place") {
			t.Errorf("a truncated page without a marker: %v", err)
		}
	}
}

func TestCredentialsOfAnotherAccountAreNoticed(t *testing.T) {
	foreign := role("one")
	foreign.Arn = aws.String("arn:aws:iam::444455556666:role/one")
	_, err := read(&pages{all: []*iam.GetAccountAuthorizationDetailsOutput{{RoleDetailList: []types.RoleDetail{foreign}}}})
	if err == nil || !strings.Contains(err.Error(), "444455556666") {
		t.Errorf("error %v", err)
	}
}

func TestUnreadableDocumentIsAGap(t *testing.T) {
	broken := role("one")
	broken.RolePolicyList[0].PolicyDocument = aws.String("%7B%zz")
	inv, err := read(&pages{all: []*iam.GetAccountAuthorizationDetailsOutput{{RoleDetailList: []types.RoleDetail{broken}}}})
	if err != nil || len(inv.Gaps) != 1 || !strings.Contains(inv.Gaps[0].Where, "role/ci/one") {
		t.Errorf("%v, gaps %v", err, inv.Gaps)
	}
}

type identity struct{ err error }

func (i identity) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: aws.String(account)}, i.err
}

func TestOwnAccount(t *testing.T) {
	if got, err := collect.NewOwn(identity{}).Accounts(context.Background()); err != nil || fmt.Sprint(got) != "[111122223333]" {
		t.Errorf("%v, %v", got, err)
	}
	expired := errors.New("ExpiredToken")
	if _, err := collect.NewOwn(identity{expired}).Accounts(context.Background()); !errors.Is(err, expired) {
		t.Errorf("error %v", err)
	}
}
