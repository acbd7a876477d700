package codeartifact

import "strings"

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
	// Templates are claims that a customer may choose to begin the subject with,
	// each written as its name, a colon and its value, and that do not tell whose
	// it is; nil where customers cannot choose.
	Templates []string
	// Tenant are the claims of which a test can tell one customer (organization,
	// repository, project) from all others. Others hold a name that anyone may
	// use, or the same value for everyone.
	Tenant []TenantClaim
	Source string
	Note   string
}

// TenantClaim is a claim that says which customer of a provider somebody is.
type TenantClaim struct {
	// Claim is its name. One with the prefix of a service is a key of its own,
	// beside those of the provider.
	Claim string
	// Marks say where in the value the customer's name stands: "repo:*/" is all
	// between the two. None: the value is the name.
	Marks []string
	// Optional says that some tokens lack it.
	Optional bool
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

// Key returns the condition key of the claim in tokens of an issuer.
func (c *TenantClaim) Key(issuer string) string {
	if strings.HasPrefix(c.Claim, "sts:") {
		return c.Claim
	}
	return issuer + ":" + c.Claim
}

// Names reports whether a value, as a condition compares the claim with it, names
// one customer whole, and how all values of that customer begin. Wild says that *
// and ? in it are wildcards; a value that begins with one, or has one within the
// name, names nobody, and start is how the values of the one begin who has the
// name as far as it goes; empty where it does not say any. The value itself is all
// there is where exact is true.
func (c *TenantClaim) Names(value string, wild bool) (start string, exact, ok bool) {
	fixed := value
	if i := strings.IndexAny(value, "*?"); wild && i >= 0 {
		fixed = value[:i]
	}
	whole := len(fixed) == len(value)
	for _, mark := range c.Marks {
		before, after, _ := strings.Cut(mark, "*")
		for _, at := range starts(fixed, before) {
			name := fixed[at:]
			if i := strings.Index(name, after); i > 0 {
				return fixed[:at+i+len(after)], false, true
			}
			switch {
			case name == "":
			case whole && strings.HasSuffix(after, ":"):
				return fixed, true, true // the name ends with the value
			default:
				start = fixed + after
			}
		}
	}
	switch {
	case len(c.Marks) > 0 || fixed == "":
		return start, false, false
	case whole:
		return fixed, true, true
	}
	// Of what a subject is made of is not known: it names somebody who fixes one
	// name and its value.
	if strings.Count(fixed, ":") > 1 {
		return fixed[:strings.LastIndex(fixed, ":")+1], false, true
	}
	return fixed, true, false
}

// starts returns where, behind mark, something can begin in a value that is made
// of names and values: at its start, and after each colon.
func starts(value, mark string) []int {
	var at []int
	for i := range len(value) {
		if (i == 0 || value[i-1] == ':' && mark != "") && strings.HasPrefix(value[i:], mark) {
			at = append(at, i+len(mark))
		}
	}
	return at
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
