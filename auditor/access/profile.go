package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// source is a policy that takes part, with its compiled document.
type source struct {
	access  *Access
	policy  inventory.Policy
	program *program
}

// part is one statement of one policy.
type part struct {
	source *source
	*statement
	// with is the statement of another account's resource policy that allows
	// together with this one; nil for none.
	with *part
	// beyondBoundary: a resource policy names the user, which a permissions
	// boundary does not limit; maybeBeyond: it names the role's session, or lets
	// everyone in, of which AWS does not say whether a boundary limits it.
	//
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
	beyondBoundary, maybeBeyond bool
}

// beyond reports whether the permissions boundary does not limit what the part
// grants.
func (x part) beyond(m mode) bool { return x.beyondBoundary || m == maybe && x.maybeBeyond }

// fromIdentity reports whether the part is a grant of identity policies alone.
func (x part) fromIdentity() bool {
	return x.with == nil && x.source.policy.Kind == inventory.Identity
}

// Profile is what decides the requests of one caller: the statements that allow,
// the statements that deny, and layers of guards of which each must allow too.
// Principals whose requests are decided alike share a profile. Profiles are
// immutable.
type Profile struct {
	access *Access
	caller *Caller
	allows []part
	denies []part
	// layers are the permissions boundary, where bounded, and each level of
	// SCPs: the allowing statements of each.
	layers  [][]part
	bounded bool
	// clauses are further demands, of each of which one test must hold.
	clauses [][]literal
	// rcps are the Deny statements of resource control policies, which are not
	// counted: whether they cover CodeArtifact is disputed.
	rcps []part
	// reach limits the resources to those that a resource policy decides.
	reach []literal
	// confined is the resource policy of which the profile says what it allows
	// callers of other accounts; nil for principals.
	confined *inventory.Policy
	// Assumptions say what was not read and could only narrow.
	Assumptions []string

	// purse limits the steps of all views of the profile together.
	purse *glob.Budget

	key string // see Key
}

// only returns the profile as if, of the policies that allow, there were only
// those that keep holds for. Every Deny and guard stays.
func (p *Profile) only(keep func(part) bool) *Profile {
	drop := func(x part) bool { return !keep(x) }
	if !slices.ContainsFunc(p.allows, drop) { // nearly always: what is known of p stays known
		return p
	}
	view := *p
	view.key = ""
	view.allows = slices.DeleteFunc(slices.Clone(p.allows), drop)
	return &view
}

// add enters the statements of one policy, as grantor or as a layer's filter.
func (p *Profile) add(s *source, allows *[]part) {
	for _, st := range s.program.statements {
		if st.allow {
			*allows = append(*allows, part{source: s, statement: st})
		} else {
			p.denies = append(p.denies, part{source: s, statement: st})
		}
	}
}

// AllowsNothing reports whether no statement allows anything. Nearly all principals
// of an account are allowed nothing.
func (p *Profile) AllowsNothing() bool { return len(p.allows) == 0 }

// actions returns the actions that some statement allows under one reading.
func (p *Profile) actions(m mode) codeartifact.ActionSet {
	var all codeartifact.ActionSet
	for _, x := range p.allows {
		all = all.Or(x.named(m))
	}
	return all
}

// statementsOn yields every statement that takes part in deciding a.
func (p *Profile) statementsOn(a codeartifact.Action) []part {
	var out []part
	for _, list := range append([][]part{p.allows, p.denies}, p.layers...) {
		for _, x := range list {
			if x.actions.Has(a) {
				out = append(out, x)
			}
		}
	}
	return out
}

// Found is a request that the profile allows.
type Found struct {
	Action   codeartifact.Action
	Type     codeartifact.ResourceType // invalid for actions without one
	Resource string
	context  map[string]value
	by       part
}

// question asks for a request among those that the profile allows.
type question struct {
	mode    mode
	actions codeartifact.ActionSet
	// by limits the statements that allow the request; nil for any.
	by func(part) bool
	// with are further tests that the request must pass.
	with []literal
	// at is where the resource lives, nil where that is open.
	at *home
	// prefer are resources to show where they will do.
	prefer map[codeartifact.ResourceType]string
}

