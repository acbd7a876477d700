package rules

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// defect is what is wrong with the requests that a profile allows.
type defect struct {
	facet     string
	severity  finding.Severity
	certainty access.Certainty
	message   string // for a policy as subject: "allows full access …"
	narrowing finding.Narrowing
	by        []mark
	witness   []access.Request
	document  *inventory.Document // of the first grant
	// amend says more of the policy that causes the defect; nil for nothing.
	amend func(*finding.Finding, *access.Policy)
	// offer adds fixes for the policy that causes the defect; nil for none.
	offer func(*finding.Finding, *access.Policy)
	// tell adds to the message what depends on whom the finding affects; nil for
	// nothing.
	tell func(*finding.Finding)
}

// mark is an element that takes part in a defect, with what it does. Profiles that
// are decided alike share their defects, so an element may stand in another copy
// of the document than the one that is reported: see anchored.
type mark struct {
	access.Element
	says string
}

// anchored writes marks out as grants of the policies at hand: where one of them
// has the same document, the element stands there.
func anchored(marks []mark, policies ...inventory.Policy) []finding.Grant {
	var out []finding.Grant
	for _, m := range marks {
		i := slices.IndexFunc(policies, func(q inventory.Policy) bool { return q.Document == m.Policy.Document })
		if i >= 0 {
			m.Policy = policies[i]
		}
		out = append(out, grant(m.Element, m.says))
	}
	return out
}

// judge finds the defects of what a principal may do by some of its policies;
// whole is what it may do by all of them.
type judge func(some, whole *access.Profile) ([]defect, error)

// inquiry is a judge whose answer may depend on whose the policies are, not only on
// what they allow.
type inquiry struct {
	// of finds the defects of what a principal may do by some of its policies.
	of func(some *access.Profile, principal *access.Principal) ([]defect, error)
	// alone finds those of a policy that reaches nobody; where it finds none, and
	// shared is set, the policy gives nobody any.
	alone func(*access.Policy) ([]defect, error)
	// shared: profiles that are decided alike have the same defects.
	shared bool
	// about are the actions without which there is nothing to ask; empty for any.
	about codeartifact.ActionSet
}

// asks reports whether the question arises for a profile.
func (i inquiry) asks(profile *access.Profile) bool {
	return !profile.AllowsNothing() && (i.about.IsEmpty() || profile.Names(i.about))
}

// eachDefect reports what judge finds wrong with identity policies. Where one
// policy by itself causes a defect, the policy is the subject and the principals
// that it gives the defect are affected; where several add up, the principal is
// the subject.
func (p *Pass) eachDefect(find judge) {
	p.eachDefectOf(codeartifact.ActionSet{}, find)
}

// eachDefectOf is eachDefect for a question about some actions.
func (p *Pass) eachDefectOf(about codeartifact.ActionSet, find judge) {
	p.inquire(inquiry{
		of:     func(some *access.Profile, of *access.Principal) ([]defect, error) { return find(some, of.Profile) },
		alone:  func(q *access.Policy) ([]defect, error) { return find(q.Alone(), q.Alone()) },
		shared: true, about: about,
	})
}

// inquire is eachDefect for what may depend on whose the policies are.
func (p *Pass) inquire(find inquiry) {
	caused := causes{}
	for _, q := range p.World.Policies {
		if q.Kind != inventory.Identity || len(q.Holders) == 0 && len(q.Bounds) > 0 || !find.asks(q.Alone()) {
			continue
		}
		var alone []defect
		if find.shared || len(q.Reaches) == 0 {
			var err error
			if alone, err = p.judgeAlone(q, find); err != nil || len(alone) == 0 {
				continue // what q gives with guards is part of what it gives without
			}
		}
		silent := q.AWSOwned() && !p.rule.AWSOwned && !isCodeArtifactPolicy(q.Name)
		for _, f := range p.policyDefects(q, alone, find, caused) {
			if f.serviceLinked {
				f.Message += serviceLinked
			}
			if !silent {
				p.report(f.Finding, f.offer...)
			}
		}
	}
	for _, principal := range p.World.Allowed {
		if find.asks(principal.Profile) && (!p.exempt(principal.ARN) || len(p.rule.Absorbs) > 0) {
			p.addedUp(principal, find, caused)
		}
	}
}

// causes are the defects of principals that a policy alone accounts for, with the
// gravest that one does. What several policies add up to may be graver.
type causes map[cause]finding.Severity

type cause struct{ principal, facet string }

func (c causes) note(of cause, s finding.Severity) { c[of] = max(c[of], s) }

// addedUp reports the defects of a principal that no policy causes alone.
func (p *Pass) addedUp(principal *access.Principal, find inquiry, caused causes) {
	defects, err := p.judge(principal.Identity(), principal, find)
	if err != nil {
		return
	}
	for _, d := range defects {
		if caused[cause{principal.ARN, d.facet}] >= d.severity {
			continue
		}
		if principal.ServiceLinked {
			d.message += serviceLinked
		}
		f := finding.Finding{
			Subject: principalSubject(principal, p.World.Account), Facet: d.facet, Severity: d.severity,
			Narrowing:  d.narrowing,
			Confidence: confidence(d.certainty, len(principal.Assumptions) > 0),
			Message:    "its policies together " + strings.Replace(d.message, "allows", "allow", 1), Affected: []string{principal.ARN},
			Grants: anchored(d.by, principal.Policies...), Witness: asked(d.witness, principal.ARN), Group: p.group(d.document),
		}
		if p.exempt(principal.ARN) {
			p.excuse(f)
			continue
		}
		p.report(f, d.telling()...)
	}
}

