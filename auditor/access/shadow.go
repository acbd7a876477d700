package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Shadowed is a statement without which its document would allow the same.
type Shadowed struct {
	By      Element   // the statement that says nothing of its own
	Because []Element // the statement that says as much, or those that deny all of it
	// Denied: a Deny takes all that the statement allows.
	Denied bool
	Effect policy.Effect
	// Witness is a request that both speak of, with its decision.
	Witness Request
	Allowed bool
}

// Shadowed returns the statements of a policy that name our actions alone and that
// can be taken out without changing what the document allows: another statement
// with the same effect says as much by itself, or a Deny takes all of an Allow. Of
// two that say the same one is returned. Statements that speak of no request at
// all are left out.
func (w *World) Shadowed(q *Policy) ([]Shadowed, error) {
	question := w.inertQuestion(aboutShadowed, q)
	if !speaks(q.Kind) || len(q.Document.Parsed.Statements) < 2 || w.access.settled(question) {
		return nil, nil
	}
	all := w.shades(q, w.access.newBudget())
	var out []Shadowed
	for _, s := range all {
		if !s.candidate {
			continue
		}
		found, err := s.shadowedBy(all)
		if err != nil {
			return nil, err
		}
		if found != nil {
			out = append(out, *found)
		}
	}
	if len(out) == 0 {
		w.access.settle(question)
	}
	return out, nil
}

// shade is a statement held against the others of its document.
type shade struct {
	lone
	candidate bool
	// rank orders statements that say the same: the first of them stays.
	rank string
	// sample is a request that the statement speaks of.
	sample *Found
	asked  bool
	// all is the statement with all its tests, nil until they are asked for.
	all *statement
}

// shades returns the statements of a policy that name actions of ours.
func (w *World) shades(q *Policy, b *glob.Budget) []*shade {
	var all []*shade
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		_, possible := namedActions(s.Actions)
		if possible.IsEmpty() {
			continue
		}
		l := w.lone(q, s)
		l.actions, l.budget = possible, b
		only, listed := s.Actions.(policy.Only)
		all = append(all, &shade{
			lone:      l,
			candidate: listed && possible.Meets(judged) && !slices.ContainsFunc(only, func(v policy.Value) bool { return !ours(v.Text) || codeartifact.MatchActions(v.Text).IsEmpty() }),
		})
	}
	return all
}

// shadowedBy holds the statement against the others.
func (s *shade) shadowedBy(all []*shade) (*Shadowed, error) {
	var denies []*shade
	for _, t := range all {
		if t != s && s.parsed.Effect == policy.Allow && t.parsed.Effect == policy.Deny && t.callersCover(s) && t.possible().Meets(s.actions) {
			denies = append(denies, t)
		}
	}
	if alive, err := s.alive(); !alive || err != nil {
		return nil, err
	}
	if slices.ContainsFunc(denies, func(d *shade) bool { return d.takes(s, s.sample) }) {
		left, err := s.undenied(denies)
		if err != nil {
			return nil, err
		}
		if left == nil {
			return s.denied(denies)
		}
		s.sample = left
	}
	for _, t := range all {
		if t == s || t.parsed.Effect != s.parsed.Effect || !t.namesAllOf(s) || !t.callersCover(s) {
			continue
		}
		covered, err := t.covers(s, denies)
		if err != nil {
			return nil, err
		}
		if !covered {
			continue
		}
		same, err := s.saysAllOf(t)
		if err != nil {
			return nil, err
		}
		if same && s.before(t) {
			continue
		}
		return s.shadowed([]*shade{t}, false, s.sample)
	}
	return nil, nil
}

// denied leaves out the Deny statements that are not needed to take all of s.
func (s *shade) denied(denies []*shade) (*Shadowed, error) {
	for i := len(denies) - 1; i >= 0 && len(denies) > 1; i-- {
		without := slices.Delete(slices.Clone(denies), i, i+1)
		left, err := s.undenied(without)
		if err != nil {
			return nil, err
		}
		if left == nil {
			denies = without
		}
	}
	return s.shadowed(denies, true, s.sample)
}

func (s *shade) shadowed(because []*shade, denied bool, f *Found) (*Shadowed, error) {
	out := &Shadowed{By: s.whole(), Denied: denied, Effect: s.parsed.Effect}
	for _, t := range because {
		out.Because = append(out.Because, t.whole())
	}
	var err error
	out.Witness, out.Allowed, err = s.intended(f)
	return out, err
}

