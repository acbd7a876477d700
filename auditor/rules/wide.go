package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// wideDefects returns what is wrong where a profile allows some of actions on
// every resource of their types, everywhere or in single domains. The severity is
// the rule's, for single domains another.
func (p *Pass) wideDefects(profile *access.Profile, actions codeartifact.ActionSet, inDomain finding.Severity) ([]defect, error) {
	found, err := profile.Wide(actions)
	if err != nil {
		return nil, err
	}
	var out []defect
	for _, r := range found {
		severity := p.rule.Severity
		if r.Domain != "" {
			severity = inDomain
		}
		out = append(out, p.wideDefect(r, severity))
	}
	return out, nil
}

// wideDefect makes wide access a defect.
func (p *Pass) wideDefect(r access.Reach, severity finding.Severity) defect {
	d := defect{
		facet: r.Pattern, severity: severity, certainty: r.Certainty, witness: []access.Request{r.Witness},
		message: fmt.Sprintf("allows %s on every %s", some(r.Actions, 4), join(typesOf(r.Actions))) + span(r), document: r.By[0].Policy.Document,
	}
	d.narrowing = finding.Plain
	if r.Narrowed {
		d.severity, d.narrowing = p.lower(d.severity), finding.Narrowed
	}
	d.message += narrowly(r)
	for _, e := range r.By {
		d.by = append(d.by, mark{e, saysWide(e)})
	}
	d.offer = func(f *finding.Finding, q *access.Policy) { p.scopeToKnown(f, q, r.By) }
	return d
}

// saysWide tells of one element what it allows, of NotAction what it lets through.
func saysWide(e access.Element) string {
	if isNot(e.Statement.Actions) {
		return "allows all but these, so " + some(e.Actions, 3)
	}
	return "allows " + some(e.Actions, 3)
}

// narrowly says that access is had under conditions alone.
func narrowly(r access.Reach) string {
	if r.Narrowed {
		return ", under a condition"
	}
	return ""
}

// span says where wide access holds.
func span(r access.Reach) string {
	switch {
	case r.Pattern == "*":
		return fmt.Sprintf(" in every domain but some, for instance in domain %s", r.Domain)
	case r.Domain != "":
		return " in domain " + r.Pattern
	}
	return places(r)
}

// typesOf names the types of resource that actions act on.
func typesOf(actions codeartifact.ActionSet) []string {
	var out []string
	for _, t := range codeartifact.ResourceTypes() {
		for a := range actions.All() {
			if info := a.Info(); slices.Contains(info.Types, t) || len(info.Types) == 0 && slices.Contains(info.UserGuideTypes, t) {
				out = append(out, kindNames[t])
				break
			}
		}
	}
	return out
}

var kindNames = map[codeartifact.ResourceType]string{
	codeartifact.Domain: "domain", codeartifact.Repository: "repository",
	codeartifact.Package: "package", codeartifact.PackageGroup: "package group",
}
