package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// WayIn is what a resource policy lets a guest do.
type WayIn struct {
	Certainty
	// Actions are those that the guest may do.
	Actions codeartifact.ActionSet
	// By are the elements that let the guest in: those that name it, the star for
	// everyone, and the action elements.
	By []Element
	// Witness is a request of the gravest action.
	Witness Request
	// Narrowed: only from networks that the policy names, or for resources with
	// tags that it names.
	Narrowed bool
	// StoppedByRCP: a resource control policy would stop every such request if it
	// covers CodeArtifact, of which sources differ.
	StoppedByRCP bool

	used []used
}

// used is a statement that lets in a guest, with its gravest request.
type used struct {
	part  part
	first *Found
}

// WayIn returns which of the actions the policy lets the guest do by statements
// that let in this guest in particular; nil when there is none.
func (g *Guest) WayIn(actions codeartifact.ActionSet) (*WayIn, error) {
	return g.wayIn(g.Profile, actions, func(*policy.Statement) bool { return true }, g.distances())
}

// WayInOfOutsider is WayIn for whoever of the guest is in no organization of ours,
// by statements that do not let in strangers as well: what the guest is let do by
// being named.
func (g *Guest) WayInOfOutsider() (*WayIn, error) {
	open, err := g.of.openToStrangers()
	if err != nil {
		return nil, err
	}
	return g.wayIn(g.outsideOrganization(), codeartifact.AllActions(), func(s *policy.Statement) bool { return !open[s] }, g.distances())
}

// outsideOrganization returns the profile without the requests of members of our
// organization; while that is not known, of any that the policy names.
func (g *Guest) outsideOrganization() *Profile {
	ids, paths := glob.Union{}, glob.Union{}
	for _, other := range g.world.Guests(g.of) {
		if other.Kind == AnOrganization && other.Standing != Foreign {
			ids, paths = append(ids, glob.Literal(other.Text)), append(paths, glob.Compile(other.Text+"/*"))
		}
	}
	if ours := g.world.Organization(); ours != "" {
		ids, paths = append(ids, glob.Literal(ours)), append(paths, glob.Compile(ours+"/*"))
	}
	if len(ids) == 0 {
		return g.Profile
	}
	view := *g.Profile
	view.key = ""
	view.reach = append(slices.Clone(view.reach),
		literal{&test{dim: "aws:principalorgid", kind: texts, set: ids}, false},
		literal{&test{dim: "aws:principalorgpaths", kind: texts, quant: policy.ForAnyValue, set: paths}, false})
	return &view
}

// distances are how far the guest is from what the policy names: first from
// anywhere, then from where a condition on networks or tags wants it.
func (g *Guest) distances() []distance {
	nobody := g.Account == ""
	return []distance{{nobody: nobody, outside: true, untagged: true}, {nobody: nobody}}
}

// wayIn asks at one distance after the other, until there is a way in. At all but
// the first it is narrowed.
func (g *Guest) wayIn(p *Profile, actions codeartifact.ActionSet, by func(*policy.Statement) bool, distances []distance) (*WayIn, error) {
	for i, d := range distances {
		profile := p.away(d)
		found, certainty, err := bothWays(func(m mode) (*WayIn, bool, error) {
			w, err := g.ways(profile, m, actions, by)
			return w, w != nil, err
		})
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		found.Certainty, found.Narrowed = certainty, i > 0
		found.StoppedByRCP, err = profile.heldByRCPs(found.Actions)
		return found, err
	}
	return nil, nil
}

// heldByRCPs reports whether resource control policies would stop every request of
// some actions.
func (p *Profile) heldByRCPs(actions codeartifact.ActionSet) (bool, error) {
	if len(p.rcps) == 0 {
		return false, nil
	}
	left, err := p.under(p.rcps).find(question{mode: maybe, actions: actions}, p.steps())
	return left == nil, err
}

