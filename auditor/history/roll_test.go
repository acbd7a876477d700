package history_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func listing(accounts ...string) inventory.Organization {
	of := inventory.Organization{ID: "o-a1b2c3d4e5", Management: "999988887777"}
	for _, account := range accounts {
		of.Members = append(of.Members, inventory.Member{Account: account, State: inventory.Active})
	}
	return of
}

// guarded is a listing with one policy above each account.
func guarded(policy string, accounts ...string) inventory.Organization {
	of := listing(accounts...)
	for i := range of.Members {
		of.Members[i].Guards = [][]string{{policy}, {}}
	}
	of.Policies = []inventory.ControlPolicy{{ID: policy, Name: policy, Kind: inventory.SCP, Content: "{}"}}
	return of
}

func TestAnAccountLeavesAfterTwoListingsWithoutIt(t *testing.T) {
	day := 24 * time.Hour
	var roll history.Roll
	var left []string
	for i, step := range []struct {
		at   time.Duration
		here []string
		left []string
	}{
		{0, []string{"a", "b"}, nil},
		{day, []string{"a"}, nil},
		{day + time.Minute, []string{"a"}, nil}, // the same dispatch again
		{2 * day, []string{"a"}, []string{"b"}},
		{2*day + time.Minute, []string{"a"}, []string{"b"}}, // should the first have failed
		{3 * day, []string{"a"}, []string{"b"}},
		{4 * day, []string{"a"}, nil}, // forgotten
		{5 * day, []string{"a", "b"}, nil},
		{6 * day, []string{"a"}, nil},
		{7 * day, []string{"a", "b"}, nil}, // was missing once, and starts anew
		{8 * day, []string{"a"}, nil},
		{9 * day, []string{"a"}, []string{"b"}},
		{10 * day, []string{"a", "b"}, nil}, // came back
	} {
		roll, left = roll.Call(listing(step.here...), start.Add(step.at))
		if !slices.Equal(left, step.left) {
			t.Errorf("step %d: left %v (expected %v)", i, left, step.left)
		}
		if b := roll.Entries["b"]; b.Missing > 0 && !b.Listed.Before(b.Missed) {
			t.Errorf("step %d: %+v", i, b)
		}
	}
	if b := roll.Entries["b"]; b.Missing != 0 || !b.Listed.IsZero() {
		t.Errorf("came back as %+v", b)
	}
}

func TestPoliciesThatCouldNotBeReadStand(t *testing.T) {
	roll, _ := history.Roll{}.Call(guarded("p-1", "a", "b"), start)
	later, _ := roll.Call(listing("a", "c"), start.Add(time.Hour))
	if later.Read != start || later.Listed != start.Add(time.Hour) || later.Policies["p-1"].Content != "{}" {
		t.Errorf("read %s, listed %s, policies %v", later.Read, later.Listed, later.Policies)
	}
	if diff := cmp.Diff(map[string][][]string{"a": {{"p-1"}, {}}, "b": nil, "c": nil}, map[string][][]string{
		"a": later.Entries["a"].Guards, "b": later.Entries["b"].Guards, "c": later.Entries["c"].Guards,
	}); diff != "" {
		t.Error(diff)
	}
	again, _ := later.Call(guarded("p-2", "a"), start.Add(2*time.Hour))
	if again.Read != start.Add(2*time.Hour) || len(again.Policies) != 1 || again.Policies["p-2"].ID == "" {
		t.Errorf("read %s, policies %v", again.Read, again.Policies)
	}
}

// A listed account is never told as left, one that is told was missing twice,
// and a roll that is called again within the hour tells the same.
func TestLawsOfTheRoll(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var roll history.Roll
		now := start
		absent := map[string]int{}
		for range rapid.IntRange(1, 20).Draw(r, "listings") {
			now = now.Add(time.Hour)
			here := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID[string]).Draw(r, "accounts")
			for _, account := range []string{"a", "b", "c"} {
				absent[account]++
				if slices.Contains(here, account) {
					absent[account] = 0
				}
			}
			var left []string
			roll, left = roll.Call(listing(here...), now)
			for _, account := range left {
				if absent[account] < 2 {
					r.Fatalf("%s left after %d listings without it", account, absent[account])
				}
			}
			again, same := roll.Call(listing(here...), now.Add(time.Minute))
			if !slices.Equal(left, same) || !cmp.Equal(roll.Entries, again.Entries) {
				r.Fatalf("called again: left %v and %v, %v", left, same, cmp.Diff(roll.Entries, again.Entries))
			}
		}
	})
}
