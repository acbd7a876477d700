package rules

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// defect is what is wrong with the requests that a profile allows.
type defect struct {
	facet     string
	severity  finding.Severity
	certainty access.Certainty
	message   string // for a policy as subject: "allows full access …"
	by        []finding.Grant
	witness   []access.Request
	document  *inventory.Document // of the first grant
	// offer adds fixes for the policy that causes the defect; nil for none.
	offer func(*finding.Finding, *access.Policy)
}

// judge finds the defects of a profile.
type judge func(*access.Profile) ([]defect, error)

// eachDefect reports what judge finds wrong with identity policies. Where one
// policy by itself causes a defect, the policy is the subject and the principals
// that it gives the defect are affected; where several add up, the principal is
// the subject.
func (p *Pass) eachDefect(find judge) {
	caused := map[string]bool{} // principal and facet that a policy alone accounts for
	for _, q := range p.World.Policies {
		if q.Kind != inventory.Identity || len(q.Holders) == 0 && len(q.Bounds) > 0 {
			continue
		}
		alone, err := p.judge(q.Alone(), q.Where(), find)
		if err != nil || len(alone) == 0 {
			continue
		}
		silent := q.AWSOwned() && !p.rule.AWSOwned && !isCodeArtifactPolicy(q.Name)
		for _, d := range alone {
			p.policyDefect(q, d, find, caused, silent)
		}
	}
	for _, principal := range p.World.Principals {
		if p.exempt(principal.ARN) {
			continue
		}
		defects, err := p.judge(principal.Profile, principal.ARN, find)
		if err != nil {
			continue
		}
		for _, d := range defects {
			if caused[principal.ARN+"\x00"+d.facet] {
				continue
			}
			p.report(finding.Finding{
				Subject: principalSubject(principal, p.World.Account), Facet: d.facet, Severity: d.severity,
				Confidence: confidence(d.certainty, len(principal.Assumptions) > 0),
				Message:    "its policies together " + strings.Replace(d.message, "allows", "allow", 1), Affected: []string{principal.ARN},
				Grants: d.by, Witness: asked(d.witness, principal.ARN), Group: p.group(d.document),
			})
		}
	}
}

// isCodeArtifactPolicy reports whether a policy that AWS owns is about
// CodeArtifact: those are judged by every rule.
func isCodeArtifactPolicy(name string) bool {
	return len(name) >= len("AWSCodeArtifact") && name[:len("AWSCodeArtifact")] == "AWSCodeArtifact"
}

// judge asks for the defects of a profile once for all that are decided alike.
func (p *Pass) judge(profile *access.Profile, where string, find judge) ([]defect, error) {
	key := profile.Key()
	if known, ok := p.judged[key]; ok {
		return known, nil
	}
	defects, err := find(profile)
	if err != nil {
		p.undecided(where, err)
		return nil, err
	}
	p.judged[key] = defects
	return defects, nil
}

// policyDefect reports a defect that the policy q causes by itself.
func (p *Pass) policyDefect(q *access.Policy, d defect, find judge, caused map[string]bool, silent bool) {
	f := finding.Finding{
		Subject: policySubject(q), Facet: d.facet, Severity: d.severity, Message: prefixed(q, d.message),
		Confidence: confidence(d.certainty, len(q.Alone().Assumptions) > 0),
		Grants:     d.by, Witness: asked(d.witness, ""), Group: p.group(q.Document),
	}
	switch {
	case p.World.Bare || p.World.Partial && len(q.Reaches) == 0:
	case len(q.Reaches) == 0:
		f.Severity = f.Severity.Lower(1, finding.Low)
		f.Message += "; attached to nobody"
	default:
		f.Severity, f.Confidence = 0, 0
		for _, principal := range q.Reaches {
			if !p.affects(q, principal, d.facet, find, &f) {
				continue
			}
			caused[principal.ARN+"\x00"+d.facet] = true
		}
		if len(f.Affected) == 0 {
			return
		}
	}
	if !silent {
		p.report(f, func(f *finding.Finding) {
			if d.offer != nil && !q.AWSOwned() {
				d.offer(f, q)
			}
		})
	}
}

// affects enters the principal among those that the finding affects when the
// policy gives it the defect, with all Deny statements and guards counted. It
// also reports true for administrators, who are left out.
func (p *Pass) affects(q *access.Policy, principal *access.Principal, facet string, find judge, f *finding.Finding) bool {
	defects, err := p.judge(principal.OnlyBy(q), principal.ARN, find)
	if err != nil {
		return false
	}
	i := slices.IndexFunc(defects, func(d defect) bool { return d.facet == facet })
	if i < 0 {
		return false
	}
	if p.exempt(principal.ARN) {
		return true
	}
	d := defects[i]
	if d.severity > f.Severity || len(f.Affected) == 0 {
		f.Severity, f.Message = d.severity, prefixed(q, d.message)
		f.Grants, f.Witness = d.by, asked(d.witness, principal.ARN)
	}
	f.Confidence = max(f.Confidence, confidence(d.certainty, len(principal.Assumptions) > 0))
	f.Affected = append(f.Affected, principal.ARN)
	return true
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
