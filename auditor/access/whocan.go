package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Permitted is a user or role that may make a request.
type Permitted struct {
	*Principal
	*Answer
	// Resource is the one asked about; of a question about any resource, one on
	// which the answer holds.
	Resource string
}

// WhoCan returns the users and roles that were read and may do what the question
// asks about, in order of their ARNs. A question about any resource asks for one
// on which they may: it is allowed where there is one on which it is whatever the
// free keys are. Principals that are decided alike are decided once. The gaps are
// those of the principals' policies; principals of whom the question could not be
// decided are among them.
func (i *Inquiry) WhoCan() ([]Permitted, []inventory.Gap, error) {
	var out []Permitted
	var gaps []inventory.Gap
	known := map[string]verdict{}
	for _, w := range i.access.Worlds {
		for _, p := range w.Principals {
			s, err := i.about(w.account, *p.Principal)
			if err != nil {
				return nil, nil, err
			}
			if !s.profile.actions(maybe).Has(i.action) {
				continue
			}
			key := s.profile.Key()
			v, decided := known[key]
			if !decided {
				v = s.verdict()
				known[key] = v
			}
			switch {
			case v.err != nil:
				gaps = append(gaps, inventory.Gap{Where: p.ARN, Reason: "not judged: " + v.err.Error()})
			case v.answer.Decision != Deny:
				answer := *v.answer
				answer.Because, answer.Gaps = s.reasons(v.refs), s.gaps()
				gaps = append(gaps, answer.Gaps...)
				out = append(out, Permitted{p, &answer, v.resource})
			}
		}
	}
	slices.SortFunc(out, func(a, b Permitted) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(gaps, func(a, b inventory.Gap) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
	})
	return out, slices.Compact(gaps), nil
}

// verdict is an answer that principals may share, with the statements that decide.
type verdict struct {
	answer   *Answer
	refs     []ref
	resource string
	err      error
}

// verdict decides the question for WhoCan.
func (s *asking) verdict() verdict {
	if s.resource != "" {
		answer, refs, err := s.answer()
		if err == nil {
			s.note(answer)
		}
		return verdict{answer, refs, s.resource, err}
	}
	candidates, err := s.candidates()
	if err != nil {
		return verdict{err: err}
	}
	best := verdict{answer: &Answer{Decision: Deny}}
	for _, resource := range candidates {
		v := s.on(resource)
		if v.err != nil {
			return v
		}
		if v.answer.Decision > best.answer.Decision {
			best = v
		}
		if best.answer.Decision == Allow {
			break
		}
	}
	return best
}

// on decides the question about one resource in place of any.
func (s *asking) on(resource string) verdict {
	q := s.Question
	q.resource = resource
	at := *s.Inquiry
	at.Question = q
	here, err := at.about(s.account, *s.principal)
	if err != nil {
		return verdict{err: err}
	}
	return here.verdict()
}

// candidates returns the resources on which a question about any resource is to
// be decided: what each statement would show, and one that is certainly allowed
// whatever the free keys are, if there is one. The last decides where none of
// them is allowed.
func (s *asking) candidates() ([]string, error) {
	var out []string
	for _, m := range []mode{sure, maybe} {
		for _, x := range s.profile.allows {
			q := question{mode: m, actions: codeartifact.Actions(s.action), by: x.same}
			found, err := s.profile.find(q, s.budget)
			if err != nil {
				return nil, err
			}
			if found != nil && !slices.Contains(out, found.Resource) {
				out = append(out, found.Resource)
			}
		}
		if m == maybe {
			break
		}
		somewhere, err := s.somewhere()
		if err != nil {
			return nil, err
		}
		if somewhere != "" {
			out = append(out, somewhere)
		}
	}
	return out, nil
}

// somewhere returns a resource on which the action is certainly allowed whatever
// the free keys are, empty when there is none. Resources are looked for where the
// profile can be sure of something: in the principal's account, and around the
// resource policies that were read.
func (s *asking) somewhere() (string, error) {
	if needsAll(s.action) {
		return "", nil
	}
	c := newCoverer(s.profile, sure, codeartifact.Actions(s.action), s.budget)
	for _, at := range s.places() {
		for _, t := range typesOf(s.action) {
			if !isCodeArtifact(t) {
				continue
			}
			if text, err := c.always(s.action, t, at); text != "" || err != nil {
				return text, err
			}
		}
	}
	return "", nil
}

func (s *asking) places() []home {
	var out []home
	for _, region := range s.access.regions {
		out = append(out, home{region, s.account.ID})
	}
	for _, rp := range s.access.resourcePolicies {
		if parsed, err := arn.Parse(rp.ID); err == nil && !slices.Contains(out, home{parsed.Region, parsed.Account}) {
			out = append(out, home{parsed.Region, parsed.Account})
		}
	}
	return out
}

// always returns a resource of type t at home on which a is allowed under all
// circumstances, empty when there is none.
func (c *coverer) always(a codeartifact.Action, t codeartifact.ResourceType, at home) (string, error) {
	dims, tests := conditionTests(c.parts, c.modeOf)
	var keys [][]atom
	for _, dim := range dims {
		atoms, err := c.domain(dim, a, t, at).atoms(dim, tests[dim], c.budget)
		if err != nil {
			return "", err
		}
		keys = append(keys, atoms)
	}
	rules := map[string]resourceRule{}
	err := eachCircumstance(keys, c.budget, func(when circumstances) (bool, error) {
		r := c.ruleFor(a, t, at, when)
		rules[r.key] = r
		return true, nil
	})
	if err != nil {
		return "", err
	}
	start := "arn:aws:codeartifact:" + at.region + ":" + at.account + ":"
	var prefer []string
	for _, known := range c.access.knownIn(t, at) {
		prefer = append(prefer, strings.TrimPrefix(known, start))
	}
	text, ok, err := c.machine.Find(c.machine.Read(c.machine.Start(), start), afterAccount(t), prefer, func(in []bool) bool {
		for _, r := range rules {
			if !r.allowed(in) {
				return false
			}
		}
		return true
	}, c.budget)
	if !ok || err != nil {
		return "", err
	}
	return start + text, nil
}
