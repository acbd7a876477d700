package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// guardrailOnly asks whether a principal would have full access if it were not for
// a Deny, its permissions boundary or a service control policy. Nothing is wrong
// today; but the day somebody loosens that guard, which often belongs to another
// team, full access is there. So it asks twice, with guards and without, and says
// which of them makes the difference.
var guardrailOnly = Rule{
	ID:       "grant/guardrail-only",
	Title:    "only a guard keeps full access back",
	Severity: finding.Info,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
		"https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
	},
	Check: checkGuardrailOnly,
}

func checkGuardrailOnly(p *Pass) {
	for _, principal := range p.World.Allowed {
		if p.exempt(principal.ARN) {
			continue
		}
		held, err := p.World.Held(principal)
		if err != nil {
			p.undecided(principal.ARN, err)
			continue
		}
		for _, h := range held {
			f := finding.Finding{
				Subject: principalSubject(principal, p.World.Account), Facet: h.Pattern, Severity: p.rule.Severity,
				Confidence: confidence(h.Certainty, len(principal.Assumptions) > 0),
				Message:    guardrailMessage(h), Affected: []string{principal.ARN},
				Group: p.group(h.By[0].Policy.Document),
			}
			if principal.ServiceLinked {
				f.Message += serviceLinked
			}
			var marks []mark
			for _, e := range h.By {
				marks = append(marks, mark{e, saysActions(e, h.Actions)})
			}
			for _, e := range h.Denies {
				marks = append(marks, mark{e, "keeps it back: denies " + e.Actions.First().Info().Name + andMore(e.Actions.Len()-1)})
			}
			f.Grants = anchored(marks, principal.Policies...)
			w := request(h.Witness, finding.Denied)
			w.Caller = principal.ARN
			f.Witness = []finding.Request{w}
			p.report(f)
		}
	}
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// guardrailMessage says what is allowed and which guards keep it back.
func guardrailMessage(h access.Held) string {
	message := "its policies allow full access to CodeArtifact"
	switch {
	case h.Pattern == "*":
		message += " on everything in every domain but some"
	case h.Domain != "":
		message += " on everything in domain " + h.Pattern
	}
	if h.AllServices {
		message += ", by way of all services' actions"
	}
	guards := guardNames(h)
	switch {
	case len(guards) == 1:
		return message + "; only " + guards[0] + " keeps it back"
	case h.Each:
		return message + "; " + join(firstOf(guards)) + " each keep it back"
	}
	return message + "; only " + join(firstOf(guards)) + " together keep it back"
}

// mostNamed is how many guards a message names.
const mostNamed = 3

func firstOf(guards []string) []string {
	if len(guards) <= mostNamed+1 {
		return guards
	}
	return append(slices.Clone(guards[:mostNamed]), fmt.Sprintf("%d more", len(guards)-mostNamed))
}

// guardNames names the guards, each once.
func guardNames(h access.Held) []string {
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, e := range h.Denies {
		add("a Deny in " + called(e.Policy))
	}
	for _, g := range h.Guards {
		if len(g.Policies) > 1 {
			var level []string
			for _, q := range g.Policies {
				level = append(level, q.Name)
			}
			add("one level of service control policies (" + join(firstOf(level)) + ")")
			continue
		}
		add(called(g.Policies[0]))
	}
	return names
}

// called names a policy for a sentence.
func called(q inventory.Policy) string {
	switch q.Kind {
	case inventory.Boundary:
		return "permissions boundary " + q.Name
	case inventory.SCP:
		return "service control policy " + q.Name
	case inventory.DomainPolicy:
		return "the policy of domain " + q.Name
	case inventory.RepositoryPolicy:
		return "the policy of repository " + q.Name
	}
	return "policy " + q.Name
}
