package handler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// company is an organization and its roll in memory.
type company struct {
	members []inventory.Member
	roll    history.Roll
	asked   int // for control policies

	unlisted, unguarded, unloaded, unsaved error
	deadline                               time.Time // of the last request for control policies
}

func (c *company) Accounts(context.Context) (inventory.Organization, error) {
	return inventory.Organization{ID: "o-a1b2c3d4e5", Management: "999988887777", Members: slices.Clone(c.members)}, c.unlisted
}

func (c *company) Guards(ctx context.Context, of inventory.Organization) (inventory.Organization, error) {
	c.asked++
	c.deadline, _ = ctx.Deadline()
	if c.unguarded != nil {
		return inventory.Organization{}, c.unguarded
	}
	for i := range of.Members {
		of.Members[i].Guards = [][]string{{"p-1"}}
	}
	of.Policies = []inventory.ControlPolicy{{ID: "p-1", Kind: inventory.SCP, Content: "{}"}}
	return of, nil
}

func (c *company) Load(context.Context) (history.Roll, error) { return c.roll, c.unloaded }

func (c *company) Save(_ context.Context, _, after history.Roll) error {
	if c.unsaved == nil {
		c.roll = after
	}
	return c.unsaved
}

func employing(accounts ...string) *company {
	c := &company{}
	for _, account := range accounts {
		c.members = append(c.members, inventory.Member{Account: account, State: inventory.Active})
	}
	return c
}

// dispatched lets the company be dispatched at a time, and returns the requests
// as "account state" and the log.
func (c *company) dispatched(at time.Time) (requests []string, said string, err error) {
	var asked sweeps
	log, text := logged()
	d := &handler.Dispatch{Organization: c, Rolls: c, Sweeps: &asked, Now: func() time.Time { return at }, Log: log}
	err = d.Handle(context.Background(), []byte(`{}`))
	for _, r := range asked.requests {
		requests = append(requests, strings.TrimSpace(r.Account+" "+r.State))
	}
	return requests, text.String(), err
}

const (
	second = "444455556666"
	third  = "777788889999"
)

func TestDispatchOfAnOrganization(t *testing.T) {
	c := employing(account, second, third)
	c.members[1].State, c.members[2].State = "SUSPENDED", ""
	requests, said, err := c.dispatched(noon)
	if diff := cmp.Diff([]string{account, second + " SUSPENDED", third}, requests); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if !strings.Contains(said, "not active") || !strings.Contains(said, second) {
		t.Errorf("log %s", said)
	}
	if c.roll.Entries[second].State != "SUSPENDED" || c.roll.Read != noon || c.roll.Policies["p-1"].Content != "{}" {
		t.Errorf("roll %+v", c.roll)
	}
}

func TestDispatchNoticesWhoLeft(t *testing.T) {
	c := employing(account, second)
	day := 24 * time.Hour
	for i, step := range []struct {
		here []string
		want []string
	}{
		{[]string{account, second}, []string{account, second}},
		{[]string{account}, []string{account}},
		{[]string{account}, []string{account, second + " LEFT"}},
		{[]string{account}, []string{account, second + " LEFT"}},
		{[]string{account}, []string{account}},
		{[]string{account, second}, []string{account, second}},
	} {
		c.members = employing(step.here...).members
		requests, _, err := c.dispatched(noon.Add(time.Duration(i) * day))
		if diff := cmp.Diff(step.want, requests); diff != "" || err != nil {
			t.Errorf("step %d: %v\n%s", i, err, diff)
		}
	}
}

