package rules

import (
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// lifetimeUncapped asks for the longest lifetime that a CodeArtifact token may be
// asked for, once every condition on it is counted, Deny statements and guards
// included, and holds it against the configured limit. A condition on the lifetime
// is not enough: what counts is what passes. 0, which sets no lifetime, is the
// business of lifetimeCapBypass.
var lifetimeUncapped = Rule{
	ID:       "token/lifetime-uncapped",
	Title:    "tokens may last longer than the configured limit",
	Severity: finding.Low,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/security_iam_id-based-policy-examples.html",
	},
	Check: func(p *Pass) {
		if p.Config.TokenLifetime() < config.DefaultMaxTokenLifetime {
			p.eachDefect(p.lifetimeDefects)
		}
	},
}

func (p *Pass) lifetimeDefects(profile, whole *access.Profile) ([]defect, error) {
	most := p.Config.TokenLifetime()
	longer, err := profile.LongerTokens(most)
	if longer == nil || err != nil {
		return nil, err
	}
	if ours, err := servesCodeArtifact(profile, whole); !ours || err != nil {
		return nil, err
	}
	d := defect{
		severity: p.rule.Severity, certainty: longer.Certainty, witness: []access.Request{longer.Witness},
		message:  "allows CodeArtifact tokens that last " + inWords(longer.Longest) + ", and the configured limit is " + inWords(most),
		document: longer.By[0].Policy.Document,
		offer:    func(f *finding.Finding, q *access.Policy) { p.capLifetime(f, q, longer.By, most) },
	}
	if longer.Pinned {
		d.message += ": its condition pins the lifetime and does not shorten it"
	}
	for _, e := range longer.By {
		d.by = append(d.by, mark{e, "allows sts:GetServiceBearerToken for longer than " + inWords(most)})
	}
	return []defect{d}, nil
}

// capLifetime limits the statements to the configured lifetime, and keeps 0 out,
// which would pass the limit. Whoever logs in without naming a lifetime asks for
// 12 hours and then fails, so it is not applied without being chosen.
func (p *Pass) capLifetime(f *finding.Finding, q *access.Policy, by []access.Element, most time.Duration) {
	a := &splitting{document: q.Document.Parsed}
	if q.NamesService("ecr-public") || !a.limitLifetime(by, aboutLifetime, limit{policy.NumericLessThanEquals.String(), int64(most / time.Second)}, atLeast) {
		return
	}
	p.offer(f, q, remedy{
		id: "cap-lifetime", title: "limit tokens to " + inWords(most) + "; logins must then ask for no more, with --duration-seconds",
		edits: a.edits,
	})
}