// ways collects what the statements allow one after the other.
func (g *Guest) ways(p *Profile, m mode, actions codeartifact.ActionSet, by func(*policy.Statement) bool) (*WayIn, error) {
	var way *WayIn
	for _, x := range p.allows {
		if !g.names(x.parsed) || !by(x.parsed) || !x.actions.Meets(actions) {
			continue
		}
		done, first, err := p.allowedBy(x, actions, m)
		if err != nil {
			return nil, err
		}
		if first == nil {
			continue
		}
		p.complete(first, x)
		if way == nil {
			way = &WayIn{Witness: p.request(first)}
		} else if first.Action.Info().Risk < way.Witness.Action.Info().Risk {
			way.Witness = p.request(first)
		}
		way.used = append(way.used, used{x, first})
		way.Actions = way.Actions.Or(done)
		way.By = append(way.By, g.elements(x)...)
		way.By = append(way.By, elementsOf([]part{x}, done)...)
	}
	return way, nil
}

// complete gives a request the keys whose values conditions name by a variable, so
// that it can be judged by itself: what the caller settles, and where nothing does,
// what makes the two sides of the condition that allows equal.
func (p *Profile) complete(f *Found, x part) {
	for _, other := range p.statementsOn(f.Action) {
		eachVariable(other, func(c policy.Condition, dim string, whole bool) {
			_, asked := f.context[dim]
			tested := f.context[dimensionOf(strings.ToLower(c.Key))]
			v, settled := p.caller.fixedValue(dim)
			switch {
			case asked:
			case settled:
				f.context[dim] = v
			case whole && tested.present && other.same(x):
				f.context[dim] = tested
			}
		})
	}
}

// eachVariable calls visit for the key of every variable in the conditions of a
// statement, and says whether it is the whole value.
func eachVariable(x part, visit func(c policy.Condition, dim string, whole bool)) {
	for _, c := range x.parsed.Conditions {
		for _, value := range c.Values {
			before, rest, open := strings.Cut(value.Text, "${")
			name, after, closed := strings.Cut(rest, "}")
			if _, listed := codeartifact.LookupKey(name); open && closed && listed {
				visit(c, dimensionOf(strings.ToLower(name)), before == "" && after == "")
			}
		}
	}
}

// Names reports whether a value of a Principal element is the guest by name.
func (g *Guest) Names(p policy.Principal) bool {
	return p.Type == policy.AWS && (p.Text == g.Text || g.Kind == AnAccount && p.Text == g.Account)
}

// elements are those of a statement's Principal element that let in the guest: the
// value that names it, else the star, else all of NotPrincipal.
func (g *Guest) elements(x part) []Element {
	list := policy.Principals(x.parsed.Principals)
	if _, not := x.parsed.Principals.(policy.AllButPrincipals); not {
		place := policy.Place{Start: list[0].Start, End: list[len(list)-1].End}
		return []Element{{Policy: x.source.policy, Statement: x.parsed, Place: place}}
	}
	for _, match := range []func(policy.Principal) bool{
		g.Names, everyone,
	} {
		if i := slices.IndexFunc(list, match); i >= 0 {
			return []Element{{Policy: x.source.policy, Statement: x.parsed, Place: list[i].Place}}
		}
	}
	return nil
}

// openToStrangers returns the Allow statements by which strangers are let in from
// anywhere. Of one of which that is not known it is taken to be so: other questions
// speak of it.
func (q *Policy) openToStrangers() (map[*policy.Statement]bool, error) {
	if q.open != nil {
		return q.open, nil
	}
	open := map[*policy.Statement]bool{}
	p := q.alone.away(distance{nobody: true, outside: true})
	for _, x := range p.allows {
		found, err := p.find(question{mode: maybe, actions: x.actions, by: x.same}, p.steps())
		if err != nil {
			return nil, err
		}
		open[x.parsed] = found != nil
	}
	q.open = open
	return open, nil
}
