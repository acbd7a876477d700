package oracle

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"

// explicitDeny is the first step: does any Deny of any policy that applies match
// the request? Nothing overrides it.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
func (e *evaluation) explicitDeny() Truth {
	denied := No
	own := append([]*policy.Document{}, e.Identity...)
	if e.Boundary != nil {
		own = append(own, e.Boundary)
	}
	own = append(own, e.Session...)
	if e.underSCPs() {
		for _, level := range e.SCPs {
			own = append(own, level...)
		}
	}
	for _, document := range own {
		denied = either(denied, e.anyStatement(document, policy.Deny))
	}
	for _, q := range e.ResourcePolicies {
		denied = either(denied, e.resourcePolicyDenies(q))
	}
	return e.settled(denied, "Deny")
}
