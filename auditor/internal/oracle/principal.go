package oracle

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// named says how a Principal or NotPrincipal element names the caller. A
// statement without either names nobody.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (e *evaluation) named(clause policy.PrincipalClause, deny bool) grants {
	all := grants{No, No, No, No, No}
	switch clause := clause.(type) {
	case policy.OnlyPrincipals:
		for _, p := range clause {
			e.name(p, &all)
		}
	case policy.AllButPrincipals:
		all.everyone = e.exempt(clause).not()
		if deny && e.Boundary != nil {
			all.everyone = Yes // whoever has a boundary, whatever the element lists
		}
	}
	return all
}

// exempt says whether a NotPrincipal element leaves the caller out. That takes
// the user and its account, or the session, its role and their account; of one
// without the others AWS warns and does not say what happens.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (e *evaluation) exempt(clause policy.AllButPrincipals) Truth {
	listed := grants{No, No, No, No, No}
	for _, p := range clause {
		e.name(p, &listed)
	}
	every := both(listed.account, listed.user)
	if e.Principal.role() {
		every = both(listed.account, both(listed.role, listed.session))
	}
	return either(either(listed.everyone, every), both(Maybe, listed.any()))
}

// name enters how one principal of a list names the caller.
func (e *evaluation) name(p policy.Principal, all *grants) {
	if p.Type != policy.Everyone && p.Type != policy.AWS {
		return // services and federated users are not our callers
	}
	role := e.Principal.role()
	switch {
	case p.Text == "*":
		all.everyone = Yes
	case p.Text == e.Principal.account(), p.Text == arn.Root("aws", e.Principal.account()):
		all.account = Yes
	case p.Text == e.Principal.ARN && role, p.Text == e.Principal.ID && role && p.Text != "":
		all.role = Yes
	case p.Text == e.Principal.ARN, p.Text == e.Principal.ID && p.Text != "":
		all.user = Yes
	case p.Text == e.Principal.Session && p.Text != "":
		all.session = Yes
	}
}

// anyStatement says whether some statement of that effect matches the request.
func (e *evaluation) anyStatement(document *policy.Document, effect policy.Effect) Truth {
	found := No
	for i := range document.Statements {
		if s := &document.Statements[i]; s.Effect == effect {
			found = either(found, e.matches(document, s))
		}
	}
	return found
}

// lists reports whether list holds a type of resource.
func lists[T comparable](list []T, x T) bool { return slices.Contains(list, x) }
