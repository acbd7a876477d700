package access

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// OpenEnded is what statements allow without naming it, so that it grows by
// itself: by a wildcard or by NotAction with the actions that AWS adds, by
// NotResource with whatever comes to be.
type OpenEnded struct {
	Certainty
	// Actions are those, of the ones that are more than reading and listing, of
	// which the statements allow some request.
	Actions codeartifact.ActionSet
	// By are the action elements that name them, none of them needless.
	By []Element
	// Narrowed: only under conditions that not every caller can meet.
	Narrowed bool
	// Witness is a request for the gravest of Actions.
	Witness Request
}

// OpenEnded returns what the profile's statements allow without naming it, of the
// actions that are more than reading and listing; nil when there is nothing.
func (p *Profile) OpenEnded() (*OpenEnded, error) {
	found, certainty, err := bothWays(func(m mode) (*OpenEnded, bool, error) {
		o, err := p.openEnded(m)
		return o, o != nil, err
	})
	if found != nil {
		found.Certainty = certainty
	}
	return found, err
}

func (p *Profile) openEnded(m mode) (*OpenEnded, error) {
	var first *Found
	out := &OpenEnded{Narrowed: true}
	for _, x := range p.allows {
		open := x.openValues()
		if open == nil {
			continue
		}
		live, found, err := p.live(x, x.namedBy(open, m).And(codeartifact.ChangingActions()), m)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if first == nil || f.Action.Info().Risk < first.Action.Info().Risk {
				first = f
			}
			if out.Narrowed {
				if out.Narrowed, err = p.narrowed(x, f, m); err != nil {
					return nil, err
				}
			}
		}
		out.Actions = out.Actions.Or(live)
		out.By = append(out.By, elementsOf([]part{x.only(open)}, live)...)
	}
	if first == nil {
		return nil, nil
	}
	out.Witness = p.request(first)
	return out, nil
}

// live returns those of actions of which x allows some request, and requests of
// them, the gravest first: one of each class of actions that are decided alike.
func (p *Profile) live(x part, actions codeartifact.ActionSet, m mode) (codeartifact.ActionSet, []*Found, error) {
	var live codeartifact.ActionSet
	var found []*Found
	known := map[string]*Found{}
	for _, a := range gravestFirst(actions) {
		class := p.classOf(a, x)
		f, decided := known[class]
		if !decided {
			var err error
			if f, err = p.find(question{mode: m, actions: codeartifact.Actions(a), by: x.same}, p.steps()); err != nil {
				return live, nil, err
			}
			known[class] = f
			if f != nil {
				found = append(found, f)
			}
		}
		if f != nil {
			live = live.Add(a)
		}
	}
	return live, found, nil
}

// classOf is the same for actions of which x allows a request or none alike: that
// act on the same types of resource, are named by the same statements, and of
// which no statement asks for a key that the requests of one carry and those of
// another do not.
func (p *Profile) classOf(a codeartifact.Action, x part) string {
	class := fmt.Sprint(typesOf(a), x.unsure.Has(a))
	for _, list := range append([][]part{{x}, p.denies}, p.layers...) {
		for _, y := range list {
			class += fmt.Sprint(y.actions.Has(a), y.unsure.Has(a))
			if y.actions.Has(a) && y.conditional() {
				return a.String()
			}
		}
	}
	return class
}

// openValues returns the values of the Action element that say more than they
// name; nil when there is none. Behind NotAction and NotResource all do.
func (s *statement) openValues() []policy.Value {
	only, ok := s.parsed.Actions.(policy.Only)
	if !ok {
		return policy.Values(s.parsed.Actions)
	}
	if _, not := s.parsed.Resources.(policy.AllBut); not {
		return only
	}
	var open []policy.Value
	for _, v := range only {
		if codeartifact.HasWildcard(v.Text) {
			open = append(open, v)
		}
	}
	return open
}

// namedBy returns the actions that the statement names by some values of its
// Action element; by all of NotAction.
func (s *statement) namedBy(values []policy.Value, m mode) codeartifact.ActionSet {
	if _, only := s.parsed.Actions.(policy.Only); !only {
		return s.named(m)
	}
	var by codeartifact.ActionSet
	for _, v := range values {
		by = by.Or(codeartifact.MatchActions(v.Text))
	}
	return by.And(s.named(m))
}

// only returns the part with some values of its Action element alone.
func (x part) only(values []policy.Value) part {
	few := *x.statement
	few.values = values
	x.statement = &few
	return x
}

// narrowed reports whether x allows the action of a request that was found only
// under conditions that not every caller can meet.
func (p *Profile) narrowed(x part, f *Found, m mode) (bool, error) {
	if len(p.denies) == 0 && len(p.layers) == 0 && !x.conditional() {
		return false, nil
	}
	view := p.view([]part{x}, p.denies, p.layers, p.bounded)
	at, start, shape := home{}, "", glob.Union{glob.Literal(noResource)}
	if isCodeArtifact(f.Type) {
		parsed, err := arn.Parse(f.Resource)
		if err != nil {
			return false, nil // every resource of the type is an ARN
		}
		at = home{parsed.Region, parsed.Account}
		start, shape = "arn:aws:codeartifact:"+at.region+":"+at.account+":", afterAccount(f.Type)
	}
	always, err := view.unconditional(f.Action, f.Type, at, start, shape, m, p.steps())
	return !always, err
}
