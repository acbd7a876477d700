package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Decision is the answer to whether a request is allowed. The zero value is
// invalid.
type Decision uint8

// The decisions. Deny: whatever the free keys are. Depends: on keys that were not
// given, or on what is not known. Allow: whatever the free keys are.
const (
	_ Decision = iota
	Deny
	Depends
	Allow
)

// String returns the contract's word for d.
func (d Decision) String() string {
	switch d {
	case Deny:
		return "deny"
	case Depends:
		return "depends"
	case Allow:
		return "allow"
	}
	return "invalid decision"
}

// Inquiry is a question put to what was read.
type Inquiry struct {
	Question
	access *Access // doubting
	standing
}

// Ask prepares the decision of q. What was lost of a policy counts as statements
// that could say anything.
func (x *Access) Ask(q Question) *Inquiry {
	i := &Inquiry{Question: q, access: x.doubting()}
	i.standing = i.access.around(q.resource)
	return i
}

// Answer is the decision of a question for one principal.
type Answer struct {
	Decision
	// Conditions are the keys that decide, where Decision is Depends; sorted.
	Conditions []string
	// Because are the statements that decide. Of a denial they are what denies;
	// where nothing does, what allows one side of it.
	Because []Reason
	// Guards are the guards each of which, by itself, lets no such request pass.
	Guards []Guard
	// Missing are the statements with which the request would be allowed, as far
	// as Then says; none where no statement can do it.
	Missing []Missing
	// Then is what the decision would be with them, ThenConditions are the keys
	// that would decide.
	Then           Decision
	ThenConditions []string
	// Lacking says which sides would have to allow the request and do not.
	Lacking []Side
	// Notes are what else there is to know, one sentence each: what was not
	// found, given keys that have no part in it, what beside keys leaves it open.
	Notes []string
	// Assumed says what was not read and taken for granted.
	Assumed []string
	// Gaps are what could not be read of the policies that decide.
	Gaps []inventory.Gap
	// Allowed and Refused are examples; nil where there is none.
	Allowed, Refused *Request

	asking *asking
}

// Side is one of the two sides that may have to allow a request. The zero value
// is invalid.
type Side uint8

// The sides.
const (
	_ Side = iota
	IdentitySide
	ResourceSide
)

// asking is a question about one principal being decided.
type asking struct {
	*Inquiry
	account   *inventory.Account
	principal *inventory.Principal
	profile   *Profile
	targets   []target
	budget    *glob.Budget
	idle      []string
	home      string // where the resource is taken to be, if the question leaves it open
}

// Decide decides the question for a user or role of x. The error is a
// *QuestionError where the given keys cannot be those of such a request, or says
// that the question took more steps than it may.
func (i *Inquiry) Decide(p *Principal) (*Answer, error) {
	s, err := i.about(i.access.accountOf(p), *p.Principal)
	if err != nil {
		return nil, err
	}
	answer, refs, err := s.answer()
	if err != nil {
		return nil, err
	}
	answer.Because = s.reasons(refs)
	return answer, s.complete(answer)
}

// accountOf returns the account that a principal was read in.
func (x *Access) accountOf(p *Principal) *inventory.Account {
	for _, w := range x.Worlds {
		if slices.Contains(w.Principals, p) {
			return w.account
		}
	}
	return &inventory.Account{}
}

// about puts the question to one principal of an account.
func (i *Inquiry) about(a *inventory.Account, p inventory.Principal) (*asking, error) {
	s := &asking{Inquiry: i, account: a, targets: i.targets(), budget: i.access.newBudget()}
	full := withUnread(a, p)
	s.principal = &full
	s.stayHome()
	caller := principalCaller(a, s.principal)
	var err error
	if s.idle, err = i.settle(i.access, caller, s.targets); err != nil {
		return nil, err
	}
	s.profile = i.access.principalAs(a, s.principal, caller)
	return s, nil
}

// stayHome looks for resources that the question does not name in the principal's
// own account alone.
func (s *asking) stayHome() {
	for i := range s.targets {
		if t := &s.targets[i]; t.open && t.at == (home{}) && s.account.ID != "" {
			t.within = append(slices.Clone(t.within), literal{s.access.territoryOf(s.access.inventory, s.account.ID).own, true})
			s.home = "the resource is taken to be in account " + s.account.ID + " (give its ARN otherwise)"
		}
	}
}

