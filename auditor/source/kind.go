package source

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Recognise says what a bare policy is, and the account that the CodeArtifact ARNs
// among its resources name, empty where they name none or several.
//
// A policy without Principal is an identity policy. One with Principal is a trust
// policy if an action is sts:AssumeRole…, and CodeArtifact's if some statement
// names an action or a resource of it or the bearer token: a repository's if its
// CodeArtifact ARNs are all of repositories, a domain's if some are of domains,
// else it does not show which. Any other is foreign.
func Recognise(d *policy.Document) (kind inventory.Kind, owner string) {
	actions, resources := words(d)
	arns := codeArtifactARNs(resources)
	if !slices.ContainsFunc(d.Statements, func(s policy.Statement) bool { return s.Principals != nil }) {
		return inventory.Identity, ""
	}
	switch {
	case slices.ContainsFunc(d.Statements, assumesRole):
		return inventory.Trust, ""
	case len(arns) == 0 && !slices.ContainsFunc(actions, ours):
		return inventory.Foreign, ""
	case slices.ContainsFunc(arns, func(p pattern) bool { return p.kind == "domain" }):
		kind = inventory.DomainPolicy
	case len(arns) > 0 && !slices.ContainsFunc(arns, func(p pattern) bool { return p.kind != "repository" }):
		kind = inventory.RepositoryPolicy
	default:
		kind = inventory.DomainOrRepository
	}
	return kind, ownerOf(arns)
}

// words returns the texts of all Action and NotAction, Resource and NotResource
// elements.
func words(d *policy.Document) (actions, resources []string) {
	for _, s := range d.Statements {
		for _, v := range policy.Values(s.Actions) {
			actions = append(actions, v.Text)
		}
		for _, v := range policy.Values(s.Resources) {
			resources = append(resources, v.Text)
		}
	}
	return actions, resources
}

func assumesRole(s policy.Statement) bool {
	only, ok := s.Actions.(policy.Only)
	return ok && slices.ContainsFunc(only, func(v policy.Value) bool { return hasPrefixFold(v.Text, "sts:AssumeRole") })
}

// ours reports whether an action pattern names CodeArtifact or the bearer token.
// A pattern names the token if it spells enough of it to mean no other action.
func ours(action string) bool {
	const bearer = "sts:GetServiceBearerToken"
	spelt := action
	if i := strings.IndexAny(action, "*?"); i >= 0 {
		spelt = action[:i]
	}
	return hasPrefixFold(action, "codeartifact:") || hasPrefixFold(bearer, spelt) && len(spelt) >= len("sts:GetService")
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// pattern is a CodeArtifact ARN as policies write it: wildcards may stand for
// parts of it, and the last one for the rest.
type pattern struct{ account, kind string }

func codeArtifactARNs(resources []string) []pattern {
	var arns []pattern
	for _, text := range resources {
		parts := strings.SplitN(text, ":", 6)
		if len(parts) < 4 || parts[0] != "arn" || parts[2] != "codeartifact" {
			continue
		}
		var p pattern
		if len(parts) == 6 {
			p.account = parts[4]
			p.kind, _, _ = strings.Cut(parts[5], "/")
		}
		arns = append(arns, p)
	}
	return arns
}

// ownerOf returns the one account that the ARNs name.
func ownerOf(arns []pattern) string {
	owner := ""
	for _, p := range arns {
		switch {
		case !arn.IsAccountID(p.account) || p.account == owner:
		case owner == "":
			owner = p.account
		default:
			return ""
		}
	}
	return owner
}
