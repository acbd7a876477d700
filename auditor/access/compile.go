package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// statement is one statement as a set of requests: the actions it names, and
// the tests that a request must pass. It is a product of one set per dimension.
type statement struct {
	parsed *policy.Statement
	allow  bool
	// actions are those of the table that the statement could decide where it
	// stands; unsure those among them that it may not.
	actions, unsure codeartifact.ActionSet
	// unverified are the actions for which AWS does not say whether the policy
	// is consulted at all.
	unverified codeartifact.ActionSet
	// sure passes only requests that the statement certainly covers, maybe all
	// that it could cover. certain is false where nothing is sure.
	sure, maybe []literal
	certain     bool
	// lost: the statement stands for what could not be read.
	lost bool
	// values are those of the Action element that count; nil for all.
	values []policy.Value
}

// program is a compiled document. It is shared by every place the document
// stands in, and by every caller unless it has variables.
type program struct {
	statements []*statement
	actions    codeartifact.ActionSet // named by any statement
}

// reach is the set of actions that statements decide where a policy stands: those
// that they certainly do, and those that they could.
type reach struct{ sure, maybe codeartifact.ActionSet }

// everyAction is the reach of identity policies and guards.
var everyAction = reach{codeartifact.AllActions(), codeartifact.AllActions()}

// compile turns a document into statements over the actions within reach.
// Statements that name none of them are dropped. It reports whether the outcome
// depends on the caller.
func compile(d *inventory.Document, k inventory.Kind, caller *Caller, within reach) (*program, bool) {
	p := &program{}
	dependent := false
	for i := range d.Parsed.Statements {
		parsed := &d.Parsed.Statements[i]
		certain, possible := namedActions(parsed.Actions)
		actions := possible.And(within.maybe)
		if actions.IsEmpty() {
			continue
		}
		vars := variables{version: d.Parsed.Version, caller: caller, used: &dependent}
		s := compileStatement(parsed, vars)
		s.unverified = actions.Minus(within.sure)
		s.actions, s.unsure = actions, actions.Minus(certain.And(within.sure))
		s.certain = s.certain && (parsed.Resources != nil || resourceImplied(k))
		p.statements = append(p.statements, s)
		p.actions = p.actions.Or(actions)
	}
	return p, dependent
}

// resourceImplied reports whether a statement of such a policy speaks of what
// the policy is attached to when it has no Resource element. In other policies
// the grammar demands one, and what a statement without it does is not known.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html
func resourceImplied(k inventory.Kind) bool {
	switch k {
	case inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository, inventory.Trust:
		return true
	}
	return false
}

// namedActions returns the actions of the table that an Action or NotAction
// element certainly and possibly stands for. What a wildcard in the service
// prefix matches is not documented.
func namedActions(c policy.Clause) (certain, possible codeartifact.ActionSet) {
	for _, v := range policy.Values(c) {
		named := codeartifact.MatchActions(v.Text)
		possible = possible.Or(named)
		if !codeartifact.WildcardService(v.Text) {
			certain = certain.Or(named)
		}
	}
	if _, not := c.(policy.AllBut); not {
		all := codeartifact.AllActions()
		return all.Minus(possible), all.Minus(certain)
	}
	return certain, possible
}

// names reports whether the statement decides a under one of the two readings.
func (s *statement) names(a codeartifact.Action, m mode) bool {
	return s.actions.Has(a) && (m == maybe || !s.unsure.Has(a))
}

// named returns the actions that the statement decides under one reading.
func (s *statement) named(m mode) codeartifact.ActionSet {
	if m == maybe {
		return s.actions
	}
	return s.actions.Minus(s.unsure)
}

func compileStatement(parsed *policy.Statement, vars variables) *statement {
	s := &statement{parsed: parsed, allow: parsed.Effect == policy.Allow, certain: true}
	if parsed.Resources != nil {
		b, want := compileResources(parsed.Resources, vars)
		s.demand(b, want)
	}
	for _, c := range parsed.Conditions {
		s.demand(compileCondition(c, vars), true)
	}
	return s
}

// demand adds a test to the statement.
func (s *statement) demand(b bounds, want bool) {
	if b.sure == nil {
		s.certain = false
	} else if !trivial(b.sure, want) {
		s.sure = append(s.sure, literal{b.sure, want})
	}
	if b.maybe != nil && !trivial(b.maybe, want) {
		s.maybe = append(s.maybe, literal{b.maybe, want})
	}
}

// trivial reports whether every resource passes: Resource "*".
func trivial(t *test, want bool) bool {
	return want && t.dim == resourceDim && t.kind == texts && t.set.IsEverything()
}

// literals returns the tests under one of the two readings, and whether the
// statement covers anything under it.
func (s *statement) literals(m mode) ([]literal, bool) {
	if m == sure {
		return s.sure, s.certain
	}
	return s.maybe, true
}

// mode chooses between the two bounds of what is true.
type mode uint8

// Under sure only certain things count, under maybe all possible ones.
const (
	sure mode = iota
	maybe
)

func (m mode) other() mode { return maybe - m }

// conditional reports whether the statement has a Condition element.
func (s *statement) conditional() bool { return len(s.parsed.Conditions) > 0 }

// elements returns the values of the statement's Action element that name any of
// actions; of NotAction the element as a whole does, and no value is returned.
func (s *statement) elements(actions codeartifact.ActionSet) []policy.Value {
	only, ok := s.parsed.Actions.(policy.Only)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone([]policy.Value(only)), func(v policy.Value) bool {
		return !codeartifact.MatchActions(v.Text).Meets(actions)
	})
}
