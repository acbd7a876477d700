package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// issuer returns the issuer of an OpenID Connect provider that the trust policy
// names: of one of the role's own account, or of those that need none.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity
func (t *threshold) issuer(p policy.Principal) (string, bool) {
	if p.Type != policy.Federated {
		return "", false
	}
	parsed, err := arn.Parse(p.Text)
	if err != nil {
		_, known := codeartifact.LookupProvider(p.Text)
		return strings.ToLower(p.Text), known
	}
	issuer, ok := strings.CutPrefix(parsed.Resource, "oidc-provider/")
	return strings.ToLower(issuer), ok && issuer != "" && parsed.Service == "iam" && (parsed.Account == t.account.ID || t.account.ID == "")
}

// unlisted are the claims that tell the customers of a provider apart of which
// nothing is known.
var unlisted = &codeartifact.IdentityProvider{Shared: true, Tenant: []codeartifact.TenantClaim{{Claim: "sub"}, {Claim: "aud"}}}

// identities are those of a provider that might come in: any; and those that are
// of no customer whom the policy names, but whose claims can be anything else. A
// provider with one customer has none.
func (t *threshold) identities(issuer string) []newcomer {
	provider, known := codeartifact.LookupProvider(issuer)
	switch {
	case !known:
		any := t.identity(UnknownProvider, issuer, unlisted)
		any.possible = true
		return []newcomer{any}
	case !provider.Shared:
		return nil
	}
	return []newcomer{t.identity(AnyIdentity, issuer, provider), t.identity(SomeIdentities, issuer, provider)}
}

// identity is somebody that the provider vouches for, a customer of it whom
// nobody has named.
func (t *threshold) identity(n Newcomer, issuer string, provider *codeartifact.IdentityProvider) newcomer {
	c := &Caller{stranger: true, fixed: map[string]value{}, free: map[string]*domain{}}
	c.lacks = func(dim string) bool { return ofOtherIssuer(dim, issuer) }
	// No AWS service comes with a web identity; whether unsigned calls say so is not
	// documented.
	c.free["aws:principalisawsservice"] = &domain{kind: texts, absent: true, present: true, control: codeartifact.ByConstant, shape: glob.Union{glob.Literal("false")}}
	for _, claim := range []string{"sub", "aud"} {
		c.free[issuer+":"+claim] = &domain{kind: texts, present: true, control: codeartifact.ByCaller, shape: someText}
	}
	var with []literal
	for i := range provider.Tenant {
		claim := &provider.Tenant[i]
		key := strings.ToLower(claim.Key(issuer))
		if n == SomeIdentities {
			c.free[key] = anyTenant(claim, provider)
		} else {
			c.free[key] = t.oneTenant(claim, provider)
		}
		if l := t.unnamedTenant(claim, key); len(l.test.set) > 0 || i == 0 { // so that a witness shows who it is
			with = append(with, l)
		}
	}
	about := func(p policy.Principal) bool {
		is, ok := t.issuer(p)
		return ok && is == issuer
	}
	t.opensTo(func(p policy.Principal) bool {
		if about(p) && c.ARN == "" {
			c.ARN = p.Text
		}
		return false
	})
	return newcomer{
		Newcomer: n, who: issuer, caller: c, action: codeartifact.AssumeRoleWithWebIdentity, with: with, lets: about,
		speaks: func(st *statement) *statement { return spokenOfIdentity(st, about) },
	}
}

// spokenOfIdentity returns a statement when it speaks of a web identity: when it
// names the provider, and when it denies everyone, or all but others. Whether an
// Allow for everyone lets web identities in AWS does not say; who is let in
// without them it does.
func spokenOfIdentity(st *statement, about func(policy.Principal) bool) *statement {
	named := false
	for _, p := range policy.Principals(st.parsed.Principals) {
		named = named || about(p) || everyone(p) && !st.allow
	}
	if _, others := st.parsed.Principals.(policy.AllButPrincipals); others {
		named = !named && !st.allow
	}
	if !named {
		return nil
	}
	return st
}

