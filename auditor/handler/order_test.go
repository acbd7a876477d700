package handler_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// course is what happens to the inline policy of one role: it is put, wide or
// narrow, and the account is swept.
type course []string

// eventsOf returns the event of each put, by its place in the course.
func (c course) eventsOf(t *testing.T) map[int][]byte {
	events := map[int][]byte{}
	for i, step := range c {
		if step == "sweep" {
			continue
		}
		text := everything
		if step == "narrow" {
			text = bearing
		}
		events[i] = bridge(t, func(_, detail, parameters map[string]any) {
			detail["eventID"], detail["eventTime"] = fmt.Sprintf("e-%d", i), at(i).Format(time.RFC3339)
			parameters["policyDocument"] = text
		})
	}
	return events
}

// at is when a step happens.
func at(i int) time.Time { return noon.Add(time.Duration(i+1) * time.Minute) }

// aftermath is what a run leaves: the state and the ids of the events that told it.
type aftermath struct {
	Items map[string]history.Item
	IDs   []string
}

// run plays the course. Between two sweeps, events arrive in the order and as
// often as arrive says; those before may arrive again.
func (c course) run(t *testing.T, arrive func(since, before []int) []int) aftermath {
	s := newStage(t)
	events := c.eventsOf(t)
	var since, before []int
	ids := map[string]bool{}
	policy := ""
	deliver := func() {
		for _, i := range arrive(since, before) {
			if _, err := s.change.Handle(context.Background(), events[i]); err != nil {
				t.Fatal(err)
			}
		}
		before, since = append(before, since...), nil
	}
	for i, step := range append(slices.Clone(c), "sweep") {
		if s.now = at(i); step != "sweep" {
			since, policy = append(since, i), map[string]string{"wide": everything, "narrow": bearing}[step]
			continue
		}
		deliver()
		s.reader[account] = roleWith(t, policy)
		if err := s.scan.Sweep(context.Background(), publish.SweepRequest{Account: account, Trigger: &finding.Trigger{Kind: finding.BySchedule}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range s.sink.events {
		if e.DetailType == publish.FindingEvent {
			ids[e.ID()] = true
		}
	}
	state, err := s.store.Load(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	for id, item := range state.Items {
		if item.Pending {
			t.Errorf("%s: edge %d was not told", id, item.Edge.Number)
		}
		for number := 1; number <= item.Edge.Number; number++ {
			if !ids[finding.Edge{Finding: item.Edge.Finding, Number: number}.ID()] {
				t.Errorf("%s: edge %d of %d was not told", id, number, item.Edge.Number)
			}
		}
		item.Trigger = finding.Trigger{} // of the event that came first
		state.Items[id] = item
	}
	if open := openIn(state); open != (policy == everything) {
		t.Errorf("open %t, policy %.60s", open, policy)
	}
	return aftermath{state.Items, slices.Sorted(maps.Keys(ids))}
}

func openIn(state history.State) bool {
	for _, item := range state.Items {
		if item.Edge.Status == finding.Open {
			return true
		}
	}
	return false
}

// TestOrderAndRepeatsChangeNothing: whatever the order in which the events
// between two sweeps arrive, however often, and however long after: the same
// state and the same ids are told as when each arrives once and in order.
func TestOrderAndRepeatsChangeNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := course(rapid.SliceOfN(rapid.SampledFrom([]string{"wide", "wide", "narrow", "sweep"}), 1, 10).Draw(r, "course"))
		want := c.run(t, func(since, _ []int) []int { return since })
		got := c.run(t, func(since, before []int) []int {
			again := slices.Clone(since)
			if all := slices.Concat(since, before); len(all) > 0 {
				again = append(again, rapid.SliceOfN(rapid.SampledFrom(all), 0, 5).Draw(r, "again")...)
			}
			return rapid.Permutation(again).Draw(r, "order")
		})
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("%v: %s", c, diff)
		}
	})
}
