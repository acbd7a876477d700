package roll_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo/roll"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

var noon = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)

func keeper(s *store) *roll.Keeper {
	k := roll.NewKeeper(s, table)
	k.Sleep = s.sleep
	return k
}

func reader(s *store, now time.Time) *roll.Reader {
	r := roll.NewReader(s, table, func() time.Time { return now })
	r.Sleep = s.sleep
	return r
}

// guarded is a roll of so many accounts below two levels of policies; the last
// account has left.
func guarded(accounts int) history.Roll {
	r := history.Roll{
		Organization: "o-a1b2c3d4e5", Management: "999988887777", Listed: noon, Read: noon,
		Entries: map[string]history.Entry{"999988887777": {State: "ACTIVE", Guards: [][]string{}}},
		Policies: map[string]inventory.ControlPolicy{
			"p-1": {ID: "p-1", Name: "deny", Kind: inventory.SCP, Content: `{"Version":"2012-10-17","Statement":[]}`},
			"p-2": {ID: "p-2", Name: "rcp", Kind: inventory.RCP, Content: `{}`},
		},
	}
	for i := range accounts {
		r.Entries[fmt.Sprintf("%012d", i)] = history.Entry{State: "ACTIVE", Guards: [][]string{{"p-1", "p-2"}, {}}}
	}
	r.Entries[fmt.Sprintf("%012d", accounts)] = history.Entry{State: "ACTIVE", Missing: 2, Missed: noon, Listed: noon.Add(-48 * time.Hour)}
	return r
}

func TestWhatIsSavedIsLoaded(t *testing.T) {
	ctx := context.Background()
	var s store
	k := keeper(&s)
	empty, err := k.Load(ctx)
	if err != nil || len(empty.Entries) != 0 || !empty.Listed.IsZero() {
		t.Fatalf("before the first: %+v, %v", empty, err)
	}
	want := guarded(70)
	if err := k.Save(ctx, empty, want); err != nil {
		t.Fatal(err)
	}
	got, err := k.Load(ctx)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("%v, (-saved +loaded):\n%s", err, diff)
	}
	if s.widest != 25 || s.puts[0] != "policy#p-1" || s.puts[len(s.puts)-1] != "organization" {
		t.Errorf("%d items a call, first %s, last %s", s.widest, s.puts[0], s.puts[len(s.puts)-1])
	}

	// What is no news is not written, what is gone is deleted.
	next := guarded(69)
	next.Listed, next.Read = noon.Add(24*time.Hour), noon.Add(24*time.Hour)
	delete(next.Entries, "000000000069")
	delete(next.Policies, "p-2")
	s.puts = nil
	if err := k.Save(ctx, got, next); err != nil {
		t.Fatal(err)
	}
	want70 := []string{"-account#000000000069", "-account#000000000070", "-guards#000000000069", "-policy#p-2", "organization"}
	if diff := cmp.Diff(want70, s.puts); diff != "" {
		t.Error(diff)
	}
	if got, err := k.Load(ctx); err != nil || !cmp.Equal(next, got) {
		t.Errorf("%v, %s", err, cmp.Diff(next, got))
	}
}

// Whatever a roll becomes, what is loaded is what was saved, also when much of
// it is left unprocessed at first.
func TestRollsAreKept(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		undone := rapid.IntRange(0, 24).Draw(r, "undone")
		s := &store{unprocessed: func(call int) int { return undone * (call % 2) }}
		k := keeper(s)
		var known history.Roll
		now := noon
		for range rapid.IntRange(1, 6).Draw(r, "dispatches") {
			now = now.Add(24 * time.Hour)
			listed := inventory.Organization{ID: "o-a1b2c3d4e5"}
			for _, account := range rapid.SliceOfNDistinct(rapid.IntRange(0, 40), 0, 40, rapid.ID[int]).Draw(r, "accounts") {
				listed.Members = append(listed.Members, inventory.Member{
					Account: fmt.Sprintf("%012d", account), State: "ACTIVE", Guards: [][]string{{fmt.Sprintf("p-%d", account%3)}},
				})
			}
			if rapid.Bool().Draw(r, "policies are read") {
				listed.Policies = []inventory.ControlPolicy{{ID: "p-0", Kind: inventory.SCP}, {ID: "p-1", Kind: inventory.RCP}}
			}
			before, err := k.Load(ctx)
			if err != nil {
				r.Fatal(err)
			}
			if known, _ = before.Call(listed, now); err != nil {
				r.Fatal(err)
			}
			if err := k.Save(ctx, before, known); err != nil {
				r.Fatal(err)
			}
			got, err := k.Load(ctx)
			if diff := cmp.Diff(known, got); diff != "" || err != nil {
				r.Fatalf("%v (-saved +loaded):\n%s", err, diff)
			}
		}
	})
}

