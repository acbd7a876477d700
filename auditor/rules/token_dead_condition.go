package rules

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// deadCondition asks of each statement that means to allow bearer tokens whether
// any token request of CodeArtifact meets its conditions. A wrong service name,
// a wrong key or an impossible lifetime makes it a statement that grants nothing.
var deadCondition = Rule{
	ID:       "token/dead-condition",
	Title:    "no token request meets the condition",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_bearer.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html",
	},
	Check: checkDeadCondition,
}

func checkDeadCondition(p *Pass) {
	for _, q := range p.grantors() {
		dead, err := q.DeadTokens()
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if len(dead) == 0 {
			continue
		}
		f := finding.Finding{
			Subject: policySubject(q), Group: p.group(q.Document), Confidence: finding.HighConfidence,
			Message: prefixed(q, "means to allow CodeArtifact tokens under a condition that no token request meets, so it allows none"),
		}
		for _, d := range dead {
			for _, e := range d.By {
				f.Grants = append(f.Grants, grant(e, "means to allow sts:GetServiceBearerToken"))
			}
			says := "no CodeArtifact token request meets this"
			if len(d.Condition) > 1 {
				says = "no CodeArtifact token request meets these together"
			}
			for _, e := range d.Condition {
				f.Grants = append(f.Grants, grant(e, says))
			}
			f.Witness = []finding.Request{request(d.Intended, decision(d.Allowed))} // the same for each statement
		}
		if !slices.ContainsFunc(dead, func(d access.DeadToken) bool { return !d.Allowed }) {
			f.Message += anotherDoes
		}
		f.Severity, err = p.deadSeverity(q, &f)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		p.report(f, func(f *finding.Finding) { p.revive(f, q, dead) })
	}
}

// deadSeverity is high where a holder of the dead statement may ask for
// authorization tokens, which then fail, and medium elsewhere. It enters the
// principals that the policy applies to.
func (p *Pass) deadSeverity(q *access.Policy, f *finding.Finding) (finding.Severity, error) {
	asking := codeartifact.Actions(codeartifact.GetAuthorizationToken)
	profiles := []*access.Profile{q.Alone()}
	if len(q.Reaches) > 0 {
		profiles = nil
	}
	for _, principal := range q.Reaches {
		profiles = append(profiles, principal.Profile)
	}
	severity := finding.Medium
	seen := map[string]bool{}
	for _, profile := range profiles {
		if key := profile.Key(); seen[key] {
			continue
		} else {
			seen[key] = true
		}
		may, _, err := profile.May(asking)
		if err != nil {
			return 0, err
		}
		if may != nil {
			severity = p.rule.Severity
			break
		}
	}
	f.Severity = severity
	p.settleReach(f, q)
	return f.Severity, nil
}

// revive makes the dead statements allow CodeArtifact's tokens, where a service
// name or the key for it is what is wrong. It grants what was meant and never
// worked, so it is not applied without being chosen. Of several one is enough, and
// where another statement works already they can go.
func (p *Pass) revive(f *finding.Finding, q *access.Policy, dead []access.DeadToken) {
	for _, d := range dead {
		if len(policy.Values(d.By[0].Statement.Actions)) != len(d.By) {
			return // other actions of the statement would be limited too
		}
	}
	if slices.ContainsFunc(dead, func(d access.DeadToken) bool { return d.Allowed }) {
		p.removeStatements(f, q, firstElements(dead), remedy{
			id: "remove-statement", title: "remove the statement, which allows nothing; another allows CodeArtifact's tokens", safe: true, same: true,
		})
		return
	}
	var edits []policy.Edit
	for _, e := range slices.Backward(firstElements(dead[1:])) { // from the end, so that pointers stay right
		edits = append(edits, policy.Edit{Op: "remove", Pointer: statementPointer(e)})
	}
	first := dead[0].By[0]
	p.offer(f, q, remedy{
		id: "name-service", title: "name the service as token requests do; the grant then works",
		grants: codeartifact.Actions(codeartifact.GetServiceBearerToken),
		edits:  append(edits, repin(first, statementPointer(first), serviceKey, codeartifact.ServiceName, aboutService)...),
	})
}

// firstElements are the elements that dead statements are known by.
func firstElements(dead []access.DeadToken) []access.Element {
	var out []access.Element
	for _, d := range dead {
		out = append(out, d.By[0])
	}
	return out
}
