package rules

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// fullAccess asks whether an identity may do everything that matters in
// CodeArtifact, however its policies are written: codeartifact:*, a list of all
// actions, NotAction, statements or policies that add up. So it never looks for
// a star; it asks whether what the identity may do covers full access in some
// account and Region, or for everything in one domain.
var fullAccess = Rule{
	ID:       "grant/full-access",
	Title:    "identity has full access to CodeArtifact",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html",
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
	},
	Absorbs:  absorbedByFullAccess,
	AWSOwned: true,
	Check: func(p *Pass) {
		p.eachDefect(func(profile, _ *access.Profile) ([]defect, error) {
			return fullAccessDefects(p, profile, false)
		})
	},
}

// absorbedByFullAccess is what full access says already.
var absorbedByFullAccess = []string{
	"grant/*", "token/any-domain", "token/any-service", "escalation/*", "supply-chain/open-upstream", "supply-chain/relax-origin",
}

// fullAccessDefects returns the full access that a profile gives: that by way
// of all services' actions, or the other.
func fullAccessDefects(p *Pass, profile *access.Profile, allServices bool) ([]defect, error) {
	found, err := profile.Full()
	if err != nil {
		return nil, err
	}
	var out []defect
	for _, f := range found {
		if f.AllServices != allServices {
			continue
		}
		d := defect{facet: f.Pattern, severity: p.rule.Severity, certainty: f.Certainty, witness: []access.Request{f.Witness}}
		if f.Domain != "" {
			d.severity = finding.Medium
		}
		d.narrowing = finding.Plain
		if f.Narrowed {
			d.narrowing = finding.Narrowed
			d.severity = p.lower(d.severity)
		}
		d.message = fullAccessMessage(f)
		for _, e := range f.By {
			d.by = append(d.by, mark{e, saysActions(e, f.Actions)})
		}
		d.document = f.By[0].Policy.Document
		if !allServices { // else another team's, to be detached
			d.offer = func(found *finding.Finding, q *access.Policy) { p.narrow(found, q, f.By) }
		}
		out = append(out, d)
	}
	return out, nil
}

func fullAccessMessage(f access.Full) string {
	all := codeartifact.CodeArtifactActions()
	message := fmt.Sprintf("allows full access to CodeArtifact: %d of %d actions", f.Granted.Len(), all.Len())
	if missing := all.Minus(f.Granted); !missing.IsEmpty() {
		message += " (not " + some(missing, 3) + ")"
	}
	switch {
	case f.Pattern == "*":
		message += fmt.Sprintf(" on everything in every domain but some, for instance in domain %s", f.Domain)
	case f.Domain != "":
		message += " on everything in domain " + f.Pattern
	default:
		message += " on every domain, repository and package" + places(f.Reach)
	}
	if f.Narrowed {
		message += ", under a condition"
	}
	return message
}

// places says where full access holds when it does not hold everywhere.
func places(f access.Reach) string {
	if len(f.LeftOut) > 0 {
		return ", but for " + join(f.LeftOut)
	}
	at := ""
	if f.OneAccount {
		at += " of account " + f.Account
	}
	if f.OneRegion {
		at += " in " + f.Region
	}
	return at
}

// saysActions puts a set of actions into the words of a caret line.
func saysActions(e access.Element, measure codeartifact.ActionSet) string {
	set, says := e.Actions, "allows "
	if isNot(e.Statement.Actions) {
		says = "allows all but these, so "
	}
	if set.Len() <= 2 {
		return says + names(set)
	}
	return fmt.Sprintf("%s%d of the %d actions that make full access", says, set.Len(), measure.Len())
}

// some names up to n actions of a set, and says how many more there are.
func some(set codeartifact.ActionSet, n int) string {
	var first codeartifact.ActionSet
	for a := range set.All() {
		if first.Len() < n {
			first = first.Add(a)
		}
	}
	if more := set.Len() - first.Len(); more > 0 {
		return fmt.Sprintf("%s and %d more", names(first), more)
	}
	return names(first)
}

// names lists actions without their service.
func names(set codeartifact.ActionSet) string {
	var list []string
	for a := range set.All() {
		list = append(list, a.Info().Name)
	}
	return strings.Join(list, ", ")
}
