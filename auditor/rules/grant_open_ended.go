package rules

import (
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// openEnded asks whether a statement in effect allows more than it names: by a
// wildcard, by NotAction, by NotResource. Such a grant grows without anybody
// changing it, with each action that AWS adds. Patterns that reach only what AWS
// classes as Read or List are left alone: their names promise what will be added.
var openEnded = Rule{
	ID:       "grant/open-ended",
	Title:    "statement allows more changes as AWS adds actions",
	Severity: finding.Medium,
	Sources: []string{
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
		"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html",
	},
	Check: func(p *Pass) { p.eachDefect(p.openEndedDefects) },
}

func (p *Pass) openEndedDefects(profile, _ *access.Profile) ([]defect, error) {
	open, err := profile.OpenEnded()
	if open == nil || err != nil {
		return nil, err
	}
	d := defect{
		severity: p.rule.Severity, certainty: open.Certainty, witness: []access.Request{open.Witness},
		message: openEndedMessage(open), document: open.By[0].Policy.Document,
		offer: func(f *finding.Finding, q *access.Policy) {
			p.expandWildcards(f, q, open.By)
			p.scopeToKnown(f, q, open.By)
		},
	}
	if open.Narrowed {
		d.severity = d.severity.Lower(1, finding.Low)
	}
	for _, e := range open.By {
		d.by = append(d.by, mark{e, saysOpen(e)})
	}
	return []defect{d}, nil
}

func openEndedMessage(open *access.OpenEnded) string {
	wildcard, notAction, notResource := false, false, false
	for _, e := range open.By {
		not := isNot(e.Statement.Actions)
		notAction = notAction || not
		notResource = notResource || isNot(e.Statement.Resources)
		wildcard = wildcard || !not && codeartifact.HasWildcard(textOf(e))
	}
	what := "actions that AWS may add, by %s: today %s"
	if !wildcard && !notAction {
		what = "changes to whatever resource comes to be, by %s: %s"
	}
	var ways []string
	for _, w := range []struct {
		is   bool
		word string
	}{{wildcard, "a wildcard"}, {notAction, "NotAction"}, {notResource, "NotResource"}} {
		if w.is {
			ways = append(ways, w.word)
		}
	}
	message := "allows " + fmt.Sprintf(what, join(ways), some(open.Actions, 3))
	if open.Narrowed {
		message += ", under a condition"
	}
	return message
}

// saysOpen tells of one element what makes it open-ended.
func saysOpen(e access.Element) string {
	n := e.Actions.Len()
	actions := fmt.Sprintf("%d actions that change something", n)
	if n == 1 {
		actions = "1 action that changes something"
	}
	switch {
	case isNot(e.Statement.Actions):
		return "allows all but these: today " + actions
	case codeartifact.HasWildcard(textOf(e)):
		return "today stands for " + actions
	}
	return "on every resource but those that NotResource lists"
}

// isNot reports whether an element is NotAction or NotResource.
func isNot(c policy.Clause) bool {
	_, not := c.(policy.AllBut)
	return not
}

// textOf returns what an element of an Action list says.
func textOf(e access.Element) string {
	values := policy.Values(e.Statement.Actions)
	i := slices.IndexFunc(values, func(v policy.Value) bool { return v.Place == e.Place })
	if i < 0 {
		return ""
	}
	return values[i].Text
}

// expandWildcards writes the actions out that wildcards stand for today, where
// they reach CodeArtifact alone; what they stand for in vain, on resources that the
// actions do not act on, is left out. The same is allowed as before.
func (p *Pass) expandWildcards(f *finding.Finding, q *access.Policy, by []access.Element) {
	var edits []policy.Edit
	var done []*policy.Statement
	for _, e := range by {
		if slices.Contains(done, e.Statement) {
			continue
		}
		done = append(done, e.Statement)
		only, ok := e.Statement.Actions.(policy.Only)
		if !ok || isNot(e.Statement.Resources) {
			return
		}
		var written []string
		for _, v := range only {
			names := []string{v.Text}
			if codeartifact.MatchActions(v.Text).Meets(codeartifact.ChangingActions()) && codeartifact.HasWildcard(v.Text) {
				acting, err := q.Acting(e.Statement, codeartifact.MatchActions(v.Text))
				if names = codeartifact.ExpandPattern(v.Text); names == nil || err != nil {
					return
				}
				names = slices.DeleteFunc(names, func(name string) bool {
					a, _ := codeartifact.LookupAction(name)
					return !acting.Has(a)
				})
			}
			written = append(written, slices.DeleteFunc(names, func(name string) bool { return slices.Contains(written, name) })...)
		}
		var value any = written
		if len(written) == 1 {
			value = written[0]
		}
		edits = append(edits, policy.Edit{Op: "replace", Pointer: statementPointer(e) + "/Action", Value: value})
	}
	p.offer(f, q, remedy{id: "expand-wildcard", title: "name the actions that the wildcard stands for today", safe: true, edits: edits})
}
