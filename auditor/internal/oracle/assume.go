package oracle

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// assumes reports whether the request is to assume the role whose trust policy the
// world holds, or is decided with one.
func (e *evaluation) assumes() bool {
	switch e.Action {
	case "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity":
		return e.Trust != nil
	}
	return false
}

// assume decides a request to assume a role: no policy may deny it, and the trust
// policy has to allow it; for a principal of another account, or one that is let in
// by way of its account, its own policies too. Resource control policies deny and
// are no grants. A request with tags or a source identity is one for those actions
// as well.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html,
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func (e *evaluation) assume() Truth {
	allowed := e.assumeAlone()
	if e.Action == "sts:TagSession" || e.Action == "sts:SetSourceIdentity" {
		return allowed
	}
	for key, values := range e.context {
		with := ""
		switch {
		case len(values) == 0:
		case strings.HasPrefix(key, "aws:requesttag/"), key == "aws:tagkeys", key == "sts:transitivetagkeys":
			with = "sts:TagSession"
		case key == "sts:sourceidentity":
			with = "sts:SetSourceIdentity"
		}
		if with != "" {
			beside := *e
			beside.Action = with
			allowed = both(allowed, beside.assumeAlone())
		}
	}
	return allowed
}

func (e *evaluation) assumeAlone() Truth {
	denied := e.explicitDeny()
	for _, document := range e.RCPs {
		denied = either(denied, e.trusting(document, policy.Deny).any())
	}
	denied = either(denied, e.trusting(e.Trust, policy.Deny).any())
	in := e.trusting(e.Trust, policy.Allow)
	if e.Principal.Provider != "" {
		return both(denied.not(), in.any())
	}
	role, _ := arn.Parse(e.Resource)
	own := both(e.organizationAllows(), e.ownPoliciesAllow())
	allowed := both(own, in.any())
	if role.Account == e.Principal.account() {
		allowed = either(allowed, both(e.organizationAllows(), e.withinAccount(in)))
	}
	return both(denied.not(), allowed)
}

// trusting is what the statements of that effect say of the caller, by the way in
// which they name it. An identity that a provider vouches for is named by the
// provider. A Deny for everyone denies it too; of an Allow for everyone AWS does
// not say whether it lets one in.
func (e *evaluation) trusting(document *policy.Document, effect policy.Effect) grants {
	all := grants{No, No, No, No, No}
	for i := range document.Statements {
		s := &document.Statements[i]
		if s.Effect != effect {
			continue
		}
		matches := e.matches(document, s)
		if e.Principal.Provider != "" {
			all.everyone = either(all.everyone, both(matches, e.vouched(s)))
			continue
		}
		named := e.named(s.Principals, effect == policy.Deny)
		all.user = either(all.user, both(matches, named.user))
		all.session = either(all.session, both(matches, named.session))
		all.role = either(all.role, both(matches, named.role))
		all.account = either(all.account, both(matches, named.account))
		all.everyone = either(all.everyone, both(matches, named.everyone))
	}
	return all
}

// vouched says whether a statement names an identity by its provider.
func (e *evaluation) vouched(s *policy.Statement) Truth {
	listed, everyone := No, No
	switch clause := s.Principals.(type) {
	case policy.OnlyPrincipals:
		listed, everyone = e.provider(clause)
	case policy.AllButPrincipals:
		spared, all := e.provider(clause)
		everyone = either(spared, all).not()
	}
	if s.Effect == policy.Allow {
		everyone = both(everyone, Maybe)
	}
	return either(listed, everyone)
}

func (e *evaluation) provider(list []policy.Principal) (listed, everyone Truth) {
	listed, everyone = No, No
	for _, p := range list {
		switch {
		case p.Type == policy.Federated && p.Text == e.Principal.Provider:
			listed = Yes
		case (p.Type == policy.Everyone || p.Type == policy.AWS) && p.Text == "*":
			everyone = Yes
		}
	}
	return listed, everyone
}
