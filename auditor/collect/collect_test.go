package collect_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// written is the inventory as a file, without when it was collected.
func written(t *testing.T, inv *inventory.Inventory) string {
	t.Helper()
	var out bytes.Buffer
	if err := inventory.Write(&out, inv.Accounts); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAccount(t *testing.T) {
	c := medium()
	inv, err := c.read(mediumRegions...)
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Accounts) != 1 || len(inv.Gaps) != 0 {
		t.Fatalf("%d accounts, gaps %v", len(inv.Accounts), inv.Gaps)
	}
	a := inv.Accounts[0]
	if len(a.Users) != 20 || len(a.Groups) != 1 || len(a.Roles) != 180 || len(a.Policies) != 2 || a.Collected.Hour() != 12 {
		t.Errorf("%d users, %d groups, %d roles, %d policies", len(a.Users), len(a.Groups), len(a.Roles), len(a.Policies))
	}
	var scopes []string
	for _, s := range a.Scopes {
		scopes = append(scopes, fmt.Sprintf("%s %s %s%s", s.Source, s.Region, s.State, s.Reason))
	}
	slices.Sort(scopes)
	if diff := cmp.Diff([]string{
		"codeartifact ap-south-1 complete", "codeartifact eu-west-1 complete", "codeartifact us-east-1 complete", "iam  complete", "organizations  complete",
	}, scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	var resources []string
	for _, d := range a.Domains {
		resources = append(resources, fmt.Sprintf("%s %t", d.ARN, d.Policy != nil))
	}
	for _, r := range a.Repositories {
		resources = append(resources, fmt.Sprintf("%s %t %s", r.ARN, r.Policy != nil, r.Administrator))
	}
	slices.Sort(resources)
	if diff := cmp.Diff([]string{
		"arn:aws:codeartifact:ap-south-1:111122223333:domain/lab true",
		"arn:aws:codeartifact:ap-south-1:111122223333:repository/lab/app true 111122223333",
		"arn:aws:codeartifact:ap-south-1:111122223333:repository/lab/store true 111122223333",
		"arn:aws:codeartifact:eu-west-1:111122223333:domain/pay true",
		"arn:aws:codeartifact:eu-west-1:111122223333:domain/shop true",
		"arn:aws:codeartifact:eu-west-1:111122223333:repository/pay/app true 111122223333",
		"arn:aws:codeartifact:eu-west-1:111122223333:repository/pay/store true 111122223333",
		"arn:aws:codeartifact:eu-west-1:111122223333:repository/shop/app true 111122223333",
		"arn:aws:codeartifact:eu-west-1:111122223333:repository/shop/store true 111122223333",
		"arn:aws:codeartifact:eu-west-1:111122223333:repository/shop/theirs true 444455556666",
		"arn:aws:codeartifact:eu-west-1:444455556666:domain/shared true",
		"arn:aws:codeartifact:eu-west-1:444455556666:repository/shared/ours false 111122223333",
		"arn:aws:codeartifact:us-east-1:111122223333:domain/shop true",
		"arn:aws:codeartifact:us-east-1:111122223333:repository/shop/app true 111122223333",
		"arn:aws:codeartifact:us-east-1:111122223333:repository/shop/store true 111122223333",
	}, resources); diff != "" {
		t.Errorf("domains and repositories (-want +got):\n%s", diff)
	}
	var guards []string
	for _, level := range a.Guards {
		var names []string
		for _, g := range level {
			names = append(names, g.Kind.String()+" "+g.Name)
		}
		guards = append(guards, strings.Join(names, ", "))
	}
	if diff := cmp.Diff([]string{"scp name-p-full, rcp rcp", "scp name-p-full, scp name-p-unit", "scp name-p-full"}, guards); diff != "" {
		t.Errorf("guards from the root (-want +got):\n%s", diff)
	}
	if a.Organization != "o-a1b2c3d4e5" {
		t.Errorf("organization %q", a.Organization)
	}
	// Percent-encoding is undone, plus signs survive.
	if text := a.Roles[0].Inline[0].Document.Text; text != plus || a.Roles[0].Trust.Text != plus {
		t.Errorf("document %q", text)
	}
	if b := a.Policies[slices.IndexFunc(a.Policies, func(p *inventory.ManagedPolicy) bool { return p.Name == "single" })]; b.Default().ID != "v7" || b.Default().Document.Text != star {
		t.Errorf("boundary %+v", b)
	}
	// The same answers in whatever order give the same inventory.
	again, err := medium().read("us-east-1", "eu-west-1", "ap-south-1")
	if err != nil || written(t, again) != written(t, inv) {
		t.Errorf("another order of Regions gives another inventory: %v", err)
	}
}

// TestCalls: full pages cost one call for a thousand entities, and nothing is
// asked twice.
func TestCalls(t *testing.T) {
	c := medium()
	c.pageOf = 1000
	if _, err := c.read(mediumRegions...); err != nil {
		t.Fatal(err)
	}
	asked, same := map[string]int{}, map[call]int{}
	for _, each := range c.calls {
		asked[each.name]++
		if same[each]++; same[each] > 1 {
			t.Errorf("%s was asked %d times", each, same[each])
		}
	}
	want := map[string]int{
		"GetAccountAuthorizationDetails": 1, "GetPolicy": 1, "GetPolicyVersion": 1,
		"ListDomains": 3, "ListRepositories": 3, "ListRepositoriesInDomain": 4, "GetDomainPermissionsPolicy": 5, "GetRepositoryPermissionsPolicy": 10,
		"DescribeOrganization": 1, "ListParents": 2, "ListPoliciesForTarget": 6, "DescribePolicy": 3,
	}
	for name, n := range want {
		if asked[name] != n {
			t.Errorf("%s was asked %d times (expected %d)", name, asked[name], n)
		}
	}
}

func TestOrganizations(t *testing.T) {
	guards := func(change func(*tree)) ([][]inventory.Guard, []inventory.Gap, string) {
		t.Helper()
		c := medium()
		change(c.unit)
		inv, err := c.read()
		if err != nil {
			t.Fatal(err)
		}
		return inv.Accounts[0].Guards, inv.Gaps, inv.Accounts[0].Organization
	}
	if levels, gaps, id := guards(func(o *tree) { o.management = account }); levels == nil || len(levels) != 0 || len(gaps) != 0 || id == "" {
		t.Errorf("of the management account: %v, gaps %v, organization %q", levels, gaps, id)
	}
	if levels, gaps, id := guards(func(o *tree) { o.id = "" }); levels == nil || len(levels) != 0 || len(gaps) != 0 || id != "" {
		t.Errorf("without an organization: %v, gaps %v, organization %q", levels, gaps, id)
	}
	c := medium()
	c.unit = nil
	if inv, err := c.read(); err != nil || inv.Accounts[0].Guards != nil || len(inv.Gaps) != 0 {
		t.Errorf("not asked: %v, %v", inv.Accounts[0].Guards, err)
	}
}

func TestBlockedRegionIsNoGap(t *testing.T) {
	for _, answer := range []error{
		apiError("AccessDeniedException", "User: arn:aws:iam::111122223333:user/x is not authorized to perform: codeartifact:ListDomains with an explicit deny in a service control policy"),
		apiError("UnrecognizedClientException", "The security token included in the request is invalid."),
	} {
		c := medium()
		c.fault = func(this call, _ int) error {
			if strings.HasPrefix(this.of, "eu-west-1") {
				return answer
			}
			return nil
		}
		inv, err := c.read(mediumRegions...)
		if err != nil || len(inv.Gaps) > 0 {
			t.Fatalf("%v, gaps %v", err, inv.Gaps)
		}
		i := slices.IndexFunc(inv.Accounts[0].Scopes, func(s inventory.Scope) bool { return s.Region == "eu-west-1" })
		if s := inv.Accounts[0].Scopes[i]; s.State != "blocked" || s.Reason == "" {
			t.Errorf("scope %+v", s)
		}
	}
}

// Credentials that nobody takes have failed, and no Region is blocked.
func TestExpiredCredentials(t *testing.T) {
	c := medium()
	c.fault = func(call, int) error {
		return apiError("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	inv, err := c.read(mediumRegions...)
	if err != nil || len(inv.Gaps) != 5 {
		t.Fatalf("%v, gaps %v", err, inv.Gaps)
	}
	for _, s := range inv.Accounts[0].Scopes {
		if s.State != "failed" {
			t.Errorf("scope %+v", s)
		}
	}
}

func TestReasonNamesCallPlaceAndCause(t *testing.T) {
	c := medium()
	c.fault = func(this call, _ int) error {
		switch {
		case this.name == "GetRepositoryPermissionsPolicy" && strings.HasPrefix(this.of, "eu-west-1"):
			return apiError("AccessDeniedException", "not authorized")
		case this.name == "GetDomainPermissionsPolicy" && strings.HasSuffix(this.of, "pay"):
			return fmt.Errorf("https response error, RequestID: 1-2-3: %w", errors.New("connection reset by peer"))
		}
		return nil
	}
	inv, err := c.read(mediumRegions...)
	if err != nil || len(inv.Gaps) != 1 {
		t.Fatalf("%v, gaps %v", err, inv.Gaps)
	}
	g := inv.Gaps[0]
	for _, part := range []string{
		"failed: ", "GetDomainPermissionsPolicy of domain pay: connection reset by peer",
		"GetRepositoryPermissionsPolicy of repository pay/app, repository pay/store, repository shared/ours, repository shop/app, repository shop/store and 1 more: AccessDeniedException: not authorized",
	} {
		if !strings.Contains(g.Reason, part) {
			t.Errorf("gap %q does not say %q", g.Reason, part)
		}
	}
	if g.Where != "account 111122223333: codeartifact in eu-west-1" || strings.Contains(g.Reason, "RequestID") {
		t.Errorf("gap %+v", g)
	}
}

func TestCredentialsOfAnotherAccountAreNoticed(t *testing.T) {
	foreign := role("one")
	foreign.Arn = aws.String("arn:aws:iam::444455556666:role/one")
	c := &cloud{roles: []types.RoleDetail{foreign}}
	if _, err := c.read(); err == nil || !strings.Contains(err.Error(), "444455556666") {
		t.Errorf("error %v", err)
	}
}

func TestUnreadableDocumentIsAGap(t *testing.T) {
	broken := role("one")
	broken.RolePolicyList[0].PolicyDocument = aws.String("%7B%zz")
	inv, err := (&cloud{roles: []types.RoleDetail{broken}}).read()
	if err != nil || len(inv.Gaps) != 1 || !strings.Contains(inv.Gaps[0].Where, "role/ci/one") {
		t.Errorf("%v, gaps %v", err, inv.Gaps)
	}
}

func TestProgress(t *testing.T) {
	c := medium()
	seen := map[string]int{}
	opt := collect.Options{Regions: mediumRegions, Now: time.Now, Watch: func(p collect.Progress) {
		if p.Account != account {
			t.Errorf("progress of account %q", p.Account)
		}
		seen[p.Source+" "+p.Region] += p.Entities
	}}
	if _, err := collect.New(c.clients(), opt).Read(context.Background(), account); err != nil {
		t.Fatal(err)
	}
	if seen["iam "] != 202 || seen["codeartifact eu-west-1"] == 0 || seen["organizations "] == 0 {
		t.Errorf("seen %v", seen)
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

// unshown is an organization of which nobody has told.
type unshown struct{ err error }

func (u unshown) Read(context.Context, string, func(string, int)) (collect.Organization, *collect.Failure) {
	return collect.Organization{ID: "o-a1b2c3d4e5"}, &collect.Failure{Call: "BatchGetItem", Of: "guards#" + account, Err: u.err}
}

// TestWhatIsNotShownIsAnAssumption, and what could not be asked for is a gap.
func TestWhatIsNotShownIsAnAssumption(t *testing.T) {
	for state, err := range map[string]error{
		"denied": &collect.UnshownError{Reason: "no dispatch has read the organization's policies"},
		"failed": errors.New("connection refused"),
	} {
		clients := medium().clients()
		clients.Organization = unshown{err}
		inv, failure := readWith(clients)
		if failure != nil {
			t.Fatal(failure)
		}
		i := slices.IndexFunc(inv.Accounts[0].Scopes, func(s inventory.Scope) bool { return s.Source == "organizations" })
		if i < 0 || inv.Accounts[0].Scopes[i].State != state || !strings.Contains(inv.Accounts[0].Scopes[i].Reason, err.Error()) {
			t.Errorf("%s: scopes %+v", state, inv.Accounts[0].Scopes)
		}
		gap := slices.ContainsFunc(inv.Gaps, func(g inventory.Gap) bool { return strings.Contains(g.Where, "organizations") })
		if gap != (state == "failed") || inv.Accounts[0].Guards != nil {
			t.Errorf("%s: gaps %v", state, inv.Gaps)
		}
	}
}