func (l lone) whole() Element {
	return Element{Policy: l.policy.Policy, Statement: l.written, Place: l.written.Place}
}

// saysAllOf reports whether s covers the other too: the two say the same.
func (s *shade) saysAllOf(other *shade) (bool, error) {
	if !other.candidate || !s.namesAllOf(other) || !s.callersCover(other) {
		return false, nil
	}
	return s.covers(other, nil)
}

// before orders statements that say the same, whatever their place: the shorter
// stays; of copies the first.
func (s *shade) before(t *shade) bool {
	a, b := s.canonical(), t.canonical()
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b), cmp.Compare(s.parsed.Index, t.parsed.Index)) < 0
}

func (s *shade) canonical() string {
	if s.rank == "" {
		s.rank = s.whole().Canonical()
	}
	return s.rank
}

// covers reports whether s certainly covers every request that the other could cover
// and that no Deny certainly takes.
func (s *shade) covers(other *shade, denies []*shade) (bool, error) {
	if s.canonical() == other.canonical() {
		return other.alive()
	}
	lits, certain := s.demandsOf(other)
	if !certain {
		return false, nil
	}
	alive, err := other.alive()
	if !alive || err != nil || len(lits) == 0 {
		return alive, err
	}
	if other.fails(lits) { // nearly all statements differ on the first request that comes
		return false, nil
	}
	if s.holdsAllOf(other) {
		lits = slices.DeleteFunc(slices.Clone(lits), func(l literal) bool { return l.test.dim == resourceDim })
	}
	if len(lits) == 0 {
		return true, nil
	}
	p := other.less(denies)
	p.clauses = [][]literal{negated(lits)}
	left, err := other.some(p)
	return left == nil, err
}

// fails reports whether the sample certainly fails one of the tests.
func (s *shade) fails(lits []literal) bool {
	return slices.ContainsFunc(lits, func(l literal) bool {
		v, known := s.sample.context[l.test.dim]
		return known && !l.holds(v)
	})
}

// takes reports whether a Deny takes a request of the other, as far as the request
// shows.
func (s *shade) takes(other *shade, f *Found) bool {
	lits, certain := s.demandsOf(other)
	return certain && s.certain().Has(f.Action) && !other.fails(lits)
}

// alive reports whether the statement speaks of any request.
func (s *shade) alive() (bool, error) {
	if !s.asked {
		s.asked = true
		var err error
		if s.sample, err = s.some(s.profile(s.parsed.Conditions)); err != nil {
			return false, err
		}
	}
	return s.sample != nil, nil
}

// undenied looks for a request that s could cover and that none of the Deny
// statements certainly takes.
func (s *shade) undenied(denies []*shade) (*Found, error) { return s.some(s.less(denies)) }

// less returns what s could allow less what Deny statements certainly take.
func (s *shade) less(denies []*shade) *Profile {
	p := s.profile(s.parsed.Conditions)
	for _, d := range denies {
		if lits, certain := d.demandsOf(s); certain {
			st := &statement{parsed: d.parsed, actions: d.possible(), unsure: d.possible().Minus(d.certain()), sure: lits, certain: true}
			p.denies = append(p.denies, part{source: d.source(), statement: st})
		}
	}
	return p
}

// demandsOf returns the tests that a request of the other must pass for s to cover it
// certainly. What both ask in the same words needs no test, whatever it means.
func (s *shade) demandsOf(other *shade) (tests []literal, certain bool) {
	if s.parsed.Resources == nil && !resourceImplied(s.policy.Kind) {
		return nil, false
	}
	shared := func(c policy.Condition) bool {
		return slices.ContainsFunc(other.parsed.Conditions, func(d policy.Condition) bool { return conditionText(c) == conditionText(d) })
	}
	parsed := *s.parsed
	parsed.Conditions = slices.DeleteFunc(slices.Clone(parsed.Conditions), shared)
	if listsAllOf(parsed.Resources, other.parsed.Resources) {
		parsed.Resources = nil
	}
	if len(parsed.Conditions) == len(s.parsed.Conditions) && parsed.Resources != nil {
		if s.all == nil {
			s.all = s.demanding(&parsed)
		}
		return s.all.sure, s.all.certain
	}
	st := s.demanding(&parsed)
	return st.sure, st.certain
}

func (s *shade) demanding(parsed *policy.Statement) *statement {
	return compileStatement(parsed, variables{version: s.policy.Document.Parsed.Version, caller: s.caller})
}

