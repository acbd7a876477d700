package rules

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// conditionNeverTrue asks of each statement about our actions whether any request
// meets its conditions. Where none does, an Allow is a permission that people go
// without, and a Deny a guardrail that stops nobody; both read as if they worked.
var conditionNeverTrue = Rule{
	ID:       "inert/condition-never-true",
	Title:    "no request meets the condition",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
	},
	Yields: []string{"token/*", "exposure/*"},
	Check:  checkConditionNeverTrue,
}

func checkConditionNeverTrue(p *Pass) {
	for _, q := range p.World.Policies {
		if mute(q) {
			continue
		}
		never, err := p.World.NeverMet(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		for _, same := range byFacet(never, func(n access.NeverMet) string { return facet(n.Condition...) }) {
			first := same[0]
			f := p.aboutElement(q, facet(first.Condition...), mostCertain(same, func(x access.NeverMet) access.Certainty { return x.Certainty }), neverMessage(first, len(same)))
			for _, n := range same {
				says := "no request of the statement's actions meets this"
				if len(n.Condition) > 1 {
					says = "no request of the statement's actions meets these together"
				}
				for _, e := range n.Condition {
					f.Grants = append(f.Grants, grant(e, says))
				}
			}
			f.Witness = []finding.Request{request(first.Intended, decision(first.Allowed))}
			p.report(f, func(f *finding.Finding) { p.removeNeverMet(f, q, same) })
		}
	}
}

func neverMessage(n access.NeverMet, statements int) string {
	does, why := "allow", ""
	if n.Effect == policy.Deny {
		does = "deny"
	}
	switch n.Cause {
	case access.NeverCarried:
		why = "they never carry " + n.Key
	case access.Mistyped:
		why = fmt.Sprintf("%s is no value for %s", quotedAll(n.Values), n.Operator)
	case access.Past:
		why = quotedAll(n.Values) + " is past"
	case access.Elsewhere:
		why = n.Key + " of the resources is another"
	case access.NoSuchValue:
		why = "their " + n.Key + " never has such a value"
	default:
		why = "its tests exclude each other"
	}
	if n.Certainty != access.Sure {
		why += tagsDiffer
	}
	if statements > 1 {
		return fmt.Sprintf("has %d statements that %s nothing, since no request of their actions meets their condition: %s", statements, does, why)
	}
	does = strings.Replace(does+"s", "denys", "denies", 1)
	return fmt.Sprintf("has a statement that %s nothing, since no request of its actions meets its condition: %s", does, why)
}

// tagsDiffer says that AWS's documents do not agree.
const tagsDiffer = ", as far as AWS documents tags, though one of its examples tests a repository's"

// quotedAll puts values from outside into a message.
func quotedAll(values []string) string {
	var out []string
	for _, v := range values {
		out = append(out, quoted(v))
	}
	return strings.Join(out, " or ")
}

// removeNeverMet takes out Allow statements that certainly allow nothing. A Deny that denies
// nothing is left for its author to mend.
func (p *Pass) removeNeverMet(f *finding.Finding, q *access.Policy, never []access.NeverMet) {
	var statements []access.Element
	past := true
	for _, n := range never {
		if n.Effect == policy.Deny || n.Certainty != access.Sure {
			return
		}
		past = past && n.Cause == access.Past
		statements = append(statements, n.Condition[0])
	}
	p.removeStatements(f, q, statements, remedy{
		id: "remove-statement", title: "remove the statement, which allows nothing", safe: past, same: true,
	})
}
