package rules

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// fullExposure asks whether a resource policy gives somebody of the owner's own
// account everything that such a policy can give. A principal that it names, or
// everyone under a condition that means the account, needs no policy of its own
// then, so no review of identities shows the grant. The account's root is another
// matter: it gives nothing that identity policies do not.
var fullExposure = Rule{
	ID:       "exposure/full-access",
	Title:    "resource policy gives full access",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html",
	},
	Check: checkFullExposure,
}

func checkFullExposure(p *Pass) {
	for _, q := range p.World.Policies {
		all, names, err := p.ownersOf(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if len(names) == 0 {
			continue
		}
		message := fmt.Sprintf("gives %s full access to %s", someNames(names), decidedBy[q.Kind])
		if all.Narrowed {
			message += ", under a condition"
		}
		f := p.exposed(q, all.WayIn, message)
		f.Severity, f.Grants = all.severity, all.grants
		p.report(f)
	}
}

// ownersOf asks which guests of the owner's account have full access. Of a
// principal of which it is not known whether it is of that account, the rules
// about other accounts may say nothing: then it is asked too.
func (p *Pass) ownersOf(q *access.Policy) (letIn, []string, error) {
	var all letIn
	var names []string
	for _, g := range p.World.Guests(q) {
		perhaps := !g.OwnerKnown() && g.Kind == access.OnePrincipal && g.Standing != access.Foreign
		if g.Standing != access.Own && !perhaps {
			continue
		}
		way, err := g.FullAccessOfOwn()
		if err != nil {
			return all, nil, err
		}
		if way != nil {
			names = append(names, ownName(g))
			all.add(ownName(g), way, p.rule.Severity, func(e access.Element) string { return saysActions(e, way.Actions) })
		}
	}
	return all, names, nil
}

// ownName is what messages call a guest of the owner's account.
func ownName(g *access.Guest) string {
	name := guestName(g)
	switch {
	case g.Kind == access.AnAccount:
		return "every principal of " + name
	case g.Standing == access.Own:
		return strings.TrimSuffix(name, " of account "+g.Account)
	}
	return name
}