// listsAllOf reports whether one list has every value of the other.
func listsAllOf(a, b policy.Clause) bool {
	outer, ok := a.(policy.Only)
	inner, also := b.(policy.Only)
	return ok && also && !slices.ContainsFunc(inner, func(v policy.Value) bool {
		return !slices.ContainsFunc(outer, func(w policy.Value) bool { return w.Text == v.Text })
	})
}

// holdsAllOf reports whether every text that the resources of the other could match
// is certainly one that those of s match.
func (s *shade) holdsAllOf(other *shade) bool {
	narrow, wide := s.resources(), other.resources()
	if narrow.sure == nil || wide.maybe == nil {
		return false
	}
	m := glob.NewMachine([]glob.Union{narrow.sure.set})
	_, left, err := m.Find(m.Start(), wide.maybe.set, nil, func(in []bool) bool { return !in[0] }, s.budget)
	return err == nil && !left
}

// resources returns the test of a Resource element; nothing for NotResource, and
// where there is none.
func (s *shade) resources() bounds {
	if _, only := s.parsed.Resources.(policy.Only); !only {
		return bounds{}
	}
	b, _ := compileResources(s.parsed.Resources, variables{version: s.policy.Document.Parsed.Version, caller: s.caller})
	return b
}

func (s *shade) possible() codeartifact.ActionSet {
	_, possible := namedActions(s.parsed.Actions)
	return possible
}

func (s *shade) certain() codeartifact.ActionSet {
	certain, _ := namedActions(s.parsed.Actions)
	return certain
}

// namesAllOf reports whether s names every action that the other does, and every one
// that its wildcards will come to name.
func (s *shade) namesAllOf(other *shade) bool {
	if !s.certain().Covers(other.actions) {
		return false
	}
	for _, v := range policy.Values(other.parsed.Actions) {
		if strings.ContainsAny(v.Text, "*?") && !s.namesPattern(strings.ToLower(v.Text)) {
			return false
		}
	}
	return true
}

// namesPattern reports whether s names everything that a pattern matches.
func (s *shade) namesPattern(text string) bool {
	var set glob.Union
	for _, v := range policy.Values(s.parsed.Actions) {
		set = append(set, glob.Compile(strings.ToLower(starred(v.Text))))
	}
	_, not := s.parsed.Actions.(policy.AllBut)
	m := glob.NewMachine([]glob.Union{set})
	_, left, err := m.Find(m.Start(), glob.Union{glob.Compile(starred(text))}, nil, func(in []bool) bool { return in[0] == not }, s.budget)
	return err == nil && !left
}

// callersCover reports whether a statement of a resource policy speaks of every
// caller that the other speaks of, in a way that does as much: it names everyone, or
// the same principals. A user or a session that is named goes past what a boundary
// leaves out, and AWS does not say that everyone does.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func (s *shade) callersCover(other *shade) bool {
	switch of := other.parsed.Principals.(type) {
	case nil:
		return s.parsed.Principals == nil
	case policy.AllButPrincipals:
		same, ok := s.parsed.Principals.(policy.AllButPrincipals)
		return ok && !slices.ContainsFunc(same, func(p policy.Principal) bool { return !listsPrincipal(of, p) })
	case policy.OnlyPrincipals:
		named, ok := s.parsed.Principals.(policy.OnlyPrincipals)
		open := slices.ContainsFunc(named, everyone)
		return ok && !slices.ContainsFunc(of, func(p policy.Principal) bool {
			return !listsPrincipal(named, p) && !(open && (s.parsed.Effect == policy.Deny || ordinary(p)))
		})
	}
	return false
}

func listsPrincipal(list []policy.Principal, p policy.Principal) bool {
	return slices.ContainsFunc(list, func(other policy.Principal) bool {
		return everyone(other) && everyone(p) || other.Type == p.Type && accountOrText(other.Text) == accountOrText(p.Text)
	})
}

// accountOrText returns the account of a principal that is one, written either way.
func accountOrText(text string) string {
	if account, ok := strings.CutPrefix(text, "arn:aws:iam::"); ok {
		if account, ok = strings.CutSuffix(account, ":root"); ok {
			return account
		}
	}
	return text
}

// ordinary reports whether a principal is an account or a role.
func ordinary(p policy.Principal) bool {
	return p.Type == policy.AWS && (len(accountsIn(accountOrText(p.Text))) == 1 && len(accountOrText(p.Text)) == 12 || strings.Contains(p.Text, ":role/"))
}
