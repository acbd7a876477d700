package oracle

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"

// ownPoliciesAllow says whether the principal's own policies allow the request:
// some identity policy, and the filters that narrow them.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
func (e *evaluation) ownPoliciesAllow() Truth {
	allowed := No
	for _, document := range e.Identity {
		allowed = either(allowed, e.anyStatement(document, policy.Allow))
	}
	return both(e.settled(allowed, "identity policy"), e.filtersAllow())
}
