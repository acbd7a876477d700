package oracle

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"

// matches says whether a statement applies to the request: its actions, its
// resources and all of its conditions have to match. Whom it names is asked
// apart, since only resource policies name anybody.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
func (e *evaluation) matches(document *policy.Document, s *policy.Statement) Truth {
	match := both(e.actionMatches(s.Actions), e.resourceMatches(document.Version, s.Resources))
	if match == No && e.watch == nil {
		return No
	}
	for _, c := range s.Conditions {
		match = both(match, e.condition(document.Version, c))
	}
	return match
}