// ofOtherIssuer reports whether a key is a claim of another issuer's tokens.
func ofOtherIssuer(dim, issuer string) bool {
	if strings.HasPrefix(dim, issuer+":") {
		return false
	}
	host, _, isKey := strings.Cut(dim, ":")
	return isKey && strings.Contains(host, ".") || host == "saml"
}

// claimChars are what claims are made of; a wildcard in a policy that is none
// there, and stands for itself, matches no claim.
var claimChars = glob.AnyChar.Without("*?")

// tenantName returns the name of a customer that the documents do not hold.
func (t *threshold) tenantName() string {
	name := "stranger"
	for _, d := range t.documents() {
		for strings.Contains(strings.ToLower(d.Text), name) {
			name += "s"
		}
	}
	return name
}

// oneTenant is what a claim can be of one customer whom nobody has named.
func (t *threshold) oneTenant(claim *codeartifact.TenantClaim, provider *codeartifact.IdentityProvider) *domain {
	name := t.tenantName()
	if strings.HasSuffix(claim.Claim, "_id") || strings.HasSuffix(claim.Claim, "_number") {
		name = unnamed(accountsIn(t.trust.Document.Text)) // a number like any other
	}
	d := &domain{kind: texts, present: true, absent: claim.Optional, control: codeartifact.ByIdentity}
	if len(claim.Marks) == 0 {
		d.shape, d.prefer = glob.Union{glob.Literal(name)}, []string{name}
		return d
	}
	before, after, _ := strings.Cut(claim.Marks[0], "*")
	d.shape = inTenant(func() *glob.Builder { return glob.New().Text(before + name + after) }, provider)
	d.prefer = []string{before + name + after + "app:ref:refs/heads/main", before + name + after + "app"}
	if provider.Templates == nil || claim.Claim != "sub" {
		d.prefer = d.prefer[1:]
	}
	return d
}

// inTenant adds what stands behind the name of a customer: that of something it has,
// and more. Where subjects are made of claims as customers like, the name has no
// slash: those are repositories.
func inTenant(start func() *glob.Builder, provider *codeartifact.IdentityProvider) glob.Union {
	chars := claimChars.Without(":")
	if provider.Templates != nil {
		chars = claimChars.Without(":/")
	}
	return glob.Union{
		start().One(chars).Many(chars).Pattern(),
		start().One(chars).Many(chars).Text(":").One(claimChars).Many(claimChars).Pattern(),
	}
}

// anyTenant is what a claim can be of whatever customer; where customers choose
// what a subject is made of, that too.
func anyTenant(claim *codeartifact.TenantClaim, provider *codeartifact.IdentityProvider) *domain {
	d := &domain{kind: texts, present: true, absent: claim.Optional, control: codeartifact.ByIdentity}
	add := func(u ...glob.Pattern) {
		d.parts = append(d.parts, shapePart{shape: func() glob.Union { return u }})
	}
	for _, mark := range claim.Marks {
		before, after, _ := strings.Cut(mark, "*")
		name := claimChars.Without(":/")
		add(inTenant(func() *glob.Builder { return glob.New().Text(before).One(name).Many(name).Text(after) }, provider)...)
	}
	if claim.Claim == "sub" {
		for _, first := range provider.Templates {
			add(glob.New().Text(first + ":").One(claimChars).Many(claimChars).Pattern())
		}
	}
	if d.parts == nil {
		add(glob.New().One(claimChars).Many(claimChars).Pattern())
	}
	return d
}

// unnamedTenant asks for a claim of none of the customers whom conditions name, or
// mean by the beginning of a name.
func (t *threshold) unnamedTenant(claim *codeartifact.TenantClaim, key string) literal {
	named := &test{dim: key, kind: texts}
	t.eachCondition(key, func(c policy.Condition) {
		f := families[c.Operator.Base]
		for _, v := range c.Values {
			start, exact, _ := claim.Names(v.Text, f.wild)
			if start == "" || f.kind != texts {
				continue
			}
			b := glob.New().Fold(start)
			if !exact {
				b.Many(glob.AnyChar)
			}
			named.set = append(named.set, b.Pattern())
		}
	})
	return literal{named, false}
}
