package access

import (
	"errors"
	"fmt"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
)

// coverageSets is the number of random policy sets whose coverage is held against
// the oracle.
const coverageSets = 3_000

// TestCoverageAgreesWithOracle holds "allows every request" against requests: of
// what is covered, the oracle has to allow every sample; of what is not, the
// engine has a request to show that the oracle refuses.
func TestCoverageAgreesWithOracle(t *testing.T) {
	var seen coverageTally
	inParallel(t, coverageSets, func(t *testing.T, r chance) {
		c := coverageCase{T: t, chance: r, world: r.world(), seen: &seen}
		c.rules = c.world.oracle()
		for _, m := range []mode{sure, maybe} {
			c.check(m)
		}
	})
	seen.Lock()
	defer seen.Unlock()
	says := fmt.Sprintf("covered %d times, not covered %d times, single domains %d times, undecided %d times", seen.covered, seen.refuted, seen.domains, seen.undecided)
	t.Log(says)
	if seen.covered < coverageSets/10 || seen.refuted < coverageSets/10 || seen.domains < coverageSets/50 || seen.undecided > coverageSets/50 {
		t.Errorf("%s: too few answers to prove anything", says)
	}
}

type coverageTally struct {
	tally
	covered, refuted, domains, undecided int
}

func (s *coverageTally) note(count *int) {
	s.Lock()
	*count++
	s.Unlock()
}

// coverageCase is one random world whose coverage is asked for.
type coverageCase struct {
	*testing.T
	chance
	world *testWorld
	rules oracle.World
	seen  *coverageTally
}

// covering are the actions that coverage is asked of, and what they are
// authorized on.
var covering = map[codeartifact.Action]codeartifact.ResourceType{
	codeartifact.GetAuthorizationToken: codeartifact.Domain,
	codeartifact.ReadFromRepository:    codeartifact.Repository,
	codeartifact.PublishPackageVersion: codeartifact.Package,
}

// check asks for every place and circumstance that the engine tells apart.
func (c coverageCase) check(m mode) {
	p := c.world.resolve()
	var actions codeartifact.ActionSet
	for a := range covering {
		if c.oneIn(2) {
			actions = actions.Add(a)
		}
	}
	v := newCoverer(p, m, actions, p.access.newBudget())
	places, err := v.places()
	if err != nil {
		c.Errorf("places: %v\n%s", err, c.world)
		return
	}
	somewhere := false
	tried := map[string]bool{}
	for _, at := range places {
		if tried[at.key] || actions.IsEmpty() {
			continue
		}
		tried[at.key] = true
		span := func(t codeartifact.ResourceType) (glob.State, glob.Union) { return at.state, afterAccount(t) }
		somewhere = c.circumstances(v, at.home, "", actions, span) || somewhere
		domain := pickOf(c.chance, []string{"team", "ops", "red", "zz"})
		c.circumstances(v, at.home, domain, actions, func(t codeartifact.ResourceType) (glob.State, glob.Union) {
			return v.machine.Read(at.state, typeStart(t)+domain), within(t)
		})
	}
	v.budget = p.access.newBudget()
	found, err := v.everywhere(actions)
	if errors.Is(err, glob.ErrBudget) {
		c.seen.note(&c.seen.undecided)
	} else if err != nil || (found != nil) != somewhere && !actions.IsEmpty() {
		c.Errorf("everywhere is %+v (%v), covered somewhere: %v\n%s", found, err, somewhere, c.world)
	}
	c.inDomains(v)
}

// circumstances checks the coverage of one place, or of one domain in it, under
// all circumstances. It reports whether there are some under which it is covered.
func (c coverageCase) circumstances(v *coverer, at home, domain string, actions codeartifact.ActionSet, span func(codeartifact.ResourceType) (glob.State, glob.Union)) bool {
	whole := v.Profile
	v.budget = v.access.newBudget()
	found, err := v.circumstances(at, func(when circumstances) (bool, error) {
		ok, err := v.covers(at, when, actions, span)
		if err != nil || v.Profile != whole {
			return ok, err
		}
		if ok {
			c.seen.note(&c.seen.covered)
			for a := range actions.All() {
				c.samples(v, at, domain, when, a)
			}
		} else {
			c.refute(v, at, domain, when, actions, span)
		}
		return ok, nil
	})
	if errors.Is(err, glob.ErrBudget) {
		c.seen.note(&c.seen.undecided)
	} else if err != nil {
		c.Errorf("circumstances: %v\n%s", err, c.world)
	}
	return found != nil
}

