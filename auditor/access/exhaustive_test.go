package access

import (
	"flag"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

var (
	seedFlag = flag.Uint64("seed", 1, "seed of the random policies")
	setsFlag = flag.Int("sets", 20_000, "number of random policy sets")
)

// inParallel runs check for as many seeds as -sets says, and stops at the first
// that fails.
func inParallel(t *testing.T, sets int, check func(t *testing.T, r chance)) {
	t.Helper()
	var next atomic.Uint64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for !t.Failed() {
				n := next.Add(1)
				if n > uint64(sets) {
					return
				}
				check(t, newChance(*seedFlag<<32+n))
			}
		}()
	}
	workers.Wait()
}

// TestAccessAgreesWithOracle holds what the engine says of sets of requests
// against what the oracle says of every request of the universe.
func TestAccessAgreesWithOracle(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // much garbage, little memory
	counts := &tally{by: map[string]int{}}
	inParallel(t, *setsFlag, func(t *testing.T, r chance) {
		w := r.world()
		p := w.resolve()
		rules := w.oracle()
		for range 3 { // some of the actions, since all of them take long
			a := r.action(w)
			compareAction(t, r, w, p, rules, a.name, a.resources, counts)
		}
	})
	counts.check(t, *setsFlag)
}

// action draws an action, rather one that the policies name.
func (r chance) action(w *testWorld) universeAction {
	word := pickOf(r, w.actions)
	for _, a := range universeActions {
		if strings.EqualFold(a.name, word) {
			return a
		}
	}
	return pickOf(r, universeActions)
}

func compareAction(t *testing.T, r chance, w *testWorld, p *Profile, rules oracle.World, name string, resources []string, counts *tally) {
	action, _ := codeartifact.LookupAction(name)
	certain := findOrFail(t, w, p, sure, action)
	possible := findOrFail(t, w, p, maybe, action)
	clear := w.clear(name)
	if certain != nil {
		replay(t, r, w, p, rules, certain, "sure")
		if possible == nil {
			t.Errorf("%s: sure of a request, and none is possible\n%s", name, w)
		}
	}
	if possible != nil && clear {
		replay(t, r, w, p, rules, possible, "maybe")
	}
	best := oracle.Deny
	var shown, refused oracle.Request
	for request := range w.requests(name, resources) {
		d := oracle.Decide(request, rules)
		if d == oracle.Deny {
			refused = request
		}
		if d > best {
			best, shown = d, request
		}
		if best == oracle.Allow {
			break
		}
	}
	for _, request := range []oracle.Request{shown, refused} {
		if request.Action != "" && r.oneIn(3) {
			counts.count(request, rules)
		}
	}
	if best != oracle.Deny && possible == nil {
		t.Errorf("%s: the oracle says %v of %+v, the engine finds no possible request\n%s", name, best, shown, w)
	}
	if best == oracle.Allow && clear && certain == nil {
		t.Errorf("%s: the oracle allows %+v, the engine is sure of no request\n%s", name, shown, w)
	}
}

func findOrFail(t *testing.T, w *testWorld, p *Profile, m mode, a codeartifact.Action) *Found {
	found, err := p.find(question{mode: m, actions: codeartifact.Actions(a)}, p.access.newBudget())
	if err != nil {
		t.Errorf("%v: %v\n%s", a, err, w)
	}
	return found
}

// replay decides a found request by the oracle. What the witness does not mention
// makes no difference, so it is filled in at random. A request that is sure has
// to be allowed; of one that is possible the oracle must not know better.
func replay(t *testing.T, r chance, w *testWorld, p *Profile, rules oracle.World, found *Found, how string) {
	shown := p.request(found)
	request := oracle.Request{Principal: w.caller, Action: shown.Action.String(), Resource: shown.Resource, Context: map[string][]string{}}
	if p.caller.stranger {
		request.Principal.ARN = shown.Caller
	}
	for key, values := range shown.Context {
		request.Context[key] = values
	}
	mentioned := func(key string) bool {
		_, ok := found.context[strings.ToLower(key)]
		return ok
	}
	for _, k := range universeKeys {
		if mentioned(k.name) {
			continue
		}
		if carried := k.carried(w.caller, request.Action, request.Resource); carried != nil {
			if v := pickOf(r, carried); v != nil {
				request.Context[k.name] = v
			}
		}
	}
	got := oracle.Decide(request, rules)
	if got == oracle.Deny || got == oracle.Unknown && how == "sure" && shown.Action.String() != createRepository {
		t.Errorf("%s: the engine (%s) shows %+v, the oracle says %v (filled in: %+v)\n%s", shown.Action, how, shown, got, request, w)
	}
}

// requests yields every request of the universe for an action: every resource,
// with every value of the keys that the world's policies mention.
func (w *testWorld) requests(action string, resources []string) func(func(oracle.Request) bool) {
	keys := w.mentioned()
	return func(yield func(oracle.Request) bool) {
		for _, resource := range resources {
			choices := map[string][][]string{}
			for _, k := range keys {
				if carried := k.carried(w.caller, action, resource); carried != nil {
					choices[k.name] = carried
				}
			}
			if !eachChoice(slices.Sorted(maps.Keys(choices)), choices, map[string][]string{}, func(context map[string][]string) bool {
				return yield(w.request(action, resource, context))
			}) {
				return
			}
		}
	}
}

// eachChoice yields every combination of values. The map is reused.
func eachChoice(names []string, choices map[string][][]string, chosen map[string][]string, yield func(map[string][]string) bool) bool {
	if len(names) == 0 {
		return yield(maps.Clone(chosen))
	}
	for _, v := range choices[names[0]] {
		if v == nil {
			delete(chosen, names[0])
		} else {
			chosen[names[0]] = v
		}
		if !eachChoice(names[1:], choices, chosen, yield) {
			return false
		}
	}
	return true
}

// mentioned returns the keys of the universe that the policies ask about.
func (w *testWorld) mentioned() []*universeKey {
	var texts strings.Builder
	texts.WriteString(strings.ToLower(w.String()))
	var out []*universeKey
	for i := range universeKeys {
		if strings.Contains(texts.String(), strings.ToLower(universeKeys[i].name)) {
			out = append(out, &universeKeys[i])
		}
	}
	return out
}

// tally counts how often each element of the language decided a request.
type tally struct {
	sync.Mutex
	by map[string]int
}

func (c *tally) count(request oracle.Request, rules oracle.World) {
	_, names := oracle.Decisive(request, rules)
	c.Lock()
	defer c.Unlock()
	for _, n := range names {
		c.by[n]++
	}
}

// check fails when something hardly ever decided: then the comparison proves
// little about it.
func (c *tally) check(t *testing.T, sets int) {
	t.Helper()
	least := sets / 2000
	names := []string{
		"Action", "NotAction", "Resource", "NotResource", "Deny", "SCP", "boundary", "identity policy", "Null", "IfExists",
		"ForAnyValue", "ForAllValues", "missing key", "variable", "variable without value",
	}
	for base := policy.StringEquals; base <= policy.ARNNotLike; base++ {
		if base != policy.BinaryEquals { // no key of ours is binary
			names = append(names, base.String())
		}
	}
	for _, n := range names {
		if c.by[n] < least {
			t.Errorf("%s decided %d requests of %d policy sets (expected at least %d)", n, c.by[n], sets, least)
		}
	}
	t.Logf("decided by: %v", c.by)
}
