package rules

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// exposed is the finding about a resource policy that lets somebody in, without
// its grants: one step lower where the way in is narrowed, of medium confidence
// where something was assumed or a resource control policy might stop it.
func (p *Pass) exposed(q *access.Policy, way access.WayIn, message string) finding.Finding {
	f := finding.Finding{
		Subject: policySubject(q), Group: p.group(q.Document), Severity: p.rule.Severity,
		Confidence: confidence(way.Certainty, len(q.Alone().Assumptions) > 0),
		Message:    message,
		Witness:    []finding.Request{request(way.Witness, finding.Allowed)},
	}
	if way.Narrowed {
		f.Severity = f.Severity.Lower(1, finding.Low)
	}
	if way.StoppedByRCP {
		f.Confidence = min(f.Confidence, finding.MediumConfidence)
		f.Message += "; a resource control policy would stop it, if it covers CodeArtifact"
	}
	return f
}

// letIn puts together what several guests are let do by one policy: the gravest
// severity and request of all, every element once.
type letIn struct {
	access.WayIn
	severity finding.Severity
	grants   []finding.Grant
}

// add enters what a guest is let do, one step lower where that is narrowed. says
// tells what an action element does.
func (l *letIn) add(guest string, way *access.WayIn, severity finding.Severity, says func(access.Element) string) {
	if way.Narrowed {
		severity = severity.Lower(1, finding.Low)
	}
	if severity > l.severity {
		l.severity, l.WayIn = severity, *way
	} else {
		l.Certainty, l.Narrowed, l.StoppedByRCP = max(l.Certainty, way.Certainty), l.Narrowed && way.Narrowed, l.StoppedByRCP && way.StoppedByRCP
	}
	for _, e := range way.By {
		words := "lets in " + guest
		if !e.Actions.IsEmpty() {
			words = says(e)
		}
		if g := grant(e, words); !within([]finding.Grant{g}, l.grants) {
			l.grants = append(l.grants, g)
		}
	}
}

// letsThem tells what an action element lets guests do.
func letsThem(e access.Element) string { return "lets them " + does(e.Actions) }

// guestName is what messages call a guest.
func guestName(g *access.Guest) string {
	switch g.Kind {
	case access.Everyone:
		return "any AWS principal"
	case access.AnOrganization:
		return "members of organization " + g.Text
	case access.AnAccount:
		return "account " + g.Account
	}
	return strings.TrimPrefix(strings.TrimPrefix(g.Text, "arn:aws:iam::"+g.Account+":"), "arn:aws:sts::"+g.Account+":") + " of account " + g.Account
}

// someNames lists up to three names, and says how many more there are.
func someNames(names []string) string {
	if more := len(names) - 3; more > 0 {
		return fmt.Sprintf("%s, and %d more", strings.Join(names[:3], ", "), more)
	}
	return join(names)
}

// decidedBy says what a resource policy decides.
var decidedBy = map[inventory.Kind]string{
	inventory.DomainPolicy:       "the domain and everything in it",
	inventory.RepositoryPolicy:   "the repository and its packages",
	inventory.DomainOrRepository: "a repository and its packages",
}