func TestWhatCannotBeKeptIsSaid(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		s     store
		want  error
		slept int
	}{
		"refused":                {store{fault: func(call int) error { return errThrottled }}, errThrottled, 0},
		"never wholly processed": {store{unprocessed: func(int) int { return 1 }}, nil, 7},
	} {
		err := keeper(&c.s).Save(ctx, history.Roll{}, guarded(3))
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), "table caudit") || len(c.s.slept) != c.slept {
			t.Errorf("%s: %v, slept %v", name, err, c.s.slept)
		}
		if slices.Contains(c.s.puts, "organization") {
			t.Errorf("%s: the organization's item says that all was read", name)
		}
	}
	for name, spoil := range map[string]func(*store){
		"refused":     func(s *store) { s.fault = func(int) error { return errThrottled } },
		"newer":       func(s *store) { s.items["organization"]["schema"] = &types.AttributeValueMemberN{Value: "2"} },
		"no time":     func(s *store) { s.items["organization"]["listed"] = &types.AttributeValueMemberS{Value: "x"} },
		"no kind":     func(s *store) { s.items["policy#p-1"]["kind"] = &types.AttributeValueMemberS{Value: "tag"} },
		"no levels":   func(s *store) { s.items["guards#000000000001"]["levels"] = &types.AttributeValueMemberS{Value: "{"} },
		"no time yet": func(s *store) { s.items["account#000000000003"]["missed"] = &types.AttributeValueMemberS{Value: "x"} },
	} {
		var s store
		if err := keeper(&s).Save(ctx, history.Roll{}, guarded(3)); err != nil {
			t.Fatal(err)
		}
		spoil(&s)
		if loaded, err := keeper(&s).Load(ctx); err == nil || len(loaded.Entries) != 0 {
			t.Errorf("%s: loaded %d entries", name, len(loaded.Entries))
		}
	}
}

func TestGuardsOfAnAccount(t *testing.T) {
	ctx := context.Background()
	s := &store{unprocessed: func(call int) int { return call % 2 }}
	if err := keeper(s).Save(ctx, history.Roll{}, guarded(3)); err != nil {
		t.Fatal(err)
	}
	var calls int
	saw := func(call string, _ int) {
		if call == "BatchGetItem" {
			calls++
		}
	}
	found, failure := reader(s, noon.Add(26*time.Hour)).Read(ctx, "000000000001", saw)
	if failure != nil || found.ID != "o-a1b2c3d4e5" || len(found.Guards) != 2 || len(found.Guards[0]) != 2 || len(found.Guards[1]) != 0 || calls < 2 {
		t.Fatalf("%+v, %v, %d calls", found, failure, calls)
	}
	if g := found.Guards[0][0]; g.Name != "deny" || g.Kind != inventory.SCP || !strings.Contains(g.Document.Text, "Statement") {
		t.Errorf("guard %+v", g)
	}
	if top, failure := reader(s, noon).Read(ctx, "999988887777", saw); failure != nil || top.Guards == nil || len(top.Guards) != 0 {
		t.Errorf("management account: %+v, %v", top, failure)
	}
}

// TestUnknownGuardsAreAnAssumption: what no dispatch wrote, or too long ago, is
// denied and no failure.
func TestUnknownGuardsAreAnAssumption(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		account string
		at      time.Duration
		spoil   func(*store)
		says    string
	}{
		"no dispatch":    {"000000000001", 0, func(s *store) { s.items = nil }, "no dispatch"},
		"never read":     {"000000000001", 0, func(s *store) { delete(s.items["organization"], "read") }, "no dispatch"},
		"too old":        {"000000000001", 26*time.Hour + time.Second, nil, "26 hours ago"},
		"left":           {"000000000003", 0, nil, "did not place"},
		"policy missing": {"000000000001", 0, func(s *store) { delete(s.items, "policy#p-2") }, "p-2"},
	} {
		var s store
		if err := keeper(&s).Save(ctx, history.Roll{}, guarded(3)); err != nil {
			t.Fatal(err)
		}
		if c.spoil != nil {
			c.spoil(&s)
		}
		found, failure := reader(&s, noon.Add(c.at)).Read(ctx, c.account, func(string, int) {})
		if failure == nil || found.Guards != nil || !strings.Contains(failure.Err.Error(), c.says) {
			t.Errorf("%s: %+v, %v", name, found, failure)
			continue
		}
		if _, unshown := errors.AsType[*collect.UnshownError](failure.Err); !unshown {
			t.Errorf("%s: %v is a failure", name, failure.Err)
		}
	}
	s := &store{fault: func(int) error { return errThrottled }}
	if _, failure := reader(s, noon).Read(ctx, "000000000001", func(string, int) {}); failure == nil || !errors.Is(failure.Err, errThrottled) {
		t.Errorf("a table that refuses: %v", failure)
	}
}

func TestEntryOfAnAccount(t *testing.T) {
	ctx := context.Background()
	var s store
	if err := keeper(&s).Save(ctx, history.Roll{}, guarded(3)); err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]struct{ listed, left bool }{"000000000001": {true, false}, "000000000003": {true, true}, "444455556666": {false, false}} {
		entry, listed, err := reader(&s, noon).Entry(ctx, account)
		if err != nil || listed != want.listed || entry.Left() != want.left {
			t.Errorf("%s: %+v, %t, %v", account, entry, listed, err)
		}
	}
	s.fault = func(int) error { return errThrottled }
	if _, _, err := reader(&s, noon).Entry(ctx, "000000000001"); !errors.Is(err, errThrottled) {
		t.Errorf("error %v", err)
	}
}
