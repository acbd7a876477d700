package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// OutOfReach is an element of the policy of a domain or repository that the policy
// never decides, wherever it stood in it.
type OutOfReach struct {
	By     Element
	Text   string // as written
	Effect policy.Effect
	Beyond Beyondness
	// Intended is what its author evidently meant; without an action where that is
	// another service's.
	Intended Outcome
}

// Beyondness says why a policy does not reach something. The zero value is invalid.
type Beyondness uint8

// The reasons: an action of another service; one about the caller's account; the
// one that would change the policy itself; one that the domain's policy decides, or
// identity policies alone; a resource that is another domain or repository.
const (
	_ Beyondness = iota
	OtherService
	AboutAccount
	AboutItself
	AboutDomain
	AboutNothingYet
	OtherResource
)

// OutOfReach returns the elements of a resource policy that it never decides. An
// action element counts when none of its actions is decided there; of what AWS does
// not say nothing is returned, nor of the bearer token, which is misplaced there.
//
// Sources: https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html
// and https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html
func (w *World) OutOfReach(q *Policy) ([]OutOfReach, error) {
	switch q.Kind {
	case inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository:
	default:
		return nil, nil
	}
	var out []OutOfReach
	b := q.alone.steps()
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		found, all := q.actionsBeyond(s)
		if resources, only := s.Resources.(policy.Only); only && !all {
			for _, v := range resources {
				outside, err := q.outside(s, v, b)
				if err != nil {
					return nil, err
				}
				if outside {
					found = append(found, OutOfReach{By: Element{Policy: q.Policy, Statement: s, Place: v.Place}, Text: v.Text, Beyond: OtherResource})
				}
			}
		}
		for _, o := range found {
			o.Effect = s.Effect
			var err error
			if o.Intended, err = w.beyond(q, s, o); err != nil {
				return nil, err
			}
			out = append(out, o)
		}
	}
	return out, nil
}

// actionsBeyond returns the action elements of a statement that the policy does not
// decide, and whether those are all it has.
func (q *Policy) actionsBeyond(s *policy.Statement) (out []OutOfReach, all bool) {
	only, _ := s.Actions.(policy.Only)
	for _, v := range only {
		service, _, colon := strings.Cut(v.Text, ":")
		named := codeartifact.MatchActions(v.Text)
		o := OutOfReach{By: Element{Policy: q.Policy, Statement: s, Place: v.Place, Actions: named}, Text: v.Text}
		switch {
		case !colon || codeartifact.WildcardService(v.Text) || strings.Contains(service, "*") || seemsOurs(v.Text) || named.Meets(bearerToken):
			continue
		case !strings.EqualFold(service, ourService):
			o.Beyond, o.By.Actions = OtherService, codeartifact.ActionSet{}
		case q.neverDecides(named):
			o.Beyond = q.whyNever(named)
		default:
			continue
		}
		out = append(out, o)
	}
	return out, len(out) == len(only)
}

// places are those that a resource policy can be in.
func (q *Policy) places() []codeartifact.Place {
	switch q.Kind {
	case inventory.DomainPolicy:
		return []codeartifact.Place{codeartifact.DomainPolicy}
	case inventory.RepositoryPolicy:
		return []codeartifact.Place{codeartifact.RepositoryPolicy}
	case inventory.DomainOrRepository:
		return []codeartifact.Place{codeartifact.DomainPolicy, codeartifact.RepositoryPolicy}
	}
	return nil
}

// neverDecides reports whether the policy is a resource policy that decides none of
// some actions.
func (q *Policy) neverDecides(set codeartifact.ActionSet) bool {
	places := q.places()
	for a := range set.All() {
		for _, p := range places {
			if !a.Info().GrantedBy(p).No() {
				return false
			}
		}
	}
	return len(places) > 0 && !set.IsEmpty()
}

// whyNever says why, of actions of which none is decided.
func (q *Policy) whyNever(set codeartifact.ActionSet) Beyondness {
	a := representative(set)
	switch info := a.Info(); {
	case a == codeartifact.PutDomainPermissionsPolicy && q.Kind != inventory.RepositoryPolicy, a == codeartifact.PutRepositoryPermissionsPolicy:
		return AboutItself
	case a == codeartifact.CreateDomain:
		return AboutNothingYet
	case info.WildcardOnly && len(info.UserGuideTypes) == 0:
		return AboutAccount
	}
	return AboutDomain
}

// outside reports whether a resource element matches resources of CodeArtifact, and
// none that the policy reaches.
func (q *Policy) outside(s *policy.Statement, v policy.Value, b *glob.Budget) (bool, error) {
	if q.places() == nil || !meansOurs(s, v.Text) {
		return false, nil
	}
	version := q.Document.Parsed.Version
	checked, err := q.alone.access.checkARN(v.Text, version, b)
	if err != nil || !checked.possible {
		return false, err
	}
	types, err := q.alone.access.typesMatched(v.Text, version, b)
	if err != nil {
		return false, err
	}
	if q.Account == "" {
		return q.Kind == inventory.RepositoryPolicy && !slices.Contains(types, codeartifact.Repository) && !slices.Contains(types, codeartifact.Package), nil
	}
	m := glob.NewMachine([]glob.Union{{openPattern(v.Text, version)}})
	if err := b.Spend(m.Size()); err != nil {
		return false, err
	}
	_, some, err := m.FindMember(m.Start(), reachARNs(q.ID, q.Kind), []bool{true}, b)
	return !some && err == nil, err
}

// beyond decides what the author of an element out of reach evidently meant.
func (w *World) beyond(q *Policy, s *policy.Statement, o OutOfReach) (Outcome, error) {
	switch o.Beyond {
	case OtherService:
		return Outcome{Request: Request{Caller: w.meantCallers(q, s)[0].name, Resource: "*", Context: map[string][]string{}}, Certainty: Sure}, nil
	case OtherResource:
		_, named := namedActions(s.Actions)
		named = named.And(codeartifact.CodeArtifactActions())
		types, err := q.alone.access.typesMatched(o.Text, q.Document.Parsed.Version, q.alone.steps())
		if err != nil {
			return Outcome{}, err
		}
		var about codeartifact.ActionSet
		for _, t := range types {
			about = about.Or(named.And(codeartifact.ActionsOn(t)))
		}
		if about.IsEmpty() {
			about = named
		}
		return w.meant(q, s, about, policy.Only{{Text: o.Text}})
	}
	var near policy.Only
	for _, v := range policy.Values(s.Resources) {
		if parent := parentOf(v.Text); parent != "" {
			near = append(near, policy.Value{Text: parent}, policy.Value{Text: strings.Replace(parent, ":domain/", ":*/", 1) + "/*"})
		}
	}
	if near == nil {
		return w.meant(q, s, o.By.Actions, nil)
	}
	return w.meant(q, s, o.By.Actions, near)
}
