package oracle

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"

// Decision is the outcome of a request. The zero value is invalid.
type Decision uint8

// The outcomes. Unknown: sources leave open which it is.
const (
	_ Decision = iota
	Deny
	Unknown
	Allow
)

// String returns the outcome in a word.
func (d Decision) String() string {
	switch d {
	case Deny:
		return "deny"
	case Unknown:
		return "unknown"
	case Allow:
		return "allow"
	}
	return "invalid decision"
}

// evaluation is one request being decided.
type evaluation struct {
	Request
	World
	context map[string][]string
	// asked is the answer that is tried to whether policies are evaluated of which
	// AWS does not say.
	asked Truth
	watch *watch // nil unless somebody asks what decided
}

// Decide decides the request in the world.
func Decide(r Request, w World) Decision { return decide(r, w, nil) }

// decide decides for each resource that the call may be authorized on. AWS's
// documents differ on which of its two types CopyPackageVersions is, and on which
// resource the Create actions are: on none, on what they create, or on the domain
// that it is created in. So those are decided only where every reading gives the
// same, and Also has to hold the other readings.
//
// Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html,
// https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html
// and https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html
func decide(r Request, w World, by *watch) Decision {
	first := one(r, w, by)
	action, _ := codeartifact.LookupAction(r.Action)
	if len(action.Info().RequiredTypes) > 1 && len(r.Also) == 0 {
		return Unknown
	}
	for _, resource := range r.Also {
		r.Resource = resource
		if one(r, w, by) != first {
			return Unknown
		}
	}
	return first
}

// one decides for one resource. Whether a policy is evaluated for the call that
// deletes it AWS does not say; but then either all of it is or nothing, so that
// both are tried.
func one(r Request, w World, by *watch) Decision {
	e := &evaluation{Request: r, World: w, context: r.Keys(), asked: Yes, watch: by}
	decision := e.decide()
	if !e.doubtful() {
		return decision
	}
	e.asked = No
	if e.decide() != decision {
		return Unknown
	}
	return decision
}

// decide decides in the documented order: an explicit Deny ends it, then the
// organization's policies have to allow, then within one account the resource's
// policies or the principal's own, across accounts both.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *evaluation) decide() Decision {
	if e.assumes() {
		return outcome(e.assume())
	}
	denied := e.explicitDeny()
	organization := e.organizationAllows()
	own := e.ownPoliciesAllow()
	granted := e.resourcePoliciesAllow()

	var allowed Truth
	switch {
	case e.sameAccount():
		allowed = either(own, e.withinAccount(granted))
	case e.administered():
		allowed = either(own, both(Maybe, granted.any()))
	default:
		allowed = both(own, granted.any())
	}
	return outcome(both(denied.not(), both(organization, allowed)))
}

func outcome(allowed Truth) Decision {
	switch allowed {
	case Yes:
		return Allow
	case No:
		return Deny
	}
	return Unknown
}
