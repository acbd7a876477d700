package rules

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// policyRewrite asks whether whoever has the access may write the policies that
// say who else has. With them it gives itself, or anybody, every other permission
// on the domain or repository, so no narrower grant beside it means anything.
var policyRewrite = Rule{
	ID:       "escalation/policy-rewrite",
	Title:    "policies of domains or repositories may be rewritten",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
	},
	Check: func(p *Pass) {
		p.eachDefectOf(rewriting, p.policyRewriteDefects)
		p.eachLicense(p.policyRewriteLicense)
	},
}

// rewriting are the actions that write resource policies.
var rewriting = codeartifact.Actions(codeartifact.PutDomainPermissionsPolicy, codeartifact.PutRepositoryPermissionsPolicy)

func (p *Pass) policyRewriteDefects(profile, _ *access.Profile) ([]defect, error) {
	found, err := profile.WideOrOfDomains(rewriting)
	if err != nil {
		return nil, err
	}
	var out []defect
	single := rewriting // of a domain too: of those with a tag, not all of a name need be
	for _, r := range found {
		single = single.Minus(r.Actions)
		d := p.wideDefect(r, p.rule.Severity)
		d.message = "allows rewriting " + rewritten(r) + narrowly(r)
		out = append(out, d)
		if r.Domain == "" {
			return out, nil // it says the worst already
		}
	}
	some, err := profile.Single(single)
	if err != nil || some == nil {
		return out, err
	}
	severity := finding.Medium
	if some.Actions.Has(codeartifact.PutDomainPermissionsPolicy) {
		severity = p.rule.Severity
	}
	d := p.wideDefect(*some, severity)
	d.message = "allows rewriting the policies of single " + severalOf(some.Actions) + ", for instance of " + resourceName(some.Witness.Resource) + narrowly(*some)
	return append(out, d), nil
}

// policyRewriteLicense asks what a domain's policy lets a guest rewrite: policies of
// its repositories, since its own it does not decide.
func (p *Pass) policyRewriteLicense(g *access.Guest) (*license, error) {
	severity, rewritten := p.rule.Severity, "the policy of every repository of the domain"
	way, err := g.Throughout(rewriting)
	if way == nil && err == nil {
		if way, err = g.WayIn(rewriting); way != nil {
			severity, rewritten = finding.Medium, "the policies of single repositories, for instance of "+resourceName(way.Witness.Resource)
		}
	}
	if way == nil || err != nil {
		return nil, err
	}
	if ofAnotherAccount(g) {
		severity = finding.Critical
	}
	return &license{WayIn: way, severity: severity, deed: "rewrite " + rewritten + ", and so let in anybody"}, nil
}

// rewritten names the policies that wide access rewrites.
func rewritten(r access.Reach) string {
	domains, repositories := r.Actions.Has(codeartifact.PutDomainPermissionsPolicy), r.Actions.Has(codeartifact.PutRepositoryPermissionsPolicy)
	of := "domain " + r.Pattern
	switch {
	case r.Domain == "":
		return "the policy of every " + join(typesOf(r.Actions)) + places(r)
	case r.Pattern == "*":
		of = fmt.Sprintf("every domain but some, for instance of %s", r.Domain)
	}
	switch {
	case domains && repositories:
		return "the policy of " + of + ", and those of its repositories"
	case domains:
		return "the policy of " + of
	}
	return "the policy of every repository" + span(r)
}

// resourceName is the name of a domain, or that of a repository with its domain's.
func resourceName(resource string) string {
	return resource[strings.IndexByte(resource, '/')+1:]
}

// severalOf lists types of resource, of which there are several.
func severalOf(actions codeartifact.ActionSet) string {
	var out []string
	for _, t := range codeartifact.ResourceTypes() {
		if actions.Meets(codeartifact.ActionsOn(t)) {
			out = append(out, plurals[t])
		}
	}
	return join(out)
}
