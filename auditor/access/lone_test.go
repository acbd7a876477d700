package access

import (
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// inertSets is the number of random policies whose statements are judged by
// themselves.
const inertSets = 3_000

// TestInertAgreesWithOracle changes policies where a statement is said to be inert,
// and has the oracle look for a request that this makes a difference to: a
// statement whose condition is never met allows nothing, a condition that is
// always met can go, and so can a statement that another shadows.
func TestInertAgreesWithOracle(t *testing.T) {
	var never, always, shadowed, undecided atomic.Int64
	inParallel(t, inertSets, func(t *testing.T, r chance) {
		v := r.vocabulary()
		w := &testWorld{caller: pickOf(r, universeCallers), identity: []string{r.document(v, 4, 3, false)}, actions: v.actions}
		x := Resolve(w.inventory(), Options{Now: testNow})
		if len(x.Worlds[0].Policies) == 0 {
			return // the document speaks of nothing that we judge
		}
		world, q := x.Worlds[0], x.Worlds[0].Policies[0]
		dead, err := world.NeverMet(q)
		if err != nil && !errors.Is(err, glob.ErrBudget) {
			t.Errorf("%v\n%s", err, w)
		}
		for _, n := range dead {
			if n.Certainty == Sure {
				never.Add(1)
				allowsNothing(t, r, w, n.Condition[0].Statement.Index)
			}
		}
		idle, err2 := world.AlwaysMet(q)
		for _, a := range idle {
			if a.Certainty == Sure && a.Cause != EveryAddress {
				always.Add(1)
				at := slices.IndexFunc(a.By.Statement.Conditions, func(c policy.Condition) bool { return c.Place == a.By.Place })
				c := a.By.Statement.Conditions[at]
				same(t, r, w, edited(t, w.identity[0], func(list []any) []any {
					conditions := list[a.By.Statement.Index].(map[string]any)["Condition"].(map[string]any)
					delete(conditions[c.Operator.Text].(map[string]any), c.Key)
					return list
				}))
			}
		}
		shadows, err3 := world.Shadowed(q)
		for _, s := range shadows {
			shadowed.Add(1)
			same(t, r, w, edited(t, w.identity[0], func(list []any) []any {
				return slices.Delete(list, s.By.Statement.Index, s.By.Statement.Index+1)
			}))
		}
		if err != nil || err2 != nil || err3 != nil {
			undecided.Add(1)
		}
	})
	t.Logf("never met %d, always met %d, shadowed %d, undecided %d", never.Load(), always.Load(), shadowed.Load(), undecided.Load())
	if never.Load() < 20 || always.Load() < 20 || shadowed.Load() < 20 || undecided.Load() > inertSets/20 {
		t.Errorf("never met %d, always met %d, shadowed %d, undecided %d: too few answers to prove anything",
			never.Load(), always.Load(), shadowed.Load(), undecided.Load())
	}
}

// edited returns a document with its statements changed. A Condition that is left
// without any test goes.
func edited(t *testing.T, text string, change func([]any) []any) string {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	list := change(d["Statement"].([]any))
	for _, s := range list {
		conditions, _ := s.(map[string]any)["Condition"].(map[string]any)
		for operator, keys := range conditions {
			if len(keys.(map[string]any)) == 0 {
				delete(conditions, operator)
			}
		}
		if len(conditions) == 0 {
			delete(s.(map[string]any), "Condition")
		}
	}
	d["Statement"] = list
	return marshal(d)
}

// allowsNothing has the oracle look for a request that one statement by itself,
// were it an Allow, would allow.
func allowsNothing(t *testing.T, r chance, w *testWorld, index int) {
	t.Helper()
	alone := &testWorld{caller: w.caller, actions: w.actions, identity: []string{edited(t, w.identity[0], func(list []any) []any {
		list[index].(map[string]any)["Effect"] = "Allow"
		return list[index : index+1]
	})}}
	for range 4 {
		a := r.action(w)
		for request := range alone.requests(a.name, a.resources) {
			if oracle.Decide(request, alone.oracle()) == oracle.Allow {
				t.Errorf("never met, says the engine; the oracle allows %+v\n%s", request, alone)
				return
			}
		}
	}
}

// same has the oracle look for a request that is decided otherwise after a change.
func same(t *testing.T, r chance, before *testWorld, changed string) {
	t.Helper()
	after := &testWorld{caller: before.caller, identity: []string{changed}, actions: before.actions}
	for range 4 {
		a := r.action(before)
		for request := range before.requests(a.name, a.resources) {
			was, is := oracle.Decide(request, before.oracle()), oracle.Decide(request, after.oracle())
			if was != is && was != oracle.Unknown && is != oracle.Unknown {
				t.Errorf("the same, says the engine; the oracle says %v and then %v to %+v\nbefore\n%safter\n%s", was, is, request, before, after)
				return
			}
		}
	}
}
