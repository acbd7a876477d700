package access

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

// guardedSets is the number of random guards that are put around full access.
const guardedSets = 1_000

// TestHeldAgreesWithOracle puts random guards around full access. Where they are
// said to keep it back, the oracle must deny the request that is shown, and allow
// it without guards.
func TestHeldAgreesWithOracle(t *testing.T) {
	var held, given, undecided atomic.Int64
	inParallel(t, guardedSets, func(t *testing.T, r chance) {
		w := r.guarded()
		world := Resolve(w.inventory(), Options{Now: testNow}).Worlds[0]
		p := world.Principals[0]
		found, err := world.Held(p)
		switch {
		case errors.Is(err, glob.ErrBudget):
			undecided.Add(1)
			return
		case err != nil:
			t.Errorf("%v\n%s", err, w)
			return
		case len(found) == 0:
			given.Add(1)
			return
		}
		held.Add(1)
		if full, err := p.Full(); len(full) > 0 || err != nil {
			t.Errorf("held back from full access that is there: %v %v\n%s", full, err, w)
		}
		open := &testWorld{caller: w.caller, identity: []string{fullAllow}}
		for _, h := range found {
			if len(h.Denies) == 0 && len(h.Guards) == 0 {
				t.Errorf("nothing keeps it back\n%s", w)
			}
			request := oracle.Request{Principal: w.caller, Action: h.Witness.Action.String(), Resource: h.Witness.Resource, Context: h.Witness.Context}
			if got := oracle.Decide(request, w.oracle()); got != oracle.Deny {
				t.Errorf("shown as denied: %+v, the oracle says %v\n%s", request, got, w)
			}
			if got := oracle.Decide(request, open.oracle()); got == oracle.Deny {
				t.Errorf("shown as allowed without guards: %+v\n%s", request, w)
			}
		}
	})
	t.Logf("held %d, given %d, undecided %d", held.Load(), given.Load(), undecided.Load())
	if least := int64(guardedSets / 20); held.Load() < least || given.Load() < least || undecided.Load() > least {
		t.Errorf("held %d, given %d, undecided %d: too few answers to prove anything", held.Load(), given.Load(), undecided.Load())
	}
}

const fullAllow = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"}}`

// guarded draws a world in which one policy gives full access, and guards.
func (r chance) guarded() *testWorld {
	v := r.vocabulary()
	v.strange = false
	w := &testWorld{caller: pickOf(r, universeCallers), identity: []string{fullAllow, r.document(v, 3, 2, false)}, actions: v.actions}
	if r.oneIn(3) {
		w.boundary = r.document(v, 3, 2, false)
	}
	if r.oneIn(3) {
		w.scps = [][]string{{fullAllow, r.document(v, 3, 2, false)}}
	}
	return w
}

// TestHeldNamesTheFewest: a guard that changes nothing is not named, and what
// is enough by itself is told from what is enough together.
func TestHeldNamesTheFewest(t *testing.T) {
	deny := func(action, resource string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"` + action + `","Resource":"` + resource + `"}]}`
	}
	const everything = "*"
	for _, c := range []struct {
		name           string
		world          testWorld
		denies, guards int
		each           bool
	}{
		{"a Deny of a control policy", testWorld{scps: [][]string{{deny("codeartifact:Delete*", everything)}}}, 1, 0, true},
		{"beside one of another service", testWorld{scps: [][]string{{deny("s3:*", everything)}, {deny("codeartifact:Put*", everything)}}}, 1, 0, true},
		{"a boundary", testWorld{boundary: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codeartifact:Get*","Resource":"*"}}`}, 0, 1, true},
		{"either", testWorld{boundary: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codeartifact:Get*","Resource":"*"}}`, scps: [][]string{{deny("codeartifact:Put*", everything)}}}, 1, 1, true},
		{"nothing", testWorld{scps: [][]string{{deny("codeartifact:Tag*", everything)}}}, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &c.world
			w.caller, w.identity = universeCallers[1], []string{fullAllow}
			world := Resolve(w.inventory(), Options{Now: testNow}).Worlds[0]
			found, err := world.Held(world.Principals[0])
			if err != nil {
				t.Fatal(err)
			}
			if c.denies+c.guards == 0 {
				if len(found) > 0 {
					t.Errorf("held back: %+v", found)
				}
				return
			}
			if len(found) != 1 || len(found[0].Denies) != c.denies || len(found[0].Guards) != c.guards || found[0].Each != c.each {
				t.Errorf("held back by %+v", found)
			}
		})
	}
}
