package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// conditionBlocksCall asks whether CodeArtifact actions stand under a condition
// that was written for the bearer token beside them. The service name and the
// lifetime are keys of the hidden token request alone; calls to CodeArtifact do
// not carry them, so a condition that needs one of them switches the calls off.
var conditionBlocksCall = Rule{
	ID:       "token/condition-blocks-call",
	Title:    "condition on token requests switches CodeArtifact actions off",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_awsservicename",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
	},
	Check: checkConditionBlocksCall,
}

func checkConditionBlocksCall(p *Pass) {
	for _, q := range p.grantors() {
		blocked, err := q.BlockedCalls()
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if len(blocked) == 0 {
			continue
		}
		f := finding.Finding{
			Subject: policySubject(q), Group: p.group(q.Document), Severity: p.rule.Severity, Confidence: finding.HighConfidence,
		}
		var actions codeartifact.ActionSet
		for _, b := range blocked {
			actions = actions.Or(b.Actions)
			for _, e := range b.By {
				f.Grants = append(f.Grants, grant(e, "means to allow calls to CodeArtifact"))
			}
			for _, e := range b.Condition {
				f.Grants = append(f.Grants, grant(e, "no call to CodeArtifact carries this key"))
			}
			f.Witness = append(f.Witness, request(b.Intended, decision(b.Allowed)))
		}
		f.Message = prefixed(q, "means to allow "+foremost(blocked[0].Intended.Action, actions)+" under a condition on a key that no call to CodeArtifact carries, so it does not")
		needed := slices.ContainsFunc(blocked, func(b access.BlockedCall) bool { return !b.Allowed })
		if !needed {
			f.Message += anotherDoes
		}
		p.settleReach(&f, q)
		p.report(f, func(f *finding.Finding) {
			if needed {
				p.splitCalls(f, q, blocked, actions)
			}
		})
	}
}

// foremost names one action of a set and says how many more there are.
func foremost(a codeartifact.Action, set codeartifact.ActionSet) string {
	rest := set.Minus(codeartifact.Actions(a))
	switch rest.Len() {
	case 0:
		return a.Info().Name
	case 1:
		return a.Info().Name + " and " + names(rest)
	}
	return fmt.Sprintf("%s and %d more actions", a.Info().Name, rest.Len())
}

// splitCalls takes the CodeArtifact actions out from under the condition: into a
// statement of their own where others stay, which the condition may be right for.
func (p *Pass) splitCalls(f *finding.Finding, q *access.Policy, blocked []access.BlockedCall, actions codeartifact.ActionSet) {
	a := &splitting{document: q.Document.Parsed}
	for _, b := range blocked {
		statement := b.By[0].Statement
		blocks := func(c policy.Condition) bool {
			return slices.ContainsFunc(b.Condition, func(e access.Element) bool { return e.Place == c.Place })
		}
		rest := conditions(statement, blocks)
		if a.take(statement, b.By) {
			own := newStatement{Effect: "Allow", Action: written(b.By), Condition: rest}
			if _, not := statement.Resources.(policy.AllBut); not {
				own.NotResource = texts(statement.Resources)
			} else {
				own.Resource = texts(statement.Resources)
			}
			a.add(own)
			continue
		}
		at := a.pointer(statement.Place) + "/Condition"
		if len(rest) == 0 {
			a.edit("remove", at, nil)
		} else {
			a.edit("replace", at, rest)
		}
	}
	p.offer(f, q, remedy{
		id: "split-statement", title: "take the CodeArtifact actions out from under the condition; the grant then works",
		grants: actions, edits: a.edits,
	})
}

// written are action elements as the policy writes them.
func written(elements []access.Element) any {
	var out []string
	for _, e := range elements {
		for _, v := range policy.Values(e.Statement.Actions) {
			if v.Place == e.Place {
				out = append(out, v.Text)
			}
		}
	}
	return oneOrAll(out)
}
