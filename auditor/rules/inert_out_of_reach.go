package rules

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// outOfReach asks of each element of a domain's or repository's policy whether that
// policy is asked about it at all. AWS asks the policy of a domain about the domain
// and everything in it, the policy of a repository about the repository and its
// packages, and neither about the account, about other services or about itself.
var outOfReach = Rule{
	ID:       "inert/out-of-reach",
	Title:    "element that this resource's policy never decides",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
	},
	Yields: []string{"token/*", "exposure/*", "inert/impossible-arn"},
	Check:  checkOutOfReach,
}

func checkOutOfReach(p *Pass) {
	for _, q := range p.World.Policies {
		beyond, err := p.World.OutOfReach(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		var list []inert
		for _, o := range beyond {
			why := whyBeyond(o, q)
			i := inert{
				mark: mark{o.By, why}, severity: p.rule.Severity, intended: o.Intended,
				message: quoted(o.Text) + " " + why + ", so it " + voids(o.Effect, false) + " here",
			}
			if o.Intended.Action == codeartifact.NoAction {
				i.action = strings.NewReplacer("*", "", "?", "").Replace(o.Text)
			}
			list = append(list, i)
		}
		p.reportInert(q, list, func(f *finding.Finding, same []inert) { p.removeElements(f, q, same) })
	}
}

// whyBeyond says why a policy does not decide an element.
func whyBeyond(o access.OutOfReach, q *access.Policy) string {
	switch o.Beyond {
	case access.OtherService:
		return "is an action of another service"
	case access.AboutAccount:
		return "is about the caller's account, of which no policy of a resource is asked"
	case access.AboutItself:
		return "would change the very policy that is then not asked"
	case access.AboutNothingYet:
		return "is about a domain that is not there yet, of which no policy can be asked"
	case access.OtherResource:
		if q.Name == "" || q.Account == "" {
			return "is outside of every " + q.Kind.String()
		}
		return "is outside of " + q.Kind.String() + " " + q.Name
	}
	return "is decided by the policy of the domain"
}

// removeElements takes elements out that do nothing where they stand: statements
// that have no other.
func (p *Pass) removeElements(f *finding.Finding, q *access.Policy, same []inert) {
	r := remedy{id: "remove-element", title: "remove it here, where it does nothing", safe: true}
	document := q.Document.Parsed
	var whole []*policy.Statement
	for _, i := range slices.Backward(same) { // from the end, so that pointers stay right
		list := policy.Values(i.Statement.Actions)
		if !slices.ContainsFunc(list, func(v policy.Value) bool { return v.Place == i.Place }) {
			list = policy.Values(i.Statement.Resources)
		}
		switch {
		case len(list) > 1:
			r.edits = append(r.edits, policy.Edit{Op: "remove", Pointer: document.Pointer(i.Place)})
		case len(document.Statements) == len(whole)+1:
			return // a policy needs a statement: what is left is to delete it
		default:
			whole = append(whole, i.Statement)
			r.edits = append(r.edits, policy.Edit{Op: "remove", Pointer: statementPointer(i.Element)})
		}
	}
	p.offer(f, q, r)
}
