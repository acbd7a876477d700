package dynamo_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// saw is what a sweep was out of.
var saw = history.Seen{
	Coverage: auditor.Coverage{Accounts: 1, Policies: 7, Scopes: []inventory.Scope{{Account: account, Source: "iam", State: "complete"}}, Assumptions: []string{"x"}},
	Gaps:     []inventory.Gap{{Where: "domain/a", Reason: "AccessDenied"}},
}

// laws are what holds of every store.
var laws = map[string]func(t *testing.T, s history.Store, of string){
	"an account that was never saved has a state without items": func(t *testing.T, s history.Store, of string) {
		for _, state := range []history.State{load(t, s, of), load(t, s, of, "a")} {
			if state.Schema != history.Schema || state.Account != of || len(state.Items) != 0 || !state.Swept.IsZero() || state.Ruleset != "" {
				t.Errorf("%+v", state)
			}
		}
	},
	"what is saved is loaded": func(t *testing.T, s history.Store, of string) {
		a, b := opened("a"), next(opened("b"), finding.Suppressed, finding.Excepted, "")
		b.Previous = 0
		if err := s.Save(t.Context(), history.Update{Account: of, Writes: []history.Write{a, b}, Swept: start, Ruleset: "r1", Seen: saw}); err != nil {
			t.Fatal(err)
		}
		want := history.State{Schema: history.Schema, Account: of, Swept: start, Ruleset: "r1", Seen: saw, Items: map[string]history.Item{"a": a.Item, "b": b.Item}}
		if diff := cmp.Diff(want, load(t, s, of)); diff != "" {
			t.Error(diff)
		}
		delete(want.Items, "b")
		if diff := cmp.Diff(want, load(t, s, of, "a", "nobody")); diff != "" {
			t.Error(diff)
		}
		if other := load(t, s, "0"+of[1:]); len(other.Items) != 0 {
			t.Errorf("another account has %+v", other)
		}
	},
	"an edge is saved on condition of the one before": func(t *testing.T, s history.Store, of string) {
		a, b := opened("a"), opened("b")
		save(t, s, of, a)
		err := s.Save(t.Context(), history.Update{Account: of, Writes: []history.Write{a, b}, Swept: start, Ruleset: "r1"})
		var conflict *history.ConflictError
		if !errors.As(err, &conflict) || !slices.Equal(conflict.Findings, []string{"a"}) || conflict.Account != of {
			t.Fatalf("error %v", err)
		}
		state := load(t, s, of)
		if len(state.Items) != 2 || !state.Swept.IsZero() || state.Ruleset != "" {
			t.Errorf("state %+v", state)
		}
		late := next(next(a, finding.Closed, finding.Resolved, finding.Gone), finding.Open, finding.Reopened, "")
		if err := s.Save(t.Context(), history.Update{Account: of, Writes: []history.Write{late}}); !errors.As(err, &conflict) {
			t.Errorf("edge 3 after edge 1: %v", err)
		}
		save(t, s, of, next(a, finding.Closed, finding.Resolved, finding.Gone))
		if got := load(t, s, of).Items["a"].Edge; got.Number != 2 || got.Cause != finding.Gone || got.Status != finding.Closed {
			t.Errorf("%+v", got)
		}
	},
	"a refresh keeps the number": func(t *testing.T, s history.Store, of string) {
		a := opened("a")
		save(t, s, of, a)
		a.Previous, a.Pending, a.Observed, a.Document = 1, false, start.Add(time.Minute), "e"
		save(t, s, of, a)
		save(t, s, of, a)
		if diff := cmp.Diff(a.Item, load(t, s, of).Items["a"]); diff != "" {
			t.Error(diff)
		}
	},
	"sent clears what has that number": func(t *testing.T, s history.Store, of string) {
		save(t, s, of, opened("a"), opened("b"))
		if err := s.Sent(t.Context(), of, []history.SentEdge{{Finding: "a", Number: 7}, {Finding: "b", Number: 1}, {Finding: "nobody", Number: 1}}); err != nil {
			t.Fatal(err)
		}
		state := load(t, s, of)
		if got := state.Pending(); len(got) != 1 || got[0].Edge.Finding.ID != "a" || len(state.Items) != 2 {
			t.Errorf("pending %+v of %d", got, len(state.Items))
		}
		if err := s.Sent(t.Context(), of, nil); err != nil {
			t.Error(err)
		}
	},
	"the record is never set back": func(t *testing.T, s history.Store, of string) {
		for _, u := range []history.Update{
			{Account: of, Swept: start.Add(time.Hour), Ruleset: "late"}, {Account: of, Swept: start, Ruleset: "early"}, {Account: of, Writes: many(1)},
		} {
			if err := s.Save(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}
		if state := load(t, s, of); state.Ruleset != "late" || !state.Swept.Equal(start.Add(time.Hour)) {
			t.Errorf("swept %s, ruleset %s", state.Swept, state.Ruleset)
		}
	},
	"what events named is kept, the last of each": func(t *testing.T, s history.Store, of string) {
		watch := history.Watch{Prints: map[string]string{"role/a": "x"}, Suspects: map[string]history.Suspicion{"role/a": {Since: start, Seen: start.Add(time.Hour)}}}
		for _, u := range []history.Update{
			{Account: of, Swept: start, Watch: watch, Announced: map[string]time.Time{"role/a": start.Add(time.Hour), "policy/p": start}},
			{Account: of, Announced: map[string]time.Time{"role/a": start}},
		} {
			if err := s.Save(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}
		want := history.State{
			Schema: history.Schema, Account: of, Swept: start, Items: map[string]history.Item{}, Watch: watch,
			Announced: map[string]time.Time{"role/a": start.Add(time.Hour), "policy/p": start},
		}
		if diff := cmp.Diff(want, load(t, s, of)); diff != "" {
			t.Error(diff)
		}
	},
	"a hundred items are one save": func(t *testing.T, s history.Store, of string) {
		save(t, s, of, many(100)...)
		if state := load(t, s, of); len(state.Pending()) != 100 {
			t.Errorf("%d items", len(state.Pending()))
		}
	},
}

func TestLawsOfStores(t *testing.T) {
	client := startDynamo(t)
	stores := map[string]history.Store{
		"memory": new(history.Memory), "dynamo": dynamo.New(client, "state"),
		"dynamo in small pages": dynamo.New(&between{Client: client, page: 3}, "state"),
	}
	n := 0
	for _, name := range slices.Sorted(maps.Keys(stores)) {
		for _, law := range slices.Sorted(maps.Keys(laws)) {
			n++
			t.Run(name+"/"+law, func(t *testing.T) { laws[law](t, stores[name], fmt.Sprintf("1%011d", n)) })
		}
	}
}
