package access

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

// beyondSets is the number of random pairs of policies that are compared.
const beyondSets = 2_000

// TestBeyondAgreesWithOracle compares two policies: when the second allows nothing
// that the first does not, the oracle must find nothing; when it does, the request
// that is shown must be one.
func TestBeyondAgreesWithOracle(t *testing.T) {
	var more, nothing, undecided atomic.Int64
	inParallel(t, beyondSets, func(t *testing.T, r chance) {
		v := r.vocabulary()
		v.strange = false
		caller := pickOf(r, universeCallers)
		before := &testWorld{caller: caller, identity: []string{r.document(v, 3, 2, false)}, actions: v.actions}
		after := &testWorld{caller: caller, identity: []string{r.document(v, 3, 4, false)}, actions: v.actions}
		x := Resolve(before.inventory(), Options{Now: testNow})
		if len(x.Worlds[0].Policies) == 0 {
			return // the document speaks of nothing that we judge
		}
		old := x.Worlds[0].Policies[0]
		changed := x.Worlds[0].With(Change{old, after.documents.Intern(after.identity[0])}).Policies[0]
		beyond, err := changed.Beyond(old, codeartifact.ActionSet{})
		switch {
		case errors.Is(err, glob.ErrBudget):
			undecided.Add(1)
		case err != nil:
			t.Errorf("%v\n%s%s", err, before, after)
		case beyond != nil:
			more.Add(1)
		default:
			nothing.Add(1)
			nothingNew(t, r, before, after)
		}
	})
	t.Logf("more %d, nothing new %d, undecided %d", more.Load(), nothing.Load(), undecided.Load())
	if least := int64(beyondSets / 20); more.Load() < least || nothing.Load() < least || undecided.Load() > least {
		t.Errorf("more %d, nothing new %d, undecided %d: too few answers to prove anything", more.Load(), nothing.Load(), undecided.Load())
	}
}

// nothingNew has the oracle look for a request that only the later policy allows.
func nothingNew(t *testing.T, r chance, before, after *testWorld) {
	both := &testWorld{caller: before.caller, identity: []string{before.identity[0], after.identity[0]}}
	old, changed := before.oracle(), after.oracle()
	for range 3 {
		a := r.action(before)
		for request := range both.requests(a.name, a.resources) {
			if oracle.Decide(request, changed) == oracle.Allow && oracle.Decide(request, old) == oracle.Deny {
				t.Errorf("nothing new, says the engine; the oracle allows only now %+v\nbefore\n%safter\n%s", request, before, after)
				return
			}
		}
	}
}
