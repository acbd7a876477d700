package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// selfGrant asks whether whoever uses CodeArtifact can give itself full access by
// a single change in IAM: a policy put or attached to itself or its group, a
// version made or set, its permissions boundary removed. It does not stop at the
// permission: it asks what would be allowed after the change, with every other
// Deny and guard, so that a boundary that holds keeps it silent.
var selfGrant = Rule{
	ID:       "escalation/self-grant",
	Title:    "principal can give itself full access",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
		"https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html",
	},
	Check: func(p *Pass) {
		p.inquire(inquiry{
			about: access.SelfGrantActions(),
			of: func(some *access.Profile, principal *access.Principal) ([]defect, error) {
				return p.selfGrantDefects(p.World.SelfGrant(principal, some))
			},
			alone: func(q *access.Policy) ([]defect, error) { return p.selfGrantDefects(p.World.SelfGrantOf(q)) },
		})
	},
}

func (p *Pass) selfGrantDefects(s *access.SelfGrant, err error) ([]defect, error) {
	if s == nil || err != nil {
		return nil, err
	}
	d := defect{
		severity: p.rule.Severity, certainty: s.Certainty, message: selfGrantMessage(s),
		witness: []access.Request{s.Ways[0].Change}, document: s.Ways[0].By[0].Policy.Document,
	}
	if s.Uses.Action != codeartifact.NoAction {
		d.witness = append(d.witness, s.Uses)
	}
	if s.Narrowed {
		d.severity = d.severity.Lower(1, finding.Low)
		d.message += ", under a condition"
	}
	for _, w := range s.Ways {
		for _, e := range w.By {
			if !slices.ContainsFunc(d.by, func(m mark) bool { return m.Place == e.Place && m.Policy.ID == e.Policy.ID }) {
				d.by = append(d.by, mark{e, "allows " + wayOf(w)})
			}
		}
	}
	for _, e := range s.UsedBy {
		if !slices.ContainsFunc(d.by, func(m mark) bool { return m.Place == e.Place && m.Policy.ID == e.Policy.ID }) {
			d.by = append(d.by, mark{e, "gives it access to CodeArtifact: " + names(e.Actions)})
		}
	}
	return []defect{d}, nil
}

// mostWays is how many ways a message names.
const mostWays = 2

func selfGrantMessage(s *access.SelfGrant) string {
	message := "allows the principal to give itself full access to CodeArtifact"
	if s.Domain != "" {
		message += " on everything in domain " + s.Domain
	}
	var ways []string
	for _, w := range s.Ways[:min(len(s.Ways), mostWays)] {
		ways = append(ways, wayOf(w))
	}
	switch more := len(s.Ways) - len(ways); more {
	case 0:
	case 1:
		ways = append(ways, "1 more way")
	default:
		ways = append(ways, fmt.Sprintf("%d more ways", more))
	}
	return message + " by one change: " + either(ways)
}

// wayOf puts a change into words.
func wayOf(w access.SelfGrantWay) string {
	what := w.Change.Action.String()
	name := arn.ARN{Resource: w.Change.Resource}.Name()
	switch w.Target {
	case access.OnItsGroup:
		name = " on its group " + name
	case access.OnItsPolicy:
		name = " on its policy " + name
	case access.OnItsBoundary:
		name = " on its permissions boundary " + name
	default:
		name = " on itself"
	}
	if w.With != "" {
		what += " of " + w.With
	}
	if w.InPlaceOf != "" {
		name += " (in place of policy " + w.InPlaceOf + ")"
	}
	return what + name
}

// either lists alternatives as a sentence does.
func either(words []string) string {
	last := words[len(words)-1]
	switch len(words) {
	case 1:
		return last
	case 2:
		return words[0] + " or " + last
	}
	list := ""
	for _, w := range words[:len(words)-1] {
		list += w + ", "
	}
	return list + "or " + last
}
