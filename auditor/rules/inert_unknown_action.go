package rules

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// unknownAction asks of each action element that seems to mean CodeArtifact or the
// bearer token whether it matches any action that AWS has. A misspelt name is
// accepted when the policy is stored and decides nothing: a permission that callers
// go without, or a guardrail that is none.
var unknownAction = Rule{
	ID:       "inert/unknown-action",
	Title:    "action that AWS does not have",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
	},
	Yields: []string{"token/*", "exposure/*"},
	Check:  checkUnknownAction,
}

func checkUnknownAction(p *Pass) {
	for _, q := range p.World.Policies {
		if mute(q) {
			continue
		}
		unknown, err := p.World.UnknownActions(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		nearest := map[string]access.UnknownAction{}
		var list []inert
		for _, u := range unknown {
			i := inert{
				mark: mark{u.By, voids(u.Effect, u.Not)}, severity: finding.Low, message: unknownMessage(u),
				intended: u.Intended,
			}
			if u.Slip {
				i.severity = p.rule.Severity
			}
			if u.Refused {
				i.says = "is refused by IAM"
			}
			if u.Meant.IsEmpty() {
				i.action = strings.NewReplacer("*", "", "?", "").Replace(u.Text)
			}
			list = append(list, i)
			nearest[i.Canonical()] = u
		}
		p.reportInert(q, list, func(f *finding.Finding, same []inert) { p.nameKnown(f, q, nearest[f.Facet], same) })
	}
}

// unknownMessage says what is wrong with an element, and what was probably meant.
func unknownMessage(u access.UnknownAction) string {
	message := quoted(u.Text)
	switch {
	case u.Refused:
		return message + " has a wildcard in place of the service, which IAM refuses: " + u.Nearest + " names CodeArtifact's"
	case u.Service:
		message += " names no service"
	case u.Slip:
		message += " names no action"
	default:
		message += " names no action that was known on " + codeartifact.DataDate()
	}
	message += ", so it " + voids(u.Effect, u.Not)
	switch {
	case u.Slip:
		message += ": " + u.Nearest + " was probably meant"
	case u.Nearest != "":
		message += ": the nearest is " + u.Nearest
	}
	return message
}

// nameKnown puts the name that was probably meant in place of the unknown one.
// What never worked then does, so it is not applied without being chosen.
func (p *Pass) nameKnown(f *finding.Finding, q *access.Policy, u access.UnknownAction, same []inert) {
	if !u.Slip {
		return
	}
	r := remedy{id: "name-action", title: fmt.Sprintf("write %s; the statement then works", u.Nearest), grants: u.Meant}
	for _, i := range same {
		r.edits = append(r.edits, policy.Edit{Op: "replace", Pointer: q.Document.Parsed.Pointer(i.Place), Value: u.Nearest})
	}
	p.offer(f, q, r)
}
