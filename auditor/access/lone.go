package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// lone is one statement by itself: the requests that it speaks of, whoever makes
// them and whatever else is said.
type lone struct {
	world   *World
	policy  *Policy
	written *policy.Statement // as it stands in the document
	parsed  *policy.Statement // as it is asked about
	caller  *Caller
	// actions are those of ours that it decides where it stands.
	actions codeartifact.ActionSet
	// foreign: it speaks of requests to other services too, of which nothing is
	// known.
	foreign bool
	budget  *glob.Budget
}

// speaks reports whether statements of such a policy are judged by themselves.
// What a trust policy, an endpoint or a resource control policy decides is more
// than the requests we know, and other callers make them.
func speaks(k inventory.Kind) bool {
	switch k {
	case inventory.Identity, inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository,
		inventory.Boundary, inventory.SCP, inventory.Session:
		return true
	}
	return false
}

// inertQuestion is a question about all statements of a document. Its answer is the
// same for every policy that it holds alike for, but for who has the policy.
type inertQuestion struct {
	about    inertAbout
	document *inventory.Document
	kind     inventory.Kind
	account  string
	id       string // of a policy that a resource has
	boundary bool
}

type inertAbout uint8

const (
	_ inertAbout = iota
	aboutNeverMet
	aboutAlwaysMet
	aboutShadowed
)

func (w *World) inertQuestion(about inertAbout, q *Policy) inertQuestion {
	key := inertQuestion{about: about, document: q.Document, kind: q.Kind, account: w.account.ID, boundary: len(q.Holders) == 0 && len(q.Bounds) > 0}
	if isResourcePolicy(q.Kind) {
		key.id = q.ID
	}
	return key
}

// settled reports whether a copy of the document was found to have nothing inert.
// Nearly all documents have nothing, and some stand in thousands of places.
func (x *Access) settled(question inertQuestion) bool { return x.lively[question] }

func (x *Access) settle(question inertQuestion) {
	if x.lively == nil {
		x.lively = map[inertQuestion]bool{}
	}
	x.lively[question] = true
}

// isResourcePolicy reports whether such a policy names its callers.
func isResourcePolicy(k inventory.Kind) bool {
	return k == inventory.DomainPolicy || k == inventory.RepositoryPolicy || k == inventory.DomainOrRepository
}

// lone returns a statement of the policy by itself.
func (w *World) lone(q *Policy, s *policy.Statement) lone {
	within := everyAction
	if isResourcePolicy(q.Kind) {
		within = reachOf(q.Kind)
	}
	_, possible := namedActions(s.Actions)
	return lone{world: w, policy: q, written: s, parsed: s, caller: w.whoever(q), actions: possible.And(within.maybe), budget: q.alone.steps()}
}

// whoever is any caller that a policy can speak of: of an identity policy those of
// its account, of a resource policy and of a bare document those of any.
func (w *World) whoever(q *Policy) *Caller {
	if isResourcePolicy(q.Kind) || w.Bare && q.Kind == inventory.SCP {
		return w.access.whoever("")
	}
	return w.access.whoever(w.account.ID)
}

// whoever is any caller of an account, of any account when none is given. It is
// made once.
func (x *Access) whoever(account string) *Caller {
	if known := x.whoevers[account]; known != nil {
		return known
	}
	c := anyPrincipal(account)
	arns := c.free["aws:principalarn"]
	of := func(b *glob.Builder) *glob.Builder {
		if account == "" {
			return b.Times(12, glob.Digits)
		}
		return b.Text(account)
	}
	arns.shape = append(arns.shape,
		of(glob.New().Text("arn:aws:iam::")).Text(":root").Pattern(),
		of(glob.New().Text("arn:aws:sts::")).Text(":federated-user/").One(nameChars).Many(nameChars).Pattern())
	if x.whoevers == nil {
		x.whoevers = map[string]*Caller{}
	}
	x.whoevers[account] = c
	return c
}

