package oracle

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"

// filtersAllow says whether the permissions boundary and the session policies,
// where there are any, allow the request. Neither grants anything.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (e *evaluation) filtersAllow() Truth {
	allowed := Yes
	if e.Boundary != nil {
		allowed = e.settled(e.anyStatement(e.Boundary, policy.Allow), "boundary")
	}
	if e.Session != nil {
		here := No
		for _, document := range e.Session {
			here = either(here, e.anyStatement(document, policy.Allow))
		}
		allowed = both(allowed, e.settled(here, "session policy"))
	}
	return allowed
}
