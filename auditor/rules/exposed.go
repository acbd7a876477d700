package rules

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
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
