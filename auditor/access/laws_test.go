package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// Laws of access that need no second evaluator to be checked.

// drawWorld draws a world, and the chance that further drawing goes on with.
func drawWorld(t *rapid.T) (chance, *testWorld) {
	r := newChance(rapid.Uint64().Draw(t, "seed"))
	return r, r.world()
}

// changed returns the world with every identity policy and guard rewritten.
func (w *testWorld) changed(rewrite func(statements []any) []any) *testWorld {
	edit := func(text string) string {
		var d map[string]any
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			panic(err)
		}
		d["Statement"] = rewrite(d["Statement"].([]any))
		return marshal(d)
	}
	out := &testWorld{caller: w.caller, actions: w.actions}
	for _, text := range w.identity {
		out.identity = append(out.identity, edit(text))
	}
	if w.boundary != "" {
		out.boundary = edit(w.boundary)
	}
	for _, level := range w.scps {
		var here []string
		for _, text := range level {
			here = append(here, edit(text))
		}
		out.scps = append(out.scps, here)
	}
	for _, q := range w.resource {
		out.resource = append(out.resource, testPolicy{q.holder, edit(q.text)})
	}
	return out
}

// answers are what a profile says of every action of the universe.
type answers map[string][2]*Found

func (w *testWorld) answers(t *rapid.T) answers {
	p := w.resolve()
	all := answers{}
	for _, a := range universeActions {
		action, _ := codeartifact.LookupAction(a.name)
		var found [2]*Found
		for _, m := range []mode{sure, maybe} {
			f, err := p.find(question{mode: m, actions: codeartifact.Actions(action)}, p.access.newBudget())
			if errors.Is(err, glob.ErrBudget) {
				t.Skip("no answer to compare")
			}
			found[m] = f
		}
		all[a.name] = found
	}
	return all
}

// within wants nothing in a that is not in b.
func (a answers) within(t *rapid.T, b answers, what string, before, after *testWorld) {
	for name, found := range a {
		for m, f := range found {
			if f != nil && b[name][m] == nil {
				t.Fatalf("%s: %s (mode %d) is allowed only now: %s\nbefore\n%safter\n%s", what, name, m, f.Resource, before, after)
			}
		}
	}
}

func TestDenyNeverAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, w := drawWorld(t)
		v := r.vocabulary()
		more := &testWorld{caller: w.caller, identity: w.identity, boundary: w.boundary, scps: w.scps, resource: w.resource}
		s := r.statement(v, 1, false)
		s["Effect"] = "Deny"
		more.identity = append(more.identity[:len(more.identity):len(more.identity)], marshal(map[string]any{"Version": "2012-10-17", "Statement": s}))
		more.answers(t).within(t, w.answers(t), "with another Deny", w, more)
	})
}

func TestBoundaryNeverAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, w := drawWorld(t)
		w.boundary = ""
		bounded := &testWorld{caller: w.caller, identity: w.identity, scps: w.scps, resource: w.resource, boundary: r.document(r.vocabulary(), 3, 4, false)}
		bounded.answers(t).within(t, w.answers(t), "with a boundary", w, bounded)
	})
}

func TestGuardNeverAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, w := drawWorld(t)
		guarded := &testWorld{caller: w.caller, identity: w.identity, boundary: w.boundary, resource: w.resource}
		guarded.scps = append(append([][]string{}, w.scps...), []string{r.document(r.vocabulary(), 3, 4, false)})
		guarded.answers(t).within(t, w.answers(t), "with another level of SCPs", w, guarded)
	})
}

// TestSplittingChangesNothing writes statements as several: one an action, one a
// resource.
func TestSplittingChangesNothing(t *testing.T) {
	split := func(statements []any, element string) []any {
		var out []any
		for _, s := range statements {
			values, listed := s.(map[string]any)[element].([]any)
			if !listed {
				out = append(out, s)
				continue
			}
			for _, v := range values {
				one := map[string]any{}
				for name, value := range s.(map[string]any) {
					one[name] = value
				}
				one[element] = v
				out = append(out, one)
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		_, w := drawWorld(t)
		parts := w.changed(func(s []any) []any { return split(split(s, "Action"), "Resource") })
		before, after := w.answers(t), parts.answers(t)
		after.within(t, before, "split", w, parts)
		before.within(t, after, "joined", parts, w)
		sameCoverage(t, w, parts)
	})
}

// TestOrderChangesNothing turns statements and policies round.
func TestOrderChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, w := drawWorld(t)
		turned := w.changed(reversed)
		for i, j := 0, len(turned.identity)-1; i < j; i, j = i+1, j-1 {
			turned.identity[i], turned.identity[j] = turned.identity[j], turned.identity[i]
		}
		before, after := w.answers(t), turned.answers(t)
		after.within(t, before, "turned round", w, turned)
		before.within(t, after, "turned back", turned, w)
		sameCoverage(t, w, turned)
	})
}

func reversed(list []any) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[len(list)-1-i] = x
	}
	return out
}

// TestNamesChangeNothing gives every statement a Sid: the answers stay the same to
// the letter.
func TestNamesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, w := drawWorld(t)
		n := 0
		named := w.changed(func(statements []any) []any {
			for _, s := range statements {
				n++
				s.(map[string]any)["Sid"] = fmt.Sprint("S", n)
			}
			return statements
		})
		before, after := w.answers(t), named.answers(t)
		for name := range before {
			for m := range before[name] {
				a, b := before[name][m], after[name][m]
				if (a == nil) != (b == nil) || a != nil && (a.Resource != b.Resource || !reflect.DeepEqual(a.context, b.context)) {
					t.Fatalf("%s: %+v with other names %+v\n%s", name, a, b, w)
				}
			}
		}
	})
}

// sameCoverage wants the same coverage of two worlds that say the same.
func sameCoverage(t *rapid.T, w, other *testWorld) {
	of := func(w *testWorld, m mode) bool {
		p := w.resolve()
		found, err := newCoverer(p, m, codeartifact.Actions(codeartifact.ReadFromRepository, codeartifact.GetAuthorizationToken), p.access.newBudget()).everywhere()
		if errors.Is(err, glob.ErrBudget) {
			t.Skip("no answer to compare")
		}
		return found != nil
	}
	for _, m := range []mode{sure, maybe} {
		if a, b := of(w, m), of(other, m); a != b {
			t.Fatalf("covered (mode %d): %v, written otherwise %v\n%s%s", m, a, b, w, other)
		}
	}
}
