package access

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// HalfLogin is one of the two permissions that a login with a package manager
// takes, without the other.
type HalfLogin struct {
	Certainty
	Lacks codeartifact.Action // the one that is missing
	// Guarded: policies allow what is missing, and a Deny or a guard stops it.
	Guarded bool
	By      []Element // what allows the one that is there
	// Witness are allowed: the permission that is there, and what the token would
	// be for. Intended is the one that is denied.
	Witness  []Request
	Intended Request
}

var (
	authorization = codeartifact.Actions(codeartifact.GetAuthorizationToken)
	packageUse    = codeartifact.Actions(codeartifact.ReadFromRepository, codeartifact.PublishPackageVersion)
)

// HalfLogin returns whether the profile allows exactly one of a bearer token for
// CodeArtifact and codeartifact:GetAuthorizationToken; nil when not. The latter
// by itself counts only beside a permission that package managers use. Where an
// identity policy names the other one closely and no request gets it, something
// is wrong with that statement, and it is not missing.
func (p *Profile) HalfLogin() (*HalfLogin, error) {
	if named := p.actions(maybe); !named.Meets(bearerToken) && !named.Meets(authorization) {
		return nil, nil
	}
	half, certainty, err := bothWays(func(m mode) (*HalfLogin, bool, error) {
		h, err := p.halfLogin(m)
		return h, h != nil, err
	})
	if half != nil {
		half.Certainty = certainty
	}
	return half, err
}

func (p *Profile) halfLogin(m mode) (*HalfLogin, error) {
	b := p.steps()
	token, err := p.find(question{mode: m, actions: bearerToken}, b)
	if err != nil {
		return nil, err
	}
	login, err := p.find(question{mode: m, actions: authorization}, b)
	if err != nil || (token == nil) == (login == nil) {
		return nil, err
	}
	h := &HalfLogin{Lacks: codeartifact.GetAuthorizationToken}
	there := []*Found{token}
	if token == nil {
		use, err := p.find(question{mode: m, actions: packageUse}, b)
		if use == nil || err != nil {
			return nil, err
		}
		h.Lacks, there = codeartifact.GetServiceBearerToken, []*Found{login, use}
	}
	missing, err := p.missing(h)
	if !missing || err != nil {
		return nil, err
	}
	for _, f := range there {
		h.Witness = append(h.Witness, p.request(f))
	}
	h.By = elementsOf([]part{there[0].by}, codeartifact.Actions(there[0].Action))
	return h, p.intend(h)
}

// missing reports whether what h lacks is in no way possible and named by no
// statement that could be wrong, and notes whether only guards stop it.
func (p *Profile) missing(h *HalfLogin) (bool, error) {
	lacking := question{mode: maybe, actions: codeartifact.Actions(h.Lacks)}
	if found, err := p.find(lacking, p.steps()); found != nil || err != nil {
		return false, err
	}
	found, err := p.ungoverned().find(lacking, p.steps())
	if err != nil {
		return false, err
	}
	h.Guarded = found != nil
	return h.Guarded || !slices.ContainsFunc(p.allows, func(x part) bool {
		return x.fromIdentity() && x.namesClosely(h.Lacks)
	}), nil
}

// intend writes out the request that is denied: of the domain in which packages
// may be used, where it is that one which is missing.
func (p *Profile) intend(h *HalfLogin) error {
	h.Intended = Request{Caller: h.Witness[0].Caller, Action: h.Lacks, Resource: "*", Context: map[string][]string{
		"sts:AWSServiceName": {codeartifact.ServiceName},
	}}
	if h.Lacks == codeartifact.GetServiceBearerToken {
		return nil
	}
	h.Intended.Resource, h.Intended.Context = exampleARN(codeartifact.Domain, home{account: p.caller.Account}), map[string][]string{}
	used, err := p.find(question{mode: maybe, actions: codeartifact.CodeArtifactActions()}, p.steps())
	if used != nil && isCodeArtifact(used.Type) {
		h.Intended.Resource = relative(used.Resource, codeartifact.Domain)
	}
	return err
}

// AllRead reports whether every policy that applies to p was read, and all of each.
func (w *World) AllRead(p *Principal) bool {
	lost := func(q inventory.Policy) bool { return len(q.Document.Lost()) > 0 }
	return !slices.ContainsFunc(p.Policies, lost) && len(withUnread(w.account, *p.Principal).Policies) == len(p.Policies)
}