// find returns a request that q describes, of the gravest action that has one,
// or nil when there is none.
func (p *Profile) find(q question, b *glob.Budget) (*Found, error) {
	for _, a := range gravestFirst(q.actions.And(p.actions(q.mode))) {
		found, err := p.findAction(q, a, b)
		if found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// findAction looks for a request of one action. Where AWS authorizes it on
// several resources at once, or does not say on which, it is sure only when each
// is allowed, and possible when one is.
func (p *Profile) findAction(q question, a codeartifact.Action, b *glob.Budget) (*Found, error) {
	var first *Found
	for _, t := range typesOf(a) {
		found, err := p.findOn(q, a, t, b)
		if err != nil {
			return nil, err
		}
		switch {
		case found == nil && q.mode == sure && needsAll(a):
			return nil, nil
		case found != nil && (q.mode == maybe || !needsAll(a)):
			return found, nil
		case first == nil:
			first = found
		}
	}
	return first, nil
}

// findOn looks for a request of one action on one type of resource.
func (p *Profile) findOn(q question, a codeartifact.Action, t codeartifact.ResourceType, b *glob.Budget) (*Found, error) {
	for _, x := range p.allows {
		if !x.names(a, q.mode) || q.by != nil && !q.by(x) {
			continue
		}
		found, err := p.findBy(q, a, t, x, b)
		if found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// findBy looks for a request of one action on one type of resource that the
// statement x allows.
func (p *Profile) findBy(q question, a codeartifact.Action, t codeartifact.ResourceType, x part, b *glob.Budget) (*Found, error) {
	lits, some := x.literals(q.mode)
	if !some {
		return nil, nil
	}
	clauses, open := p.denials(a, q.mode.other(), x)
	if !open {
		return nil, nil
	}
	clauses = append(clauses, p.clauses...)
	layers := p.layers
	if p.bounded && x.beyond(q.mode) {
		layers = layers[1:]
	}
	var found *Found
	err := eachCube(slices.Concat(lits, p.reach, q.with), layers, a, q.mode, b, func(cube []literal) (bool, error) {
		homes, err := p.homesFor(q, t, cube, clauses, b)
		if err != nil {
			return false, err
		}
		for _, home := range homes {
			s := &search{profile: p, mode: q.mode, action: a, typ: t, home: home, budget: b, prefer: q.prefer[t]}
			model, err := s.solve(cube, clauses)
			if err != nil {
				return false, err
			}
			if model != nil {
				found = &Found{Action: a, Type: t, Resource: resourceOf(model), context: model, by: x}
				return false, nil
			}
		}
		return true, nil
	})
	return found, err
}

// resourceOf returns the resource of a request as AWS writes it.
func resourceOf(model map[string]value) string {
	if text := model[resourceDim].texts[0]; text != noResource {
		return text
	}
	return "*"
}

// eachCube intersects a cube with one statement of every guard that allows a,
// and calls visit for each choice until it returns false.
func eachCube(cube []literal, layers [][]part, a codeartifact.Action, m mode, b *glob.Budget, visit func([]literal) (bool, error)) error {
	var choose func(cube []literal, layers [][]part) (bool, error)
	choose = func(cube []literal, layers [][]part) (bool, error) {
		if err := b.Spend(1 + len(cube)); err != nil {
			return false, err
		}
		if len(layers) == 0 {
			return visit(cube)
		}
		for _, x := range layers[0] {
			lits, some := x.literals(m)
			if !some || !x.names(a, m) {
				continue
			}
			if on, err := choose(slices.Concat(cube, lits), layers[1:]); !on || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	_, err := choose(cube, layers)
	return err
}

// denials returns for each Deny of a the tests of which one must fail. It
// reports false when some Deny covers everything. Where it is not known whether
// the policy that allows is consulted at all, its own Deny statements are as
// certain as what it allows.
func (p *Profile) denials(a codeartifact.Action, m mode, allow part) ([][]literal, bool) {
	var clauses [][]literal
	for _, x := range p.denies {
		lits, some := x.literals(m)
		together := x.unverified.Has(a) && x.source.policy.ID == allow.source.policy.ID
		if !some || !x.names(a, m) && !together {
			continue
		}
		if len(lits) == 0 {
			return nil, false
		}
		clauses = append(clauses, negated(lits))
	}
	return clauses, true
}

// gravestFirst orders actions by risk, so that a witness shows what matters.
func gravestFirst(set codeartifact.ActionSet) []codeartifact.Action {
	actions := slices.Collect(set.All())
	slices.SortStableFunc(actions, func(a, b codeartifact.Action) int {
		return int(a.Info().Risk) - int(b.Info().Risk)
	})
	return actions
}

// typesOf returns the types of resource that a may be authorized on, the invalid
// type for none. Of an action with several, and of the Create actions, on which
// AWS's documents differ, it returns each.
func typesOf(a codeartifact.Action) []codeartifact.ResourceType { return types[a] }

var types = func() map[codeartifact.Action][]codeartifact.ResourceType {
	all := map[codeartifact.Action][]codeartifact.ResourceType{}
	for a := range codeartifact.AllActions().All() {
		info := a.Info()
		all[a] = info.Types
		if len(info.Types) == 0 {
			all[a] = []codeartifact.ResourceType{0}
			if info.Service == "codeartifact" && info.Levels.Has(codeartifact.Write) {
				all[a] = append(all[a], info.UserGuideTypes...)
			}
			if a == codeartifact.CreateRepository { // AWS's page on domain policies grants it on the domain
				all[a] = append(all[a], codeartifact.Domain)
			}
		}
	}
	return all
}()

// needsAll reports whether a request for a counts as certain only when the
// action is allowed on each of typesOf(a): CopyPackageVersions, which names a
// package and a repository, and the Create actions, of which it is not known
// what they name. Other actions with several types name one at a time.
func needsAll(a codeartifact.Action) bool {
	return len(a.Info().RequiredTypes) > 1 || len(a.Info().Types) == 0
}
