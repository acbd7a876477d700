package access

import (
	"sync/atomic"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

// strangerSets is the number of random resource policies that strangers try.
const strangerSets = 6_000

// everythingAllowed is what a stranger's own account lets it do.
const everythingAllowed = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// universeStrangers are principals of an account that no policy of the universe
// names, in no organization and in one of their own.
var universeStrangers = []oracle.Principal{
	{ARN: "arn:aws:iam::999999999999:role/stranger"},
	{ARN: "arn:aws:iam::999999999999:user/ann", Organization: "o-zzzzzzzzzz"},
}

// TestStrangersAgreeWithOracle holds what resource policies allow strangers
// against what the oracle says of every request of the universe.
func TestStrangersAgreeWithOracle(t *testing.T) {
	var letIn atomic.Int64
	inParallel(t, strangerSets, func(t *testing.T, r chance) {
		v := r.vocabulary()
		w := &testWorld{caller: pickOf(r, universeStrangers), identity: []string{everythingAllowed}, actions: v.actions}
		for _, holder := range []string{ownPlace + "domain/team", ownPlace + "repository/team/app"} {
			if len(w.resource) == 0 || r.oneIn(2) {
				w.resource = append(w.resource, testPolicy{holder, r.document(v, 2, 3, true)})
			}
		}
		policies, rules := w.strangers(), w.oracle()
		rules.Unread = false
		for range 3 {
			// Other actions are no business of a resource policy.
			if a := r.action(w); a.name != createRepository && a.resources[0] != "*" {
				if compareStrangers(t, r, w, policies, rules, a) {
					letIn.Add(1)
				}
			}
		}
	})
	if t.Logf("let in %d times", letIn.Load()); letIn.Load() < strangerSets/10 {
		t.Errorf("let in %d times: too few to prove anything", letIn.Load())
	}
}

// compareStrangers reports whether strangers are certainly let in.
func compareStrangers(t *testing.T, r chance, w *testWorld, policies []*Policy, rules oracle.World, a universeAction) bool {
	action, _ := codeartifact.LookupAction(a.name)
	var certain, possible *Found
	clear := w.clear(a.name)
	for _, q := range policies {
		if found := findOrFail(t, w, q.Alone(), sure, action); found != nil {
			replay(t, r, w, q.Alone(), rules, found, "sure")
			certain = found
		}
		if found := findOrFail(t, w, q.Alone(), maybe, action); found != nil {
			if clear {
				replay(t, r, w, q.Alone(), rules, found, "maybe")
			}
			possible = found
		}
	}
	best := oracle.Deny
	for request := range w.requests(a.name, a.resources) {
		if d := oracle.Decide(request, rules); d > best {
			best = d
			if d != oracle.Deny && possible == nil || d == oracle.Allow && clear && certain == nil {
				t.Errorf("%s: the oracle says %v of %+v, the engine finds possible %v, sure %v\n%s", a.name, d, request, possible, certain, w)
				return false
			}
		}
	}
	return certain != nil
}
