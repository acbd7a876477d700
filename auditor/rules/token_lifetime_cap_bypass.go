package rules

import (
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// lifetimeCapBypass asks of whoever may have CodeArtifact tokens for less than 12
// hours only whether a request with 0 passes as well. 0 is less than any cap, and
// means a token that lasts as long as the caller's session, so a cap without a
// lower bound holds back only those who name a number.
var lifetimeCapBypass = Rule{
	ID:       "token/lifetime-cap-bypass",
	Title:    "cap on the lifetime of tokens that 0 passes",
	Severity: finding.Low,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/security_iam_id-based-policy-examples.html",
	},
	Check: func(p *Pass) { p.eachDefect(p.capBypassDefects) },
}

func (p *Pass) capBypassDefects(profile, whole *access.Profile) ([]defect, error) {
	passed, err := profile.PassedCap()
	if passed == nil || err != nil {
		return nil, err
	}
	if ours, err := servesCodeArtifact(profile, whole); !ours || err != nil {
		return nil, err
	}
	d := defect{
		severity: p.rule.Severity, certainty: passed.Certainty, witness: []access.Request{passed.Witness},
		message: fmt.Sprintf("allows CodeArtifact tokens of at most %s (a plain login asks for 12 hours and fails), "+
			"but 0 passes as well and asks for as long as the caller's session lasts", inWords(passed.Longest)),
		document: passed.By[0].Policy.Document,
		tell:     func(f *finding.Finding) { p.tellSessions(f, passed.Longest) },
		offer:    func(f *finding.Finding, q *access.Policy) { p.keepZeroOut(f, q, passed.By) },
	}
	for _, e := range passed.By {
		d.by = append(d.by, mark{e, "allows sts:GetServiceBearerToken with 0 too"})
	}
	for _, e := range passed.Condition {
		d.by = append(d.by, mark{e, "limits the lifetime"})
	}
	return []defect{d}, nil
}

// tellSessions says how long the sessions of those affected last, as far as it is
// known. Where none lasts longer than the cap, the cap holds for the time being.
// What 0 means with the long-term keys of a user AWS does not say.
func (p *Pass) tellSessions(f *finding.Finding, most time.Duration) {
	var longest time.Duration
	users, unknown := 0, 0
	affected := make(map[string]bool, len(f.Affected))
	for _, name := range f.Affected {
		affected[name] = true
	}
	for _, principal := range p.World.Allowed {
		if !affected[principal.ARN] {
			continue
		}
		longest = max(longest, principal.MaxSession)
		switch {
		case !principal.Role:
			users++
		case principal.MaxSession == 0:
			unknown++
		}
	}
	switch {
	case longest > 0 && longest <= most && users+unknown == 0:
		f.Message += ", which is no longer for now: up to " + inWords(longest)
	case longest > 0 && unknown > 0:
		f.Message += ", up to " + inWords(longest) + " as far as known"
	case longest > 0:
		f.Message += ", up to " + inWords(longest)
	case users > 0 && unknown == 0:
		f.Message += "; what it means with a user's long-term keys is not documented"
	}
}

// keepZeroOut adds the lower bound to the statements that let 0 pass. Whoever
// asks with 0 today then fails, so it is not applied without being chosen.
func (p *Pass) keepZeroOut(f *finding.Finding, q *access.Policy, by []access.Element) {
	a := &splitting{document: q.Document.Parsed}
	if !a.limitLifetime(by, func(policy.Condition) bool { return false }, atLeast) {
		return
	}
	p.offer(f, q, remedy{id: "keep-zero-out", title: "add the lower bound, which 0 does not meet; logins must then name a lifetime", edits: a.edits})
}
