package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// ScopedToken is a statement that allows bearer tokens on resources, of which no
// token request names any.
type ScopedToken struct {
	By        []Element // the action elements that name the permission
	Resources []Element // the values of the Resource element
	// Own: the resources are whoever asks: its user, its role, or a session of
	// it. Where it is not known who has the policy, they are some user or role.
	Own      bool
	Intended Request // what the statement's author evidently meant
	// Allowed is its real decision: another statement may allow it.
	Allowed bool
}

// ScopedTokens returns the Allow statements of an identity policy that name
// sts:GetServiceBearerToken, more closely than by all actions of STS, and whose
// Resource does not match the requests for it: they name no resource. Statements
// for another service's tokens are left out.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
func (q *Policy) ScopedTokens() ([]ScopedToken, error) {
	if q.NamesService("ecr-public") && !q.alone.actions(maybe).Meets(codeartifact.CodeArtifactActions()) {
		return nil, nil // meant for the tokens of that service
	}
	var out []ScopedToken
	for _, x := range q.alone.allows {
		values, _ := x.parsed.Resources.(policy.Only)
		if len(values) == 0 || !x.namesClosely(codeartifact.GetServiceBearerToken) {
			continue
		}
		b := q.alone.steps()
		found, err := q.alone.forResourcesOf(x).find(question{mode: maybe, actions: bearerToken}, b)
		if err != nil {
			return nil, err
		}
		if found != nil {
			continue
		}
		if other, err := q.alone.forConditionsOf(x).servesOthersAlone(b); other || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		t := ScopedToken{By: elementsOf([]part{x}, bearerToken), Own: q.ownResources(values), Intended: q.tokenRequest()}
		for _, v := range values {
			t.Resources = append(t.Resources, Element{Policy: x.source.policy, Statement: x.parsed, Place: v.Place})
		}
		if t.Allowed, err = q.decideIntended(&t.Intended); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// tokenRequest is a bearer-token request for CodeArtifact by whoever has the policy.
func (q *Policy) tokenRequest() Request {
	return Request{
		Caller: q.alone.caller.ARN, Action: codeartifact.GetServiceBearerToken, Resource: "*",
		Context: map[string][]string{"sts:AWSServiceName": {codeartifact.ServiceName}},
	}
}

// namesClosely reports whether an element of the statement names a by its service
// and more than a wildcard for all of the service's actions.
func (s *statement) namesClosely(a codeartifact.Action) bool {
	return slices.ContainsFunc(s.elements(codeartifact.Actions(a)), func(v policy.Value) bool {
		_, name, _ := strings.Cut(v.Text, ":")
		return namesService(v.Text, a.Info().Service) && strings.Trim(name, "*?") != ""
	})
}

// forResourcesOf returns the profile as if there were only one statement and it
// had no conditions.
func (p *Profile) forResourcesOf(x part) *Profile {
	bare := *x.statement
	bare.maybe = asks(bare.maybe, resourceDim)
	return &Profile{access: p.access, caller: p.caller, allows: []part{{source: x.source, statement: &bare}}}
}

// ownResources reports whether a Resource element stands for whoever asks.
func (q *Policy) ownResources(values policy.Only) bool {
	if len(q.Reaches) == 0 {
		return !slices.ContainsFunc(values, func(v policy.Value) bool { return !callerARN(v.Text) })
	}
	version := q.Document.Parsed.Version
	return !slices.ContainsFunc(q.Reaches, func(p *Principal) bool {
		return !slices.ContainsFunc(values, func(v policy.Value) bool { return p.isMeantBy(v.Text, version) })
	})
}

// callerARN reports whether an ARN pattern names users, roles or their sessions.
func callerARN(text string) bool {
	parsed, err := arn.Parse(text)
	if err != nil {
		return false
	}
	switch parsed.Service + ":" + parsed.Type() {
	case "iam:user", "iam:role", "sts:assumed-role", "sts:federated-user":
		return true
	}
	return false
}

// isMeantBy reports whether an ARN pattern stands for p or a session of p.
func (p *Principal) isMeantBy(text string, version policy.Version) bool {
	_, wide, state := resourcePattern(text, variables{version: version, caller: p.caller})
	if state == valueless {
		return false
	}
	if !p.Role {
		return wide.Match(p.ARN)
	}
	parsed, _ := arn.Parse(p.ARN)
	sessions := "arn:aws:sts::" + parsed.Account + ":assumed-role/" + p.Name + "/"
	return wide.Match(p.ARN) || wide.Match(sessions+"session") || strings.HasPrefix(text, sessions)
}

// servesOthersAlone reports whether the profile may allow bearer tokens of other
// services, and none of CodeArtifact.
func (p *Profile) servesOthersAlone(b *glob.Budget) (bool, error) {
	found, err := p.find(question{mode: maybe, actions: bearerToken}, b)
	if found != nil || err != nil {
		return false, err
	}
	return p.servesAnother(b)
}
