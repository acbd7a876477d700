package oracle

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"

// underSCPs reports whether service control policies reach the principal: they
// do not reach the management account, nor service-linked roles.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (e *evaluation) underSCPs() bool { return !e.Management && !e.Principal.ServiceLinked }

// organizationAllows is the second step: at every level from the root to the
// account some service control policy has to allow the request.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
func (e *evaluation) organizationAllows() Truth {
	if !e.underSCPs() {
		return Yes
	}
	allowed := Yes
	for _, level := range e.SCPs {
		here := No
		for _, document := range level {
			here = either(here, e.anyStatement(document, policy.Allow))
		}
		allowed = both(allowed, e.settled(here, "SCP"))
	}
	return allowed
}