// meaning returns a statement by itself that means our actions: an element names a
// codeartifact action, or bearer tokens by a pattern of sts actions, or its
// resources are all CodeArtifact's. It reports false of others.
func (w *World) meaning(q *Policy, s *policy.Statement) (lone, bool) {
	l := w.lone(q, s)
	if !l.actions.Meets(judged) {
		return l, false
	}
	only, listed := s.Actions.(policy.Only)
	if listed && !slices.ContainsFunc(only, func(v policy.Value) bool { return !ours(v.Text) }) {
		return l, true
	}
	if isResourcePolicy(q.Kind) || l.confined() { // no action of another service is decided there
		l.actions = l.actions.And(codeartifact.CodeArtifactActions())
		return l, !l.actions.IsEmpty()
	}
	l.foreign = true
	return l, slices.ContainsFunc(only, func(v policy.Value) bool {
		return namesService(v.Text, "codeartifact") && !codeartifact.MatchActions(v.Text).IsEmpty() ||
			namesService(v.Text, "sts") && codeartifact.MatchActions(v.Text).Meets(bearerToken)
	})
}

// judged are the actions whose statements are judged by themselves.
var judged = codeartifact.CodeArtifactActions().Or(bearerToken)

// confined reports whether the statement's resources are all CodeArtifact's.
func (l lone) confined() bool {
	return l.parsed.Resources != nil && part{source: l.source(), statement: l.compiled(nil)}.confined()
}

// ours reports whether an action element names actions of the table alone.
func ours(element string) bool {
	if namesService(element, "codeartifact") {
		return true
	}
	return !strings.ContainsAny(element, "*?") && !codeartifact.MatchActions(element).IsEmpty()
}

func (l lone) source() *source { return &source{access: l.world.access, policy: l.policy.Policy} }

// compiled returns the statement with other conditions, for the caller.
func (l lone) compiled(conditions []policy.Condition) *statement {
	parsed := *l.parsed
	parsed.Conditions = conditions
	s := compileStatement(&parsed, variables{version: l.policy.Document.Parsed.Version, caller: l.caller})
	s.parsed, s.allow, s.actions = l.parsed, true, l.actions
	return s
}

// profile returns what the statement would allow by itself, whatever its effect,
// under some of its conditions.
func (l lone) profile(conditions []policy.Condition) *Profile {
	p := &Profile{access: l.world.access, caller: l.caller, allows: []part{{source: l.source(), statement: l.compiled(conditions)}}}
	if isResourcePolicy(l.policy.Kind) && l.policy.Account != "" {
		p.reach = []literal{{&test{kind: texts, set: reachARNs(l.policy.ID, l.policy.Kind)}, true}}
	}
	return p
}

// anywhere returns the statement without its resources.
func (l lone) anywhere() lone {
	parsed := *l.parsed
	parsed.Resources = nil
	l.parsed = &parsed
	return l
}