// A list that is not whole sweeps nobody and closes nobody; everything else that
// goes wrong keeps no sweep back.
func TestWhatKeepsSweepsBack(t *testing.T) {
	gone := func() *company {
		c := employing(account, second)
		for i := range 2 {
			if _, _, err := c.dispatched(noon.Add(time.Duration(i-3) * 24 * time.Hour)); err != nil {
				t.Fatal(err)
			}
			c.members = employing(account).members
		}
		return c
	}
	for name, c := range map[string]struct {
		fails func(*company)
		want  []string
		err   bool
	}{
		"nothing":            {func(*company) {}, []string{account, second + " LEFT"}, false},
		"accounts":           {func(c *company) { c.unlisted = errDenied }, nil, true},
		"policies":           {func(c *company) { c.unguarded = errDenied }, []string{account, second + " LEFT"}, false},
		"the roll is lost":   {func(c *company) { c.unloaded = errDenied }, []string{account}, true},
		"the roll is denied": {func(c *company) { c.unsaved = errDenied }, []string{account}, true},
	} {
		it := gone()
		read := it.roll.Read
		c.fails(it)
		requests, said, err := it.dispatched(noon)
		if diff := cmp.Diff(c.want, requests); diff != "" || (err != nil) != c.err || c.err && !errors.Is(err, errDenied) {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if name != "nothing" && !strings.Contains(said, "AccessDenied") {
			t.Errorf("%s: log %s", name, said)
		}
		if name == "policies" && (it.roll.Read != read || it.roll.Entries[account].Guards == nil) {
			t.Errorf("the last policies do not stand: %+v", it.roll)
		}
	}
}

func TestAListOfAccountsHasARollToo(t *testing.T) {
	c := &company{}
	d := &handler.Dispatch{Accounts: own, Rolls: c, Sweeps: &sweeps{}, Now: func() time.Time { return noon }, Log: quiet()}
	if err := d.Handle(context.Background(), []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	if _, listed := c.roll.Entries[account]; !listed || c.asked != 0 || !c.roll.Read.IsZero() {
		t.Errorf("asked %d times, roll %+v", c.asked, c.roll)
	}
	// Accounts that are named are no listing.
	if err := d.Handle(context.Background(), fmt.Appendf(nil, `{"accounts":[%q]}`, second)); err != nil || len(c.roll.Entries) != 1 {
		t.Errorf("%v, roll %+v", err, c.roll)
	}
}

// TestPoliciesDoNotEatTheTimeForRequests: a third of what remains is left.
func TestPoliciesDoNotEatTheTimeForRequests(t *testing.T) {
	c := employing(account)
	now := time.Now()
	ctx, end := context.WithDeadline(context.Background(), now.Add(900*time.Second))
	defer end()
	d := &handler.Dispatch{Organization: c, Rolls: c, Sweeps: &sweeps{}, Now: func() time.Time { return now }, Log: quiet()}
	if err := d.Handle(ctx, []byte(`{}`)); err != nil || c.deadline != now.Add(600*time.Second) {
		t.Errorf("%v, until %s", err, c.deadline.Sub(now))
	}
	// Nobody asks for policies that nobody keeps.
	c.asked, d.Rolls = 0, nil
	if err := d.Handle(ctx, []byte(`{}`)); err != nil || c.asked != 0 {
		t.Errorf("%v, asked %d times", err, c.asked)
	}
}

// TestAnAccountThatIsNotActiveIsNoGap: it is not read, its findings stand, and
// Completed lists it.
func TestAnAccountThatIsNotActiveIsNoGap(t *testing.T) {
	var s sink
	scan := handler.Scan{Auditor: desk(&s), Reader: reader{account: roleWith(t, everything)}}
	scan.Store = &history.Memory{}
	told := func(payload string) []string {
		t.Helper()
		if _, err := scan.Handle(context.Background(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
		return s.told()
	}
	told(fmt.Sprintf(`{"account":%q}`, account))
	scan.Reader = reader{} // whoever reads fails
	if got := told(fmt.Sprintf(`{"account":%q,"state":"SUSPENDED"}`, account)); !slices.Equal(got, []string{"CodeArtifact Audit Completed"}) {
		t.Errorf("told %v", got)
	}
	scan.Reader = reader{account: roleWith(t, everything)}
	if got := told(fmt.Sprintf(`{"account":%q}`, account)); !slices.Equal(got, []string{"CodeArtifact Audit Completed"}) {
		t.Errorf("active again: told %v", got)
	}
	for _, state := range []string{`"left"`, `"SUSPENDED; DROP"`, `7`, `"` + strings.Repeat("A", 41) + `"`} {
		if _, err := scan.Handle(context.Background(), fmt.Appendf(nil, `{"account":%q,"state":%s}`, account, state)); err == nil || !strings.Contains(err.Error(), "state") {
			t.Errorf("state %s: %v", state, err)
		}
	}
}

// TestChangeOfAMember: an event that a member account forwarded is of that
// account: the findings, the request for a sweep, and nothing is of the account
// that the function runs in. EventBridge leaves the account of a forwarded event
// as it is, and lets nobody but AWS send one of its sources.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
func TestChangeOfAMember(t *testing.T) {
	var s sink
	var asked sweeps
	change := handler.Change{Auditor: desk(&s), Sweeps: &asked}
	if _, err := change.Handle(context.Background(), payloads(t)["member-put-role-policy"]); err != nil {
		t.Fatal(err)
	}
	if len(asked.requests) != 1 || asked.requests[0].Account != second || len(s.events) != 2 {
		t.Errorf("asked for %+v, %d events", asked.requests, len(s.events))
	}
	for _, e := range s.events {
		if e.Detail.Metadata.Account != second || !strings.Contains(e.Resources[0], ":"+second+":role/ci-build") {
			t.Errorf("event of account %s about %v", e.Detail.Metadata.Account, e.Resources)
		}
	}
	// The envelope decides: a record that claims another account is not believed.
	spoofed := strings.Replace(string(payloads(t)["member-put-role-policy"]), `"account": "`+second, `"account": "`+third, 1)
	if _, err := change.Handle(context.Background(), []byte(spoofed)); err == nil || !strings.Contains(err.Error(), third) || len(asked.requests) != 1 {
		t.Errorf("%v, asked for %d sweeps", err, len(asked.requests))
	}
}

// entries is a roll that says of accounts how often they were missing.
type entries map[string]int

func (e entries) Entry(_ context.Context, account string) (history.Entry, bool, error) {
	if e == nil {
		return history.Entry{}, false, errDenied
	}
	missing, listed := e[account]
	return history.Entry{Missing: missing}, listed, nil
}

// TestAnAccountThatLeftIsClosed: its findings are resolved, once, and open again
// when it comes back; and no message alone can silence an account.
func TestAnAccountThatLeftIsClosed(t *testing.T) {
	var s sink
	scan := handler.Scan{Auditor: desk(&s), Reader: reader{account: roleWith(t, everything)}, Roll: entries{account: 2}}
	scan.Store = &history.Memory{}
	told := func(payload string) []string {
		t.Helper()
		if _, err := scan.Handle(context.Background(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
		return s.told()
	}
	sweep, left := fmt.Sprintf(`{"account":%q}`, account), fmt.Sprintf(`{"account":%q,"state":"LEFT"}`, account)
	told(sweep)
	for i, want := range [][]string{
		{"RESOLVED account-left", "CodeArtifact Audit Completed"},
		{"CodeArtifact Audit Completed"},
	} {
		if got := told(left); !slices.Equal(got, want) {
			t.Errorf("told %d: %v", i, got)
		}
	}
	if got := told(sweep); !slices.Equal(got, []string{"REOPENED", "CodeArtifact Audit Completed"}) {
		t.Errorf("back: told %v", got)
	}
	for missing := range 2 {
		scan.Roll = entries{account: missing}
		if got := told(left); !slices.Equal(got, []string{"CodeArtifact Audit Completed"}) {
			t.Errorf("missing %d times: told %v", missing, got)
		}
	}
	scan.Roll = entries(nil)
	if _, err := scan.Handle(context.Background(), []byte(left)); !errors.Is(err, errDenied) || len(s.told()) != 0 {
		t.Errorf("the roll cannot be read: %v", err)
	}
}

// TestAnUnreachableAccountKeepsItsFindings: the sweep is Failed with its gap, no
// message is delivered again, since the next dispatch comes anyway, and what was
// open stays open.
func TestAnUnreachableAccountKeepsItsFindings(t *testing.T) {
	var s sink
	scan := handler.Scan{Auditor: desk(&s), Reader: reader{account: roleWith(t, everything)}}
	scan.Store = &history.Memory{}
	request := batch(t, fmt.Appendf(nil, `{"account":%q}`, account))
	if _, err := scan.Handle(context.Background(), request); err != nil {
		t.Fatal(err)
	}
	s.told()
	var b inventory.Builder
	b.AddAccount(&inventory.Account{ID: account, Scopes: []inventory.Scope{{Account: account, Source: "iam", State: "denied", Reason: "AssumeRole of reader: AccessDenied"}}})
	scan.Reader = reader{account: b.Inventory()}
	response, err := scan.Handle(context.Background(), request)
	if err != nil || len(response.BatchItemFailures) != 0 {
		t.Errorf("%v, %v", response, err)
	}
	if got := s.told(); !slices.Equal(got, []string{"CodeArtifact Audit Failed"}) {
		t.Errorf("told %v", got)
	}
	state, err := scan.Store.Load(context.Background(), account)
	if err != nil || len(state.Items) == 0 {
		t.Fatal(err, state)
	}
	for id, item := range state.Items {
		if item.Edge.Status != "OPEN" {
			t.Errorf("%s is %s", id, item.Edge.Status)
		}
	}
}
