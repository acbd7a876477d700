package codeartifact

import (
	"slices"
	"strings"
)

// IdentityProvider is an OpenID Connect provider that many trust policies name.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
type IdentityProvider struct {
	// Host is the issuer without its scheme, as it stands in condition keys;
	// a ${…} in it stands for one customer's part.
	Host string
	// Shared says that one issuer serves many customers, so that a trust policy
	// must test a claim to let in only one.
	Shared bool
	// Tenant are the claims of which a test can tell one customer (organization,
	// repository, project) from all others. Others hold a name that anyone may
	// use, or the same value for everyone.
	Tenant []string
	Source string
	Note   string
}

// LookupProvider returns the provider of that issuer (with or without scheme)
// and whether it is known.
func LookupProvider(issuer string) (*IdentityProvider, bool) {
	issuer = strings.ToLower(strings.TrimPrefix(issuer, "https://"))
	for i := range providers {
		if matchHost(strings.ToLower(providers[i].Host), issuer) {
			return &providers[i], true
		}
	}
	return nil, false
}

// PinsTenant reports whether a condition on key ("gitlab.com:project_id")
// can tell one customer of the provider from all others.
func (p *IdentityProvider) PinsTenant(key string) bool {
	// A claim may itself hold a colon or a host, but an issuer has no colon.
	issuer, claim, ok := strings.Cut(key, ":")
	return ok && matchHost(strings.ToLower(p.Host), strings.ToLower(issuer)) &&
		slices.ContainsFunc(p.Tenant, func(t string) bool { return strings.EqualFold(t, claim) })
}

// matchHost reports whether host, with its placeholders for parts without a
// slash, describes issuer.
func matchHost(host, issuer string) bool {
	before, rest, found := strings.Cut(host, "${")
	if !found {
		return host == issuer
	}
	issuer, ok := strings.CutPrefix(issuer, before)
	if !ok {
		return false
	}
	_, after, _ := strings.Cut(rest, "}")
	for end := 1; end <= len(issuer) && issuer[end-1] != '/'; end++ {
		if matchHost(after, issuer[end:]) {
			return true
		}
	}
	return false
}