// answer decides, and returns which statements of the profile decide.
func (s *asking) answer() (*Answer, []ref, error) {
	decision, allowed, refused, err := s.decide(s.profile)
	if err != nil {
		return nil, nil, err
	}
	a := &Answer{Decision: decision, Allowed: s.profile.requestOrNil(allowed), Refused: s.profile.requestOrNil(refused), asking: s}
	a.Assumed = append(slices.Clone(s.profile.Assumptions), s.assumed...)
	if s.home != "" {
		a.Assumed = append(a.Assumed, s.home)
	}
	var refs []ref
	switch decision {
	case Allow:
		refs, err = s.grantors(s.profile)
	case Deny:
		refs, err = s.obstacles(a)
	case Depends:
		if refs, err = s.deciding(); err == nil {
			a.Conditions, err = s.decisive()
		}
	}
	return a, refs, err
}

// decide decides for a profile, with an example of a request that may be allowed
// and of one that may not.
func (s *asking) decide(p *Profile) (d Decision, allowed, refused *Found, err error) {
	for _, t := range s.targets {
		if allowed == nil {
			if allowed, err = s.allowed(p, t, nil); err != nil {
				return 0, nil, nil, err
			}
		}
		if refused == nil {
			if refused, err = s.refused(p, t); err != nil {
				return 0, nil, nil, err
			}
		}
	}
	switch {
	case allowed == nil:
		return Deny, nil, refused, nil
	case refused == nil:
		return Allow, allowed, nil, nil
	}
	return Depends, allowed, refused, nil
}

// possible reports whether the profile may allow the request at all.
func (s *asking) possible(p *Profile) (bool, error) {
	for _, t := range s.targets {
		if found, err := s.allowed(p, t, nil); found != nil || err != nil {
			return found != nil, err
		}
	}
	return false, nil
}

// always reports whether the profile certainly allows the request.
func (s *asking) always(p *Profile) (bool, error) {
	for _, t := range s.targets {
		if found, err := s.refused(p, t); found != nil || err != nil {
			return false, err
		}
	}
	return true, nil
}

// allowed looks for a request that the profile may allow, by a statement that by
// holds for where it is not nil.
func (s *asking) allowed(p *Profile, t target, by func(part) bool) (*Found, error) {
	return p.findOn(s.question(t, by), s.action, t.typ, s.budget)
}

func (s *asking) question(t target, by func(part) bool) question {
	q := question{mode: maybe, actions: codeartifact.Actions(s.action), by: by, with: t.within}
	if !t.open || t.at != (home{}) {
		q.at = &t.at
	}
	return q
}

// refused looks for a request that the profile does not certainly allow: one that
// some Deny may cover, that no Allow certainly does, or that some guard does not
// certainly let pass. None is the proof that every request is allowed.
func (s *asking) refused(p *Profile, t target) (*Found, error) {
	for _, x := range p.denies {
		if !x.actions.Has(s.action) {
			continue
		}
		if found, err := s.solve(p, t, x.maybe, nil); found != nil || err != nil {
			return found, err
		}
	}
	lists := [][]part{p.allows}
	for k, layer := range p.layers {
		if k == 0 && p.bounded { // what goes beyond the boundary need not pass it
			layer = slices.Concat(layer, beyondBoundary(p.allows, sure))
		}
		lists = append(lists, layer)
	}
	for _, list := range lists {
		clauses, some := failing(list, s.action)
		if !some {
			continue
		}
		if found, err := s.solve(p, t, nil, clauses); found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

func beyondBoundary(list []part, m mode) []part {
	return slices.DeleteFunc(slices.Clone(list), func(x part) bool { return !x.beyond(m) })
}

// failing returns for each statement that certainly covers requests of a the
// tests of which one must fail. It reports false when some covers all of them.
func failing(list []part, a codeartifact.Action) ([][]literal, bool) {
	var clauses [][]literal
	for _, x := range list {
		lits, some := x.literals(sure)
		if !some || !x.names(a, sure) {
			continue
		}
		if len(lits) == 0 {
			return nil, false
		}
		clauses = append(clauses, negated(lits))
	}
	return clauses, true
}

// solve looks for a request on t that passes every test of cube and, of each
// clause, one.
func (s *asking) solve(p *Profile, t target, cube []literal, clauses [][]literal) (*Found, error) {
	cube = slices.Concat(t.within, cube)
	homes, err := p.homesFor(s.question(t, nil), t.typ, cube, clauses, s.budget)
	if err != nil {
		return nil, err
	}
	for _, at := range homes {
		look := &search{profile: p, mode: maybe, action: s.action, typ: t.typ, home: at, budget: s.budget}
		model, err := look.solve(cube, clauses)
		if err != nil {
			return nil, err
		}
		if model != nil {
			return &Found{Action: s.action, Type: t.typ, Resource: resourceOf(model), context: model}, nil
		}
	}
	return nil, nil
}