// some returns a request that the profile could allow, nil when there is none.
// Bearer tokens may be for any service. A request that AWS authorizes on more
// than one resource at once comes last.
func (l lone) some(p *Profile, with ...literal) (*Found, error) {
	rest, several := l.alike(p, with)
	for _, x := range l.instances() { // nearly always one of them will do, and it costs next to nothing
		at := literal{&test{kind: texts, set: glob.Union{glob.Literal(x)}}, true}
		found, err := p.find(question{mode: maybe, actions: rest, with: append(slices.Clone(with), at)}, l.budget)
		if found != nil || err != nil {
			return found, err
		}
	}
	for _, actions := range []codeartifact.ActionSet{rest, l.actions.And(bearerToken), several} {
		view := p
		if actions.Meets(bearerToken) {
			view = p.forAnyService()
		}
		found, err := view.find(question{mode: maybe, actions: actions, with: with}, l.budget)
		if found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// instances are ARNs that the statement's resources match if they match any: each
// value with something in place of its wildcards.
func (l lone) instances() []string {
	only, _ := l.parsed.Resources.(policy.Only)
	var out []string
	for _, v := range only {
		parts := strings.SplitN(v.Text, ":", 6)
		if len(parts) < 6 || len(out) >= fewInstances {
			continue
		}
		region, account, resource := parts[3], parts[4], parts[5]
		if strings.Contains(region, "*") {
			region = l.world.access.regions[0]
		}
		if strings.Contains(account, "*") {
			account = exampleAccount
		}
		if start, ok := strings.CutSuffix(resource, "/*"); ok && strings.HasPrefix(start, "package/") {
			rest := []string{"", "/app/npm//example", "/npm//example", "//example", "/example"}
			resource = start + rest[min(strings.Count(start, "/"), len(rest)-1)]
		}
		resource = exampleOfWildcards.Replace(resource)
		out = append(out, "arn:aws:codeartifact:"+region+":"+account+":"+resource)
	}
	return out
}

// fewInstances is how many resources of a list are tried.
const fewInstances = 4

// alike returns the statement's actions with one of each sort whose requests no
// test of the profile, which has one statement that allows, tells apart: the
// gravest of them. Those that AWS authorizes on several resources at once it
// returns by themselves, and bearer tokens not at all.
func (l lone) alike(p *Profile, with []literal) (one, several codeartifact.ActionSet) {
	lists := append([][]literal{with, p.reach}, p.clauses...)
	for _, x := range slices.Concat(p.allows, p.denies) {
		lists = append(lists, x.sure, x.maybe)
	}
	var keys []*codeartifact.KeyInfo
	for _, dim := range dimensions(nil, lists) {
		if info, listed := codeartifact.LookupKey(dim); listed && !slices.Contains(keys, info) {
			keys = append(keys, info)
		}
	}
	sorts := map[string]bool{}
	for _, a := range gravestFirst(l.actions.Minus(bearerToken)) {
		if needsAll(a) && len(typesOf(a)) > 1 {
			several = several.Add(a)
			continue
		}
		sort := fmt.Sprint(typesOf(a))
		for _, info := range keys {
			sort += fmt.Sprint(info.Presence(a), info.PresenceFor(a, p.caller.kind), info.Values(a, p.caller.kind), info.Ranges(a))
		}
		for _, x := range p.denies {
			sort += fmt.Sprint(x.names(a, sure))
		}
		if !sorts[sort] {
			sorts[sort] = true
			one = one.Add(a)
		}
	}
	return one, several
}

// freely returns the statement for callers of whose requests nothing is known of
// some keys but the type of their values.
func (l lone) freely(keys ...string) lone {
	c := *l.caller
	c.free = maps.Clone(c.free)
	for _, key := range keys {
		dim := dimensionOf(strings.ToLower(key))
		_, limited := c.free[dim]
		if _, settled := c.fixedValue(dim); settled || limited {
			continue
		}
		if info, listed := codeartifact.LookupKey(dim); listed {
			d := l.world.access.domainFor(dim, info, codeartifact.Action(0), codeartifact.AnyCaller)
			d.absent, d.present, d.control = true, true, codeartifact.ByCaller
			c.free[dim] = d
		}
	}
	l.caller = &c
	return l
}

// intended decides a request that a statement is about, for a caller that it
// means: the first for whom the decision is not what the statement says, else the
// first. Of a Deny it is a request that is allowed where there is one.
func (l lone) intended(f *Found) (r Request, allowed bool, err error) {
	denies := l.parsed.Effect == policy.Deny
	for i, c := range l.world.meantCallers(l.policy, l.written) {
		decided, may := Request{Caller: c.name, Action: f.Action, Resource: f.Resource, Context: map[string][]string{}}, false
		for k, p := range c.profiles {
			about := f
			if denies {
				about = l.allowedTo(p, f)
			}
			one, ok, err := p.decideOne(about, c)
			if err != nil {
				return r, false, err
			}
			if ok || k == 0 {
				decided, may = one, ok
			}
			if ok {
				break
			}
		}
		if i == 0 || may == denies {
			r, allowed = decided, may
		}
		if may == denies {
			break
		}
	}
	return r, allowed, nil
}

// fewSteps is what it may cost to look for a better example.
const fewSteps = 100_000

// allowedTo returns a request that a Deny is about and that the profile allows all
// the same; f where there is none, or none that is found at once.
func (l lone) allowedTo(p *Profile, f *Found) *Found {
	found, err := p.find(question{mode: sure, actions: l.actions, with: l.compiled(nil).maybe}, &glob.Budget{Left: fewSteps})
	if found == nil || err != nil {
		return f
	}
	return found
}

// asFilter returns what a boundary or control policy lets pass by itself: one
// without any Allow stands beside others that allow.
func (p *Profile) asFilter() *Profile {
	if len(p.allows) > 0 {
		return p
	}
	view := *p
	view.key = ""
	everything := &statement{allow: true, certain: true, actions: codeartifact.AllActions(), parsed: &policy.Statement{Effect: policy.Allow}}
	view.allows = []part{{source: &source{access: p.access}, statement: everything}}
	return &view
}

// decideOne decides one request of a caller. Keys that f says nothing of are absent
// where requests may lack them. What only could be allowed counts as denied.
func (p *Profile) decideOne(f *Found, c meantCaller) (Request, bool, error) {
	caller := *p.caller
	caller.fixed, caller.free = maps.Clone(caller.fixed), nil
	at := home{}
	if parsed, err := arn.Parse(f.Resource); err == nil {
		at = home{parsed.Region, parsed.Account}
	}
	r := Request{Caller: c.name, Action: f.Action, Resource: f.Resource, Context: map[string][]string{}}
	b := p.steps()
	for _, dim := range p.keysOf(f) {
		v, settled := p.caller.fixedValue(dim)
		known, given := f.context[dim]
		switch d := p.domain(dim, f.Action, f.Type, at); {
		case settled:
		case given && d.admitsValue(known):
			v = known
		case dim == "aws:principalarn":
			v = present(c.name)
		case !d.absent:
			var err error
			if v, _, err = d.pick(nil, b); err != nil {
				return r, false, err
			}
		}
		caller.fixed[dim] = v
		if v.present {
			r.Context[keyName(dim)] = v.texts
		}
	}
	if v := caller.fixed["aws:principalarn"]; v.present {
		r.Caller = v.texts[0]
	} else {
		caller.fixed["aws:principalarn"] = present(c.name)
	}
	text := f.Resource
	if f.Type == 0 {
		text = noResource
	}
	view := *p
	view.key, view.caller = "", &caller
	q := question{mode: sure, with: []literal{{&test{kind: texts, set: glob.Union{glob.Literal(text)}}, true}}, at: &at}
	found, err := view.findOn(q, f.Action, f.Type, b)
	return r, found != nil, err
}

// admitsValue reports whether a key can have a value.
func (d *domain) admitsValue(v value) bool {
	if !v.present {
		return d.absent
	}
	return d.present && (d.kind != texts || !slices.ContainsFunc(v.texts, func(x string) bool { return !d.spells(x) }))
}

// keysOf returns the keys that statements on the action of f ask about, and those
// that f says something of, sorted.
func (p *Profile) keysOf(f *Found) []string {
	var dims []string
	for dim := range f.context {
		dims = append(dims, dim)
	}
	for _, x := range p.statementsOn(f.Action) {
		for _, l := range slices.Concat(x.sure, x.maybe) {
			dims = append(dims, l.test.dim)
		}
	}
	slices.Sort(dims)
	return slices.DeleteFunc(slices.Compact(dims), func(dim string) bool { return dim == resourceDim })
}

// exampleOfWildcards reads wildcards as something that they match.
var exampleOfWildcards = strings.NewReplacer("*", "example", "?", "a")
