package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Outcome is a request that the author of a statement evidently meant, and what
// comes of it as things are.
type Outcome struct {
	Request
	Allowed bool
	// Certainty is Possible where something unknown decides.
	Certainty
}

// meant returns a request that a statement of q was written about, had it been
// worded as given, and what comes of it: of what it fails to deny or to keep out
// one that is allowed where there is one.
func (w *World) meant(q *Policy, s *policy.Statement, set codeartifact.ActionSet, worded policy.Clause) (Outcome, error) {
	a := representative(set)
	corrected := *s
	corrected.Effect, corrected.Actions, corrected.Resources = policy.Allow, policy.Only{{Text: a.String()}}, worded
	view := &Profile{access: q.alone.access, caller: q.alone.caller, reach: q.alone.reach}
	st := compileStatement(&corrected, variables{version: q.Document.Parsed.Version, caller: view.caller})
	st.actions = codeartifact.Actions(a)
	view.allows = []part{{source: &source{access: view.access, policy: q.Policy}, statement: st}}
	b := q.alone.steps()
	for _, c := range w.meantCallers(q, s) {
		for _, p := range c.profiles {
			found, err := p.find(question{mode: sure, actions: st.actions, with: append(slices.Clone(st.maybe), c.named()...)}, b)
			if err != nil {
				return Outcome{}, err
			}
			_, not := s.Actions.(policy.AllBut)
			_, notThere := s.Resources.(policy.AllBut)
			if found != nil && (s.Effect == policy.Deny || not || notThere) {
				return Outcome{Request: p.requestOf(found, c), Allowed: true, Certainty: Sure}, nil
			}
		}
	}
	found, err := view.find(question{mode: maybe, actions: st.actions}, b)
	if found == nil && err == nil && view.reach != nil { // it is meant for what the policy does not reach
		view.reach = nil
		found, err = view.find(question{mode: maybe, actions: st.actions}, b)
	}
	if err != nil {
		return Outcome{}, err
	}
	r := Request{Action: a, Resource: "*", Context: map[string][]string{}}
	if types := a.Info().Types; found != nil {
		r = view.request(found)
	} else if len(types) > 0 {
		r.Resource = q.alone.access.example(types[0])
	}
	return w.outcome(q, s, r)
}

func (p *Profile) requestOf(f *Found, c meantCaller) Request {
	r := p.request(f)
	r.Caller = c.name
	return r
}

// example is a resource of a type: one that was read, else one that nobody takes
// for something that was read.
func (x *Access) example(t codeartifact.ResourceType) string {
	if len(x.known[t]) > 0 {
		return x.known[t][0]
	}
	return exampleARN(t, home{})
}

// outcome decides a request that a statement of q means: of those that the policy
// applies to, for the first to whom it is denied, else for the first. Of boundaries
// and control policies it is decided what they let pass.
func (w *World) outcome(q *Policy, s *policy.Statement, r Request) (Outcome, error) {
	var first *Outcome
	for _, c := range w.meantCallers(q, s) {
		o, err := w.decided(c, r, q.alone.steps())
		if err != nil {
			return Outcome{}, err
		}
		if !o.Allowed {
			return o, nil
		}
		if first == nil {
			first = &o
		}
	}
	return *first, nil
}

// meantCaller is a caller whom a statement means. Each of its profiles by itself
// may allow a request.
type meantCaller struct {
	name     string
	profiles []*Profile
}

// named limits what a policy says of the principals of an account to the one that
// is meant.
func (c meantCaller) named() []literal {
	if len(c.profiles) == 0 || !c.profiles[0].caller.stranger {
		return nil
	}
	return []literal{{&test{dim: "aws:principalarn", kind: texts, set: glob.Union{glob.Literal(c.name)}}, true}}
}

