package organization_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func whole(t interface {
	Helper()
	Fatal(...any)
}, f *fake,
) inventory.Organization {
	t.Helper()
	w := organization.NewWhole(f)
	listed, err := w.Accounts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	guarded, err := w.Guards(context.Background(), listed)
	if err != nil {
		t.Fatal(err)
	}
	return guarded
}

func TestAccountsAreListedWhateverTheirState(t *testing.T) {
	f := organizationOf(65, 3)
	f.states[f.accounts[40]] = types.AccountStateSuspended
	f.states[f.accounts[2]] = types.AccountStatePendingClosure
	slices.Reverse(f.accounts)
	listed, err := organization.NewWhole(f).Accounts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if listed.ID != "o-a1b2c3d4e5" || listed.Management != management || len(listed.Members) != 65 || f.calls["ListAccounts"] != 4 {
		t.Errorf("%s, %s, %d members, calls %v", listed.ID, listed.Management, len(listed.Members), f.calls)
	}
	states := map[string]int{}
	for _, m := range listed.Members {
		states[m.State]++
		if len(m.Path) == 0 || m.Path[0] != root {
			t.Errorf("%s: path %v", m.Account, m.Path)
		}
	}
	if diff := cmp.Diff(map[string]int{"ACTIVE": 63, "SUSPENDED": 1, "PENDING_CLOSURE": 1}, states); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSortedFunc(listed.Members, func(a, b inventory.Member) int { return strings.Compare(a.Account, b.Account) }) {
		t.Error("not sorted")
	}
}

func TestAListThatIsNotWholeIsNone(t *testing.T) {
	for name, spoil := range map[string]func(*fake){
		"no account":      func(f *fake) { f.accounts = nil },
		"no account id":   func(f *fake) { f.accounts[3] = "12" },
		"circle":          func(f *fake) { f.loop = true },
		"described":       func(f *fake) { f.fault = failing("DescribeOrganization", 0) },
		"the first page":  func(f *fake) { f.fault = failing("ListAccounts", 0) },
		"the second page": func(f *fake) { f.fault = failing("ListAccounts", 1) },
	} {
		f := organizationOf(65, 3)
		spoil(f)
		if listed, err := organization.NewWhole(f).Accounts(context.Background()); err == nil || len(listed.Members) > 0 {
			t.Errorf("%s: %d members, error %v", name, len(listed.Members), err)
		}
	}
}

// failing denies a call after it went well so often.
func failing(call string, after int) func(string) error {
	return func(made string) error {
		if made != call {
			return nil
		}
		if after--; after >= 0 {
			return nil
		}
		return denied()
	}
}

// scattered is an organization whose policies lie anywhere.
func scattered(t *rapid.T) *fake {
	f := organizationOf(rapid.IntRange(1, 70).Draw(t, "accounts"), rapid.IntRange(0, 9).Draw(t, "units"))
	f.tells = rapid.Bool().Draw(t, "paths are told")
	f.disabled = rapid.IntRange(0, 9).Draw(t, "enabled") == 0
	f.rcps["p-rcp"] = true
	if f.disabled {
		f.attached = map[string][]string{}
		return f
	}
	for range rapid.IntRange(0, 60).Draw(t, "attachments") {
		place := root
		if rapid.IntRange(0, 5).Draw(t, "below the root") > 0 {
			place = rapid.SampledFrom(append(f.below(root, true), f.accounts...)).Draw(t, "place")
		}
		f.attach(rapid.SampledFrom([]string{"p-a", "p-b", "p-rcp"}).Draw(t, "policy"), place)
		occupied := slices.Contains(f.attached[place], "p-a") || slices.Contains(f.attached[place], "p-b")
		if occupied && rapid.Bool().Draw(t, "allow list") {
			f.detach("p-FullAWSAccess", place)
		}
	}
	return f
}

// TestWholeIsWhatTheWayUpSays: for every account, the policies of the whole
// organization are those that the account's own way up to the root meets.
func TestWholeIsWhatTheWayUpSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := scattered(t)
		found := whole(t, f)
		contents := map[string]inventory.ControlPolicy{}
		for _, p := range found.Policies {
			contents[p.ID] = p
		}
		single := organization.New(f)
		for _, m := range found.Members {
			want, failure := single.Read(context.Background(), m.Account, func(string, int) {})
			if failure != nil {
				t.Fatal(failure)
			}
			if diff := cmp.Diff(spelled(want.Guards), resolved(m.Guards, contents)); diff != "" {
				t.Fatalf("%s (-way up +whole):\n%s", m.Account, diff)
			}
		}
	})
}

func spelled(levels [][]inventory.Guard) [][]string {
	out := make([][]string, len(levels))
	for i, level := range levels {
		for _, g := range level {
			out[i] = append(out[i], fmt.Sprint(g.Kind, " ", g.Name, " ", g.Document.Text))
		}
		slices.Sort(out[i])
	}
	return out
}

func resolved(levels [][]string, contents map[string]inventory.ControlPolicy) [][]string {
	out := make([][]string, len(levels))
	for i, level := range levels {
		for _, id := range level {
			p := contents[id]
			out[i] = append(out[i], fmt.Sprint(p.Kind, " ", p.Name, " ", p.Content))
		}
		slices.Sort(out[i])
	}
	return out
}

// TestWhatIsDeniedIsSaid: without any one of its calls nothing is known of the
// policies, and the error names the call.
func TestWhatIsDeniedIsSaid(t *testing.T) {
	for _, call := range []string{
		"ListRoots", "ListPolicies", "ListTargetsForPolicy", "ListPoliciesForTarget", "DescribePolicy",
		"ListOrganizationalUnitsForParent", "ListAccountsForParent",
	} {
		f := organizationOf(65, 3)
		f.tells = false
		f.attach("p-a", unit(1))
		w := organization.NewWhole(f)
		listed, err := w.Accounts(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		f.fault = failing(call, 0)
		guarded, err := w.Guards(context.Background(), listed)
		if err == nil || !strings.Contains(err.Error(), call) || len(guarded.Policies) != 0 {
			t.Errorf("%s: error %v, %d policies", call, err, len(guarded.Policies))
		}
	}
}