// samples has the oracle decide requests out of what is covered.
func (c coverageCase) samples(v *coverer, at home, domain string, when circumstances, a codeartifact.Action) {
	for range 12 {
		request := c.request(a, "arn:aws:codeartifact:"+at.region+":"+at.account+":"+c.resource(covering[a], domain), when)
		got := oracle.Decide(request, c.rules)
		if v.mode == sure && got != oracle.Allow || got == oracle.Deny && c.world.clear(a.String()) {
			c.Errorf("%v on all of %+v %q (mode %d) is covered under %+v, the oracle says %v of %+v\n%s", a, at, domain, v.mode, when, got, request, c.world)
			return
		}
	}
}

// refute has the oracle decide a request that the engine shows for what is not
// covered.
func (c coverageCase) refute(v *coverer, at home, domain string, when circumstances, actions codeartifact.ActionSet, span func(codeartifact.ResourceType) (glob.State, glob.Union)) {
	for a := range actions.All() {
		kind := covering[a]
		rule := v.ruleFor(a, kind, at, when)
		if rule.everything() {
			continue
		}
		state, shape := span(kind)
		text, missing, err := v.machine.Find(state, shape, nil, func(in []bool) bool { return !rule.allowed(in) }, v.budget)
		if err != nil || !missing {
			continue
		}
		if domain != "" {
			text = typeStart(kind) + domain + text
		}
		c.seen.note(&c.seen.refuted)
		request := c.request(a, "arn:aws:codeartifact:"+at.region+":"+at.account+":"+text, when)
		got := oracle.Decide(request, c.rules)
		if got != oracle.Deny && (v.mode == maybe || got == oracle.Allow && c.world.clear(a.String())) {
			c.Errorf("%v (mode %d) is not covered under %+v, the oracle says %v of %+v\n%s", a, v.mode, when, got, request, c.world)
		}
		return
	}
}

// inDomains has the oracle decide requests out of single covered domains.
func (c coverageCase) inDomains(v *coverer) {
	v.budget = v.access.newBudget()
	proofs, err := v.inDomains(v.actions)
	if errors.Is(err, glob.ErrBudget) {
		c.seen.note(&c.seen.undecided)
	} else if err != nil {
		c.Errorf("inDomains: %v\n%s", err, c.world)
	}
	for _, proof := range proofs {
		c.seen.note(&c.seen.domains)
		for a := range v.actions.All() {
			c.samples(v, proof.home, proof.domain, proof.when, a)
		}
	}
}

// request returns a request under the given circumstances; what they leave open
// is filled in at random.
func (c coverageCase) request(a codeartifact.Action, resource string, when circumstances) oracle.Request {
	r := oracle.Request{Principal: c.world.caller, Action: a.String(), Resource: resource, Context: map[string][]string{}}
	settled := map[string]bool{}
	for _, atom := range when {
		settled[atom.dim] = true
		if k := keyByName[atom.dim]; k != nil && atom.value.present && len(k.carried(c.world.caller, r.Action, resource)) == 1 {
			continue // this action's requests lack it, or Principal and Resource settle it
		}
		if atom.value.present {
			r.Context[keyName(atom.dim)] = atom.value.texts
		}
	}
	for _, k := range universeKeys {
		if carried := k.carried(c.world.caller, r.Action, resource); carried != nil && !settled[dimensionOf(lower(k.name))] {
			if v := pickOf(c.chance, carried); v != nil {
				r.Context[k.name] = v
			}
		}
	}
	return r
}

func lower(name string) string {
	out := []byte(name)
	for i, b := range out {
		if 'A' <= b && b <= 'Z' {
			out[i] = b - 'A' + 'a'
		}
	}
	return string(out)
}

// resource draws the resource part of an ARN, out of names that the patterns of
// the universe speak of and names close to them.
func (c coverageCase) resource(t codeartifact.ResourceType, domain string) string {
	if domain == "" {
		domain = pickOf(c.chance, []string{"team", "ops", "tea", "team2", "red", "ann", "t0", "zz-9", "example"})
	}
	repository := pickOf(c.chance, []string{"app", "lib", "ap", "app2", "App", "x.y_z", "abc"})
	name := pickOf(c.chance, []string{"left-pad", "left-", "left", "react", "l", "Left-pad"})
	switch t {
	case codeartifact.Repository:
		return "repository/" + domain + "/" + repository
	case codeartifact.Package:
		return "package/" + domain + "/" + repository + "/" + pickOf(c.chance, codeartifact.Formats()) + "/" + pickOf(c.chance, []string{"", "", "ns", "app"}) + "/" + name
	}
	return "domain/" + domain
}
