package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// assumableRole asks whom a role's trust policy lets in, where what the role may
// do in CodeArtifact matters. Who assumes the role has its permissions, so a
// domain that no policy opens to strangers is open all the same. It asks what a
// request by an outsider comes to and never looks for a star: a Deny, a condition
// that pins, or a resource control policy keeps them out.
var assumableRole = Rule{
	ID:       "exposure/assumable-role",
	Title:    "outsiders can assume a role that reaches packages",
	Severity: finding.Critical,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
	},
	Check: checkAssumableRole,
}

// worthAssuming are the actions for which a role is worth having: those that give
// tokens or content, or write. readsOnly are those of them that change nothing.
var (
	worthAssuming = codeartifact.CodeArtifactActions().Minus(codeartifact.ActionsWithRisk(codeartifact.Reconnaissance))
	readsOnly     = codeartifact.ActionsWithRisk(codeartifact.TokenIssuance).Or(codeartifact.ActionsWithRisk(codeartifact.DataExfiltration))
)

func checkAssumableRole(p *Pass) {
	for _, role := range p.World.Allowed {
		if !role.Role {
			continue
		}
		entries, err := p.World.Entries(role)
		if err != nil {
			p.undecided(role.Trust().Where(), err)
			continue
		}
		if len(entries) == 0 {
			continue
		}
		may, err := mayOnceAssumed(role)
		switch {
		case err != nil:
			p.undecided(role.ARN, err)
		case !may.actions.IsEmpty():
			p.reportAssumable(role, entries, may)
		}
	}
}

// onceAssumed is what somebody who assumed a role may do in CodeArtifact.
type onceAssumed struct {
	actions   codeartifact.ActionSet
	requests  []access.Request // one for each action, gravest first
	certainty access.Certainty
}

func mayOnceAssumed(role *access.Principal) (may onceAssumed, err error) {
	may.requests, may.certainty, err = role.Exercised(worthAssuming)
	for i := range may.requests {
		may.requests[i].Caller = role.ARN
		may.actions = may.actions.Add(may.requests[i].Action)
	}
	return may, err
}

// shown are the requests that show what the message says the role may do. Of
// copying, which AWS may authorize on either of two resources, one request alone
// shows less than of others.
func (may onceAssumed) shown() []finding.Request {
	var out []finding.Request
	for _, deed := range deeds {
		i := slices.IndexFunc(may.requests, func(r access.Request) bool {
			return deed.actions.Has(r.Action) && len(r.Action.Info().RequiredTypes) < 2
		})
		if i < 0 {
			i = slices.IndexFunc(may.requests, func(r access.Request) bool { return deed.actions.Has(r.Action) })
		}
		if i >= 0 {
			out = append(out, request(may.requests[i], finding.Allowed))
		}
	}
	if out == nil {
		out = append(out, request(may.requests[0], finding.Allowed))
	}
	return out
}

func (p *Pass) reportAssumable(role *access.Principal, entries []access.Entry, may onceAssumed) {
	trust := p.World.TrustOf(role)
	severity := func(e access.Entry) finding.Severity {
		s := finding.High
		if e.Newcomer == access.AnyPrincipal || e.Newcomer == access.AnyIdentity {
			s = finding.Critical
		}
		for _, milder := range []bool{e.Narrowed, readsOnly.Covers(may.actions)} {
			if milder {
				s = s.Lower(1, finding.Low)
			}
		}
		return s
	}
	// The gravest way in is the one to show; of equals the surest, then the first.
	slices.SortStableFunc(entries, func(a, b access.Entry) int {
		if a, b := severity(a), severity(b); a != b {
			return int(b) - int(a)
		}
		return int(b.Certainty) - int(a.Certainty)
	})
	first := entries[0]
	f := finding.Finding{
		Subject: policySubject(trust), Group: p.group(trust.Document), Severity: severity(first),
		Confidence: confidence(min(first.Certainty, may.certainty), len(role.Assumptions) > 0),
		Message:    fmt.Sprintf("lets %s assume it, and the role may %s", newcomers(entries), does(may.actions)),
		Affected:   []string{role.ARN},
		Witness:    append([]finding.Request{request(first.Witness, finding.Allowed)}, may.shown()...),
	}
	for _, e := range entries {
		for _, by := range e.By {
			says := "lets in " + newcomer(e)
			if !by.Actions.IsEmpty() {
				says = "lets them assume the role"
			}
			g := grant(by, says)
			if !slices.ContainsFunc(f.Grants, func(have finding.Grant) bool { return have.Pointer == g.Pointer }) {
				f.Grants = append(f.Grants, g)
			}
		}
	}
	p.report(f, func(f *finding.Finding) {
		if first.Newcomer == access.AnyPrincipal {
			p.requireOrganization(f, trust, first.By)
		}
	})
}

// newcomers lists who comes in, gravest first.
func newcomers(entries []access.Entry) string {
	var words []string
	for _, e := range entries {
		words = append(words, newcomer(e))
	}
	return join(words)
}

// newcomer says in words who an outsider is.
func newcomer(e access.Entry) string {
	who := ""
	switch e.Newcomer {
	case access.AnyPrincipal:
		who = "any AWS principal of any account"
	case access.AnyIdentity, access.UnknownProvider:
		who = "any identity of " + e.Who
	case access.SomeIdentities:
		who = "whoever on " + e.Who + " fits a pattern of names"
	case access.OtherOrganization:
		who = "any account of organization " + e.Who
	case access.OtherAccount:
		who = "a principal of untrusted account " + e.Who
	}
	if len(e.Witness.Context["sts:ExternalId"]) > 0 {
		who += " with the external id"
	}
	if e.Narrowed {
		who += " from some networks"
	}
	return who
}