// meantCallers are the callers that a statement means, at least one. Principals
// whose requests are decided alike stand there once.
func (w *World) meantCallers(q *Policy, s *policy.Statement) []meantCaller {
	var out []meantCaller
	switch q.Kind {
	case inventory.Identity:
		reached := q.Reaches
		if len(q.Holders) == 0 && len(q.Bounds) > 0 {
			reached = nil
			for _, bounded := range q.Bounds {
				if p := w.principal(bounded); p != nil {
					reached = append(reached, p)
				}
			}
		}
		seen := map[string]bool{}
		for _, p := range reached {
			if key := p.Key(); !seen[key] {
				seen[key] = true
				out = append(out, meantCaller{p.ARN, []*Profile{p.Profile}})
			}
		}
		if len(out) == 0 {
			out = append(out, meantCaller{q.alone.caller.ARN, []*Profile{q.alone}})
		}
	case inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository, inventory.Trust:
		only, _ := s.Principals.(policy.OnlyPrincipals)
		for _, named := range only {
			if c, ok := w.namedCaller(q, named); ok {
				out = append(out, c)
			}
		}
		if len(out) == 0 {
			out = append(out, w.anyCaller(q))
		}
	case inventory.Boundary, inventory.SCP, inventory.Session:
		out = append(out, meantCaller{q.alone.caller.ARN, []*Profile{q.alone.asFilter()}})
	default:
		out = append(out, meantCaller{name: someone.ARN})
	}
	return out
}

// anyCaller stands for whomever a statement of a resource policy means that names
// nobody in particular: a member of the organization where it is known.
func (w *World) anyCaller(q *Policy) meantCaller {
	if member := w.Member(q); member != nil {
		return meantCaller{member.caller.ARN, []*Profile{member}}
	}
	if q.alone.caller.stranger {
		return meantCaller{q.alone.caller.ARN, []*Profile{q.alone}}
	}
	return meantCaller{name: someone.ARN}
}

// namedCaller is a caller that a principal of a resource policy names: one that
// was read, or one of another account.
func (w *World) namedCaller(q *Policy, named policy.Principal) (meantCaller, bool) {
	if named.Type != policy.AWS {
		return meantCaller{}, false
	}
	if p := w.principal(named.Text); p != nil {
		return meantCaller{p.ARN, []*Profile{p.Profile}}, true
	}
	account, name := named.Text, ""
	if parsed, err := arn.Parse(named.Text); err == nil {
		account = parsed.Account
		if parsed.Resource != "root" {
			name = named.Text
		}
	}
	if !arn.IsAccountID(account) {
		return meantCaller{}, false
	}
	if name == "" {
		name = "arn:aws:iam::" + account + ":role/example"
	}
	if account == w.Account && account != "" {
		own := &inventory.Principal{ARN: name, Name: arn.ARN{Resource: name}.Name(), Role: strings.Contains(name, ":role/")}
		return meantCaller{name, []*Profile{w.access.principal(w.account, own)}}, true
	}
	c := meantCaller{name: name}
	for _, other := range w.Policies {
		if profile := w.From(other, account); profile != nil {
			c.profiles = append(c.profiles, profile)
		}
	}
	return c, true
}

// decided decides a request for a caller.
func (w *World) decided(c meantCaller, r Request, b *glob.Budget) (Outcome, error) {
	denied := Outcome{Request: r, Certainty: Sure}
	denied.Caller = c.name
	at := glob.Union{glob.Literal(r.Resource)}
	if r.Resource == "*" {
		at = append(at, glob.Literal(noResource))
	}
	q := question{actions: codeartifact.Actions(r.Action), with: append(c.named(), literal{&test{kind: texts, set: at}, true})}
	for _, p := range c.profiles {
		q.mode = maybe
		if found, err := p.find(q, b); found == nil || err != nil {
			if err != nil {
				return denied, err
			}
			continue
		}
		q.mode = sure
		found, err := p.find(q, b)
		if err != nil {
			return denied, err
		}
		if found != nil {
			return Outcome{Request: p.requestOf(found, c), Allowed: true, Certainty: Sure}, nil
		}
		denied.Certainty = Possible
	}
	return denied, nil
}

// representative is the action of a set that shows best what a statement means:
// the gravest that is authorized on one resource.
func representative(set codeartifact.ActionSet) codeartifact.Action {
	actions := gravestFirst(set)
	if i := slices.IndexFunc(actions, func(a codeartifact.Action) bool { return len(typesOf(a)) == 1 }); i >= 0 {
		return actions[i]
	}
	return set.First()
}