// isCodeArtifactPolicy reports whether a policy that AWS owns is about
// CodeArtifact: those are judged by every rule.
func isCodeArtifactPolicy(name string) bool { return strings.HasPrefix(name, "AWSCodeArtifact") }

// judge asks for the defects of what a principal may do by some of its policies,
// once for all that are decided alike where these share them.
func (p *Pass) judge(some *access.Profile, principal *access.Principal, find inquiry) ([]defect, error) {
	key := some.Key() + "\x00" + principal.Key()
	if !find.shared {
		key += "\x00" + principal.ARN
	}
	return p.remember(key, principal.ARN, func() ([]defect, error) { return find.of(some, principal) })
}

// judgeAlone asks for the defects of a policy by itself.
func (p *Pass) judgeAlone(q *access.Policy, find inquiry) ([]defect, error) {
	key := q.Alone().Key() + "\x00" + q.Alone().Key()
	if !find.shared {
		key += "\x00" + q.ID
	}
	return p.remember(key, q.Where(), func() ([]defect, error) { return find.alone(q) })
}

// remember returns the verdict under a key, reaching it first where there is none.
func (p *Pass) remember(key, where string, reach func() ([]defect, error)) ([]defect, error) {
	known, ok := p.judged[key]
	if !ok {
		known.defects, known.err = reach()
		if p.judged == nil {
			p.judged = map[string]verdict{}
		}
		p.judged[key] = known
	}
	if known.err != nil {
		p.undecided(where, known.err)
	}
	return known.defects, known.err
}

// verdict is what judging a profile came to.
type verdict struct {
	defects []defect
	err     error
}

// policyFinding is a finding about a policy with the fixes that it may get.
type policyFinding struct {
	finding.Finding
	offer []func(*finding.Finding)
	// serviceLinked says that every principal affected is a role AWS owns.
	serviceLinked bool
}

// serviceLinked marks findings of which only roles that AWS owns are affected.
const serviceLinked = "; of a service-linked role, which AWS owns"

// policyDefects returns the findings about one policy: one for each facet of
// what it gives those it applies to, with all Deny statements and guards
// counted; of a policy that applies to nobody, of what it gives by itself.
func (p *Pass) policyDefects(q *access.Policy, alone []defect, find inquiry, caused causes) []policyFinding {
	var out, excused []policyFinding
	if len(q.Reaches) == 0 {
		for _, d := range alone {
			f := p.about(q, d, "", len(q.Alone().Assumptions) > 0)
			if !p.World.Bare && !p.World.Partial {
				f.Severity = p.lower(f.Severity)
				f.Message += "; attached to nobody"
			}
			out = append(out, f)
		}
		return out
	}
	for _, principal := range q.Reaches {
		defects, err := p.judge(principal.OnlyBy(q), principal, find)
		if err != nil {
			continue
		}
		for _, d := range defects {
			caused.note(cause{principal.ARN, d.facet}, d.severity)
			switch {
			case !p.exempt(principal.ARN):
				out = p.affect(out, q, d, principal)
			case len(p.rule.Absorbs) > 0:
				excused = p.affect(excused, q, d, principal)
			}
		}
	}
	for _, f := range excused {
		p.excuse(f.Finding)
	}
	return out
}

// affect enters a principal among those affected by the finding of a facet, which
// shows the gravest of them.
func (p *Pass) affect(out []policyFinding, q *access.Policy, d defect, principal *access.Principal) []policyFinding {
	f := p.about(q, d, principal.ARN, len(principal.Assumptions) > 0)
	i := slices.IndexFunc(out, func(have policyFinding) bool { return have.Facet == d.facet })
	if i < 0 {
		f.Affected, f.serviceLinked = []string{principal.ARN}, principal.ServiceLinked
		return append(out, f)
	}
	have := &out[i]
	f.serviceLinked = have.serviceLinked && principal.ServiceLinked
	f.Affected, f.Confidence = append(have.Affected, principal.ARN), max(f.Confidence, have.Confidence)
	if f.Severity > have.Severity {
		*have = f
	} else {
		have.Affected, have.Confidence, have.serviceLinked = f.Affected, f.Confidence, f.serviceLinked
	}
	return out
}

// about makes a defect a finding about the policy that causes it.
func (p *Pass) about(q *access.Policy, d defect, caller string, assumed bool) policyFinding {
	f := policyFinding{Finding: finding.Finding{
		Subject: policySubject(q), Facet: d.facet, Severity: d.severity, Message: prefixed(q, d.message), Narrowing: d.narrowing,
		Confidence: confidence(d.certainty, assumed),
		Grants:     anchored(d.by, q.Policy), Witness: asked(d.witness, caller), Group: p.group(q.Document),
	}, offer: d.telling()}
	if d.amend != nil {
		d.amend(&f.Finding, q)
	}
	if d.offer != nil && !q.AWSOwned() {
		f.offer = append(f.offer, func(f *finding.Finding) { d.offer(f, q) })
	}
	return f
}

// telling is tell as a list.
func (d defect) telling() []func(*finding.Finding) {
	if d.tell == nil {
		return nil
	}
	return []func(*finding.Finding){d.tell}
}

// prefixed names a policy that everybody knows by name.
func prefixed(q *access.Policy, message string) string {
	if known := name(q); known != "" {
		return known + " " + message
	}
	return message
}

// asked writes allowed requests out as those of the given caller; of whoever
// was asked about when it is empty.
func asked(requests []access.Request, caller string) []finding.Request {
	var out []finding.Request
	for _, r := range requests {
		if caller != "" {
			r.Caller = caller
		}
		out = append(out, request(r, finding.Allowed))
	}
	return out
}
