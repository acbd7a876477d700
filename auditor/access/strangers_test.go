package access

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

// strangerSets is the number of random resource policies that strangers try.
const strangerSets = 6_000

// everythingAllowed is what a stranger's own account lets it do.
const everythingAllowed = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// universeOutsiders are principals of other accounts than the resource's: two
// strangers, which no policy names and in no organization or one of their own; a
// member of the resource's; and two of an account that policies name.
var universeOutsiders = []struct {
	oracle.Principal
	profile func(*World, *Policy) *Profile
}{
	{oracle.Principal{ARN: "arn:aws:iam::999999999999:role/stranger"}, stranger},
	{oracle.Principal{ARN: "arn:aws:iam::999999999999:user/ann", Organization: "o-zzzzzzzzzz"}, stranger},
	{oracle.Principal{ARN: "arn:aws:iam::999999999999:role/member", Organization: "o-a1b2c3d4e5"}, (*World).Member},
	{oracle.Principal{ARN: "arn:aws:iam::444455556666:role/ci", Organization: "o-zzzzzzzzzz"}, ofOtherAccount},
	{oracle.Principal{ARN: "arn:aws:iam::444455556666:user/bob", Organization: "o-a1b2c3d4e5"}, ofOtherAccount},
	// The same by name, and a session of the role.
	{oracle.Principal{ARN: "arn:aws:iam::444455556666:role/ci", Organization: "o-zzzzzzzzzz"}, byName("arn:aws:iam::444455556666:role/ci")},
	{oracle.Principal{ARN: "arn:aws:iam::444455556666:user/bob", Organization: "o-a1b2c3d4e5"}, byName("arn:aws:iam::444455556666:user/bob")},
	{
		oracle.Principal{ARN: "arn:aws:iam::444455556666:role/ci", Session: "arn:aws:sts::444455556666:assumed-role/ci/session", Organization: "o-zzzzzzzzzz"},
		byName("arn:aws:sts::444455556666:assumed-role/ci/session"),
	},
}

func byName(text string) func(*World, *Policy) *Profile {
	return func(w *World, q *Policy) *Profile {
		return w.access.outsider(q.Policy, w.account, newGuest(text, otherAccount))
	}
}

func stranger(_ *World, q *Policy) *Profile       { return q.Alone() }
func ofOtherAccount(w *World, q *Policy) *Profile { return w.From(q, otherAccount) }

// TestStrangersAgreeWithOracle holds what resource policies allow principals of
// other accounts against what the oracle says of every request of the universe.
func TestStrangersAgreeWithOracle(t *testing.T) {
	var letIn atomic.Int64
	inParallel(t, strangerSets, func(t *testing.T, r chance) {
		v, who := r.vocabulary(), pickOf(r, universeOutsiders)
		w := &testWorld{caller: who.Principal, identity: []string{everythingAllowed}, actions: v.actions}
		for _, holder := range []string{ownPlace + "domain/team", ownPlace + "repository/team/app"} {
			if len(w.resource) == 0 || r.oneIn(2) {
				w.resource = append(w.resource, testPolicy{holder, r.document(v, 2, 3, true)})
			}
		}
		var profiles []*Profile
		world := w.visited()
		for _, q := range world.Policies {
			profiles = append(profiles, who.profile(world, q))
		}
		rules := w.oracle()
		rules.Unread = false
		for range 3 {
			// Other actions are no business of a resource policy.
			if a := r.action(w); a.name != createRepository && a.resources[0] != "*" {
				if compareStrangers(t, r, w, profiles, rules, a) {
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
func compareStrangers(t *testing.T, r chance, w *testWorld, profiles []*Profile, rules oracle.World, a universeAction) bool {
	action, _ := codeartifact.LookupAction(a.name)
	var certain, possible *Found
	clear := w.clear(a.name)
	for _, p := range profiles {
		if found := findOrFail(t, w, p, sure, action); found != nil {
			replay(t, r, w, p, rules, found, "sure")
			certain = found
		}
		if found := findOrFail(t, w, p, maybe, action); found != nil {
			if clear {
				replay(t, r, w, p, rules, found, "maybe")
			}
			possible = found
		}
	}
	best := oracle.Deny
	for request := range w.requests(a.name, a.resources) {
		if strings.HasPrefix(request.Resource, otherPlace) {
			continue // may be the caller's own
		}
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
