package access

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// decisionSets is the number of random policy sets of which decisions are held
// against the oracle.
const decisionSets = 4_000

// TestDecisionsAgreeWithOracle holds decisions against what the oracle says of
// every request of the universe that they speak of: with all keys free, and with
// all of them given.
func TestDecisionsAgreeWithOracle(t *testing.T) {
	var decided tallyOfDecisions
	inParallel(t, decisionSets, func(t *testing.T, r chance) {
		w := r.world()
		a := r.action(w)
		if a.name == createRepository {
			return // what it is authorized on is not settled
		}
		other := &inventory.Account{ID: otherAccount, Guards: [][]inventory.Guard{}}
		w.holders(other)
		x := Resolve(&inventory.Inventory{Accounts: []*inventory.Account{w.account(), other}}, Options{Now: testNow})
		c := decisionCase{testing: t, chance: r, world: w, rules: w.oracle(), access: x, action: a.name, resource: pickOf(r, a.resources)}
		decided.add(c.free())
		c.given()
	})
	decided.check(t)
}

// decisionCase is one action on one resource in a random world.
type decisionCase struct {
	chance
	testing  *testing.T
	world    *testWorld
	rules    oracle.World
	access   *Access
	action   string
	resource string
}

func (c decisionCase) errorf(format string, args ...any) {
	c.testing.Helper()
	c.testing.Errorf("%s on %s: "+format+"\n%s", append([]any{c.action, c.resource}, append(args, c.world)...)...)
}

func (c decisionCase) decide(context map[string][]string) *Answer {
	action, _ := codeartifact.LookupAction(c.action)
	q, err := NewQuestion(action, c.resource, context)
	if err != nil {
		c.errorf("NewQuestion(%v): %v", context, err)
		return nil
	}
	answer, err := c.access.Ask(q).Decide(c.access.Worlds[0].Principals[0])
	if err != nil {
		c.errorf("Decide(%v): %v", context, err)
		return nil
	}
	return answer
}

// free compares the decision under free keys with those of all requests.
func (c decisionCase) free() Decision {
	answer := c.decide(nil)
	if answer == nil {
		return 0
	}
	decisions := map[string]oracle.Decision{}
	for request := range c.world.requests(c.action, []string{c.resource}) {
		d := oracle.Decide(request, c.rules)
		decisions[spell(request.Context, "")] = d
		if answer.Decision == Allow && d != oracle.Allow || answer.Decision == Deny && d != oracle.Deny {
			c.errorf("decided %v, the oracle says %v of %v", answer.Decision, d, request.Context)
			return 0
		}
	}
	clear := c.world.clear(c.action)
	if answer.Decision == Depends && clear {
		c.examples(answer)
	}
	if clear {
		c.conditions(answer, decisions)
	}
	return answer.Decision
}

// examples replays the two requests of a decision that depends.
func (c decisionCase) examples(answer *Answer) {
	for shown, wrong := range map[*Request]oracle.Decision{answer.Allowed: oracle.Deny, answer.Refused: oracle.Allow} {
		request := oracle.Request{Principal: c.world.caller, Action: c.action, Resource: c.resource, Context: shown.Context}
		if got := oracle.Decide(request, c.rules); got == wrong {
			c.errorf("example %+v, the oracle says %v", *shown, got)
		}
	}
}

// conditions wants every key to be named of which another value makes the oracle
// decide otherwise.
func (c decisionCase) conditions(answer *Answer, decisions map[string]oracle.Decision) {
	named := map[string]bool{}
	for _, name := range answer.Conditions {
		named[strings.ToLower(name)] = true
	}
	first := map[string]oracle.Decision{}
	for request := range c.world.requests(c.action, []string{c.resource}) {
		here := decisions[spell(request.Context, "")]
		for _, k := range c.world.mentioned() {
			others := k.name + "|" + spell(request.Context, k.name)
			if before, seen := first[others]; seen && before != here && !named[strings.ToLower(k.name)] {
				c.errorf("%s decides and is not among the conditions %v (%v)", k.name, answer.Conditions, answer.Decision)
				return
			}
			first[others] = here
		}
	}
}

// spell writes a context out, but for one key.
func spell(context map[string][]string, without string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(context)) {
		if key != without {
			b.WriteString(key + "=" + strings.Join(context[key], ",") + ";")
		}
	}
	return b.String()
}

// given compares the decision of one request of which every key is given.
func (c decisionCase) given() {
	requests := slices.Collect(c.world.requests(c.action, []string{c.resource}))
	request := pickOf(c.chance, requests)
	context := map[string][]string{}
	for _, k := range c.world.mentioned() {
		if k.carried(c.world.caller, c.action, c.resource) != nil {
			context[k.name] = request.Context[k.name]
		}
	}
	answer := c.decide(context)
	if answer == nil {
		return
	}
	got := oracle.Decide(request, c.rules)
	switch {
	case answer.Decision == Allow && got != oracle.Allow, answer.Decision == Deny && got != oracle.Deny:
		c.errorf("given %v decided %v, the oracle says %v", context, answer.Decision, got)
	case answer.Decision == Depends && got != oracle.Unknown && c.world.clear(c.action):
		c.errorf("given %v depends on %v (%v), the oracle says %v", context, answer.Conditions, answer.Notes, got)
	}
}

// tallyOfDecisions counts, so that a test that always decides alike fails.
type tallyOfDecisions struct {
	tally
}

func (c *tallyOfDecisions) add(d Decision) {
	c.Lock()
	defer c.Unlock()
	if c.by == nil {
		c.by = map[string]int{}
	}
	c.by[d.String()]++
}

func (c *tallyOfDecisions) check(t *testing.T) {
	t.Helper()
	for _, d := range []Decision{Allow, Deny, Depends} {
		if c.by[d.String()] < decisionSets/40 {
			t.Errorf("%d of %d questions were decided %v (expected at least %d)", c.by[d.String()], decisionSets, d, decisionSets/40)
		}
	}
}
