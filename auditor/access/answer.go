package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Request is one concrete request.
type Request struct {
	Caller   string
	Action   codeartifact.Action
	Resource string
	// Context holds the keys that tests ask about and the request carries.
	Context map[string][]string
}

// Certainty says which of the two bounds an answer holds in. The zero value is
// invalid.
type Certainty uint8

// Possible: the unknown decides. Sure: whatever the unknown is.
const (
	_ Certainty = iota
	Possible
	Sure
)

func (m mode) certainty() Certainty {
	if m == sure {
		return Sure
	}
	return Possible
}

// bothWays asks a question of what is sure, then of what is possible, and
// returns the first answer.
func bothWays[T any](ask func(mode) (T, bool, error)) (T, Certainty, error) {
	for _, m := range []mode{sure, maybe} {
		answer, ok, err := ask(m)
		if err != nil {
			return answer, 0, err
		}
		if ok {
			return answer, m.certainty(), nil
		}
	}
	var none T
	return none, 0, nil
}

// request writes a found request out.
func (p *Profile) request(f *Found) Request {
	r := Request{Caller: p.caller.ARN, Action: f.Action, Resource: f.Resource, Context: map[string][]string{}}
	if home, err := arn.Parse(f.Resource); err == nil && p.caller.ARN == someone.ARN && p.caller.Account == "" && home.Account != "" {
		r.Caller = exampleCaller(home.Account) // of an account that is not known: the resource's
	}
	if v, ok := f.context["aws:principalarn"]; ok && v.present && p.caller.session == "" {
		r.Caller = v.texts[0]
	}
	for dim, v := range f.context {
		if dim != resourceDim && v.present {
			r.Context[keyName(dim)] = v.texts
		}
	}
	return r
}

// keyName writes a key as AWS does. Families keep the tag key in lower case, as
// names of keys ignore case.
func keyName(dim string) string {
	info, listed := codeartifact.LookupKey(dim)
	if !listed {
		return dim
	}
	if !info.Family() {
		return info.Name
	}
	if start := len(prefixOfFamily(info.Name)); start <= len(dim) {
		return info.Name[:start] + dim[start:]
	}
	return dim
}

func prefixOfFamily(name string) string {
	for i := range len(name) {
		if name[i] == '$' {
			return name[:i]
		}
	}
	return name
}

// elementsOf returns the elements by which statements name the given actions:
// of each Action list the values that are needed to name them, of NotAction the
// whole list.
func elementsOf(parts []part, actions codeartifact.ActionSet) []Element {
	return elementsAmong(parts, actions, nil)
}

// elementsAmong is elementsOf that names elements of prefer where they will do.
func elementsAmong(parts []part, actions codeartifact.ActionSet, prefer []Element) []Element {
	var out []Element
	for _, x := range parts {
		if x.with != nil {
			out = append(out, elementsAmong([]part{*x.with}, actions, prefer)...)
		}
		if !x.actions.Meets(actions) {
			continue
		}
		values := policy.Values(x.parsed.Actions)
		if x.values != nil {
			values = x.values
		}
		if _, not := x.parsed.Actions.(policy.AllBut); not {
			place := policy.Place{Start: values[0].Start, End: values[len(values)-1].End}
			out = append(out, Element{x.source.policy, x.parsed, place, x.actions.And(actions)})
			continue
		}
		preferred := func(v policy.Value) bool {
			return slices.ContainsFunc(prefer, func(e Element) bool { return e.Statement == x.parsed && e.Place == v.Place })
		}
		for _, v := range neededValues(values, x.actions.And(actions), preferred) {
			out = append(out, Element{x.source.policy, x.parsed, v.Place, codeartifact.MatchActions(v.Text).And(actions)})
		}
	}
	return out
}

// neededValues drops values without which the others still name all of wanted:
// first those that are not preferred, the last ones first.
func neededValues(values []policy.Value, wanted codeartifact.ActionSet, preferred func(policy.Value) bool) []policy.Value {
	kept := slices.DeleteFunc(slices.Clone(values), func(v policy.Value) bool {
		return !codeartifact.MatchActions(v.Text).Meets(wanted)
	})
	for _, which := range []bool{false, true} {
		for i := len(kept) - 1; i >= 0; i-- {
			if preferred(kept[i]) != which {
				continue
			}
			var rest codeartifact.ActionSet
			for j, v := range kept {
				if j != i {
					rest = rest.Or(codeartifact.MatchActions(v.Text))
				}
			}
			if rest.Covers(wanted) {
				kept = slices.Delete(kept, i, i+1)
			}
		}
	}
	return kept
}

// isAmong reports whether elements of the statement are among those given. They may
// stand in another copy of its document: see Profile.Key.
func isAmong(x part, elements []Element) bool {
	return slices.ContainsFunc(elements, func(e Element) bool { return e.Statement == x.parsed })
}
