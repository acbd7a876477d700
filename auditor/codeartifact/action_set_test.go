package codeartifact_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// TestActionSetAgreesWithMap runs the same operations on sets and on maps.
func TestActionSetAgreesWithMap(t *testing.T) {
	every := slices.Collect(codeartifact.AllActions().All())
	draw := func(t *rapid.T, name string) (codeartifact.ActionSet, map[codeartifact.Action]bool) {
		m := map[codeartifact.Action]bool{}
		for _, a := range rapid.SliceOf(rapid.SampledFrom(every)).Draw(t, name) {
			m[a] = true
		}
		return codeartifact.Actions(slices.Collect(maps.Keys(m))...), m
	}
	rapid.Check(t, func(t *rapid.T) {
		s, sm := draw(t, "s")
		u, um := draw(t, "u")
		covers, meets := true, false
		for _, a := range every {
			for _, test := range []struct {
				what      string
				got, want bool
			}{
				{"Has", s.Has(a), sm[a]},
				{"And", s.And(u).Has(a), sm[a] && um[a]},
				{"Or", s.Or(u).Has(a), sm[a] || um[a]},
				{"Minus", s.Minus(u).Has(a), sm[a] && !um[a]},
				{"Add", s.Add(every[7]).Has(a), sm[a] || a == every[7]},
			} {
				if test.got != test.want {
					t.Fatalf("%s of %v: %v, want %v", test.what, a, test.got, test.want)
				}
			}
			covers = covers && (sm[a] || !um[a])
			meets = meets || sm[a] && um[a]
		}
		if s.Covers(u) != covers || s.Meets(u) != meets || s.IsEmpty() != (len(sm) == 0) || (s == u) != maps.Equal(sm, um) {
			t.Fatalf("s %v, u %v: Covers %v, Meets %v, IsEmpty %v, == %v", s, u, s.Covers(u), s.Meets(u), s.IsEmpty(), s == u)
		}
		all := slices.Collect(s.All())
		if want := slices.Sorted(maps.Keys(sm)); !slices.Equal(all, want) || s.Len() != len(want) {
			t.Fatalf("All %v, Len %d, want %v", all, s.Len(), want)
		}
		if len(all) > 0 && s.First() != all[0] || len(all) == 0 && s.First() != codeartifact.NoAction {
			t.Fatalf("First %v of %v", s.First(), all)
		}
	})
}

func TestActionSetLeavesOutNoAction(t *testing.T) {
	s := codeartifact.Actions(codeartifact.NoAction, codeartifact.Action(127), codeartifact.Action(255))
	if !s.IsEmpty() || s.Has(codeartifact.NoAction) || s.Has(255) {
		t.Errorf("%+v is not empty", s)
	}
}

func TestActionSetStopsWhenAsked(t *testing.T) {
	for _, s := range []codeartifact.ActionSet{codeartifact.AllActions(), codeartifact.MatchActions("iam:*")} {
		n := 0
		for range s.All() {
			if n++; n == 2 {
				break
			}
		}
		if n != 2 {
			t.Errorf("ran %d times", n)
		}
	}
}
