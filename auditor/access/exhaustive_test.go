package access

import (
	"flag"
	"maps"
	"net"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

var (
	seedFlag = flag.Uint64("seed", 1, "seed of the random policies")
	setsFlag = flag.Int("sets", 100_000, "number of random policy sets")
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
// against what the oracle says of every request of the universe: in many small
// worlds, in which each element of the language decides often, and in some large
// ones, in which they meet.
func TestAccessAgreesWithOracle(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // much garbage, little memory
	counts := &tally{by: map[string]int{}, least: *setsFlag / 100}
	inParallel(t, *setsFlag, func(t *testing.T, r chance) {
		if !r.oneIn(10) {
			w, a := r.smallWorld()
			compareAction(t, r, w, w.resolve(), w.oracle(), a, counts)
			return
		}
		w := r.world()
		p, rules := w.resolve(), w.oracle()
		for range 2 { // some of the actions, since all of them take long
			compareAction(t, r, w, p, rules, r.action(w), counts)
		}
	})
	counts.check(t)
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

func compareAction(t *testing.T, r chance, w *testWorld, p *Profile, rules oracle.World, a universeAction, counts *tally) {
	name, resources := a.name, a.resources
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
		if request.Action != "" && (len(w.identity) == 1 || r.oneIn(4)) {
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
		if shown.Caller != w.caller.Session {
			request.Principal.ARN = shown.Caller
		}
		if v, asked := found.context["aws:principalorgid"]; asked && !v.present {
			request.Principal.Organization = ""
		}
	}
	for key, values := range shown.Context {
		request.Context[key] = values
	}
	for i := range universeKeys {
		k := &universeKeys[i]
		carried := k.carried(w.caller, request.Action, request.Resource)
		if v, mentioned := found.context[dimensionOf(strings.ToLower(k.name))]; mentioned {
			if carried != nil && !k.plausible(v, carried) && request.Action != createRepository {
				t.Errorf("%s: the engine (%s) shows %+v, which no such request has for %s\n%s", shown.Action, how, v, k.name, w)
			}
			continue
		}
		if carried != nil {
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

// plausible reports whether requests can carry, or lack, the key as v says.
func (k *universeKey) plausible(v value, carried [][]string) bool {
	if !slices.ContainsFunc(carried, func(values []string) bool { return (values != nil) == v.present }) {
		return false
	}
	for _, text := range v.texts {
		switch k.name {
		case "sts:AWSServiceName":
			if text != codeartifact.ServiceName {
				return false
			}
		case "sts:DurationSeconds":
			if n, err := strconv.Atoi(text); err != nil || n != 0 && (n < 900 || n > 43200) {
				return false
			}
		case "aws:CurrentTime":
			if at, err := time.Parse(time.RFC3339, text); err != nil || at.Before(testNow) {
				return false
			}
		case "aws:MultiFactorAuthPresent":
			if text != "true" && text != "false" {
				return false
			}
		case "aws:SourceIp":
			if net.ParseIP(text) == nil {
				return false
			}
		}
	}
	return true
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
	by    map[string]int
	least int
	full  bool // everything has decided often enough
}

// elements are those that have to decide: all that a policy can be made of.
var elements = func() []string {
	names := []string{
		"Action", "NotAction", "Resource", "NotResource", "Deny", "SCP", "boundary", "identity policy", "Null", "IfExists",
		"ForAnyValue", "ForAllValues", "missing key", "variable", "variable without value",
	}
	for _, base := range comparisons {
		names = append(names, base.String())
	}
	return names
}()

func (c *tally) count(request oracle.Request, rules oracle.World) {
	c.Lock()
	full := c.full
	c.Unlock()
	if full {
		return
	}
	_, names := oracle.Decisive(request, rules)
	c.Lock()
	defer c.Unlock()
	for _, n := range names {
		c.by[n]++
	}
	c.full = !slices.ContainsFunc(elements, func(n string) bool { return c.by[n] < c.least })
}

// check fails when something decided too few requests: then the comparison proves
// little about it.
func (c *tally) check(t *testing.T) {
	t.Helper()
	for _, n := range elements {
		if c.by[n] < c.least {
			t.Errorf("%s decided %d requests (expected at least %d)", n, c.by[n], c.least)
		}
	}
	t.Logf("decided by: %v", c.by)
}
