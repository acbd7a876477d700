package rules

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// conditionAlwaysTrue asks of each condition in statements about our actions
// whether some request fails it. Where none does, an Allow that looks narrow is
// not, and a Deny meant for some requests takes all of them.
var conditionAlwaysTrue = Rule{
	ID:       "inert/condition-always-true",
	Title:    "every request meets the condition",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
	},
	Yields: []string{"token/*", "exposure/*"},
	Check:  checkConditionAlwaysTrue,
}

func checkConditionAlwaysTrue(p *Pass) {
	for _, q := range p.World.Policies {
		if mute(q) {
			continue
		}
		always, err := p.World.AlwaysMet(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		for _, same := range byFacet(always, func(a access.AlwaysMet) string { return facet(a.By) }) {
			first := same[0]
			f := p.aboutElement(q, facet(first.By), mostCertain(same, func(x access.AlwaysMet) access.Certainty { return x.Certainty }), alwaysMessage(first))
			var elements []access.Element
			for _, a := range same {
				says := "tells no requests of the statement apart"
				if a.Cause == access.EveryAddress {
					says = "every address passes this"
				}
				f.Grants = append(f.Grants, grant(a.By, says))
				elements = append(elements, a.By)
			}
			f.Witness = []finding.Request{request(first.Witness, decision(first.Allowed))}
			p.report(f, func(f *finding.Finding) { p.removeAlwaysMet(f, q, first, elements) })
		}
	}
}

// removeAlwaysMet takes out a condition that certainly changes nothing. What a Deny
// was meant to spare is for its author to say.
func (p *Pass) removeAlwaysMet(f *finding.Finding, q *access.Policy, a access.AlwaysMet, elements []access.Element) {
	if a.Effect == policy.Deny || a.Certainty != access.Sure || a.Cause == access.EveryAddress {
		return
	}
	p.removeConditions(f, q, elements, remedy{id: "remove-condition", title: "remove the condition, which changes nothing", same: true})
}

func alwaysMessage(a access.AlwaysMet) string {
	whose, why := "an Allow whose condition narrows nothing", ""
	if a.Effect == policy.Deny {
		whose = "a Deny whose condition spares nothing"
	}
	switch {
	case a.Cause == access.NeverCarried:
		why = fmt.Sprintf("no request of the statement's actions carries %s, and %s holds without it", a.Key, a.Operator)
	case a.Cause == access.EveryAddress:
		why = "every IPv4 and IPv6 address passes it"
	case strings.HasSuffix(a.Operator, "Null"):
		why = fmt.Sprintf("every request carries %s", a.Key)
	case strings.HasSuffix(a.Operator, "IfExists"):
		why = fmt.Sprintf("the %s of every request that has one passes it", a.Key)
	default:
		why = fmt.Sprintf("the %s of every request passes it", a.Key)
	}
	if a.Certainty != access.Sure {
		why += tagsDiffer
	}
	return fmt.Sprintf("has %s: %s", whose, why)
}
