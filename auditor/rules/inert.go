package rules

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// inert is one element that does not do what it says.
type inert struct {
	mark
	// also are further elements that show why.
	also     []mark
	severity finding.Severity
	message  string
	intended access.Outcome
	// action is shown where the intended request names none that AWS has.
	action string
}

// reportInert reports elements of one policy that do not do what they say, each
// under its canonical form, however often it stands there. mend offers fixes for
// all elements of one form.
func (p *Pass) reportInert(q *access.Policy, list []inert, mend func(*finding.Finding, []inert)) {
	byForm := map[string][]inert{}
	var forms []string
	for _, i := range list {
		form := i.Canonical()
		if byForm[form] == nil {
			forms = append(forms, form)
		}
		byForm[form] = append(byForm[form], i)
	}
	for _, form := range forms {
		same := byForm[form]
		gravest := slices.MaxFunc(same, func(a, b inert) int { return int(a.severity) - int(b.severity) })
		f := finding.Finding{
			Subject: policySubject(q), Facet: form, Group: p.group(q.Document), Message: prefixed(q, gravest.message),
			Severity: gravest.severity, Confidence: confidence(gravest.intended.Certainty, false), Witness: []finding.Request{gravest.witness()},
		}
		for _, i := range same {
			f.Grants = append(f.Grants, grant(i.Element, i.says))
			for _, m := range i.also {
				f.Grants = append(f.Grants, grant(m.Element, m.says))
			}
		}
		p.concerns(&f, q)
		p.report(f, func(f *finding.Finding) { mend(f, same) })
	}
}

// witness is the request that the author evidently meant, with its real decision.
func (i inert) witness() finding.Request {
	r := request(i.intended.Request, decision(i.intended.Allowed))
	if i.action != "" {
		r.Action = i.action
	}
	return r
}

// concerns enters the principals that a policy applies to. Where there are none,
// the finding is a step milder.
func (p *Pass) concerns(f *finding.Finding, q *access.Policy) {
	for _, principal := range q.Reaches {
		f.Affected = append(f.Affected, principal.ARN)
	}
	f.Affected = append(f.Affected, q.Bounds...)
	slices.Sort(f.Affected)
	f.Affected = slices.Compact(f.Affected)
	if q.Kind == inventory.Identity && len(f.Affected) == 0 && !p.World.Bare && !p.World.Partial {
		f.Severity = f.Severity.Lower(1, finding.Low)
		f.Message += "; attached to nobody"
	}
}

// mute reports whether no inert rule speaks of a policy: AWS owns it, or it is
// another service's.
func mute(q *access.Policy) bool {
	return q.AWSOwned() && !isCodeArtifactPolicy(q.Name) || q.Kind == inventory.Foreign
}

// voids says what an element that matches nothing does not do: of Action and
// Resource, allow or deny; of the Not forms, keep out or spare.
func voids(e policy.Effect, not bool) string {
	switch {
	case not && e == policy.Deny:
		return "spares nothing"
	case not:
		return "keeps nothing out"
	case e == policy.Deny:
		return "denies nothing"
	}
	return "allows nothing"
}

// longestQuote is how much of a text from outside a message shows.
const longestQuote = 120

// quoted puts a text from outside into a message.
func quoted(text string) string {
	if len(text) <= longestQuote {
		return fmt.Sprintf("%q", text)
	}
	cut := longestQuote
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%q…", text[:cut])
}
