package access

import (
	"fmt"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Gaps returns what in statements on our actions cannot be judged: an operator
// that IAM does not have, a Resource element that is missing. What such
// statements do is only bounded, so whoever reads the result has to know.
func (x *Access) Gaps() []inventory.Gap {
	var gaps []inventory.Gap
	seen := map[*inventory.Document]bool{}
	for _, w := range x.Worlds {
		for _, q := range w.Policies {
			if seen[q.Document] {
				continue
			}
			seen[q.Document] = true
			gaps = append(gaps, unread(q.Policy)...)
		}
	}
	return gaps
}

func unread(q inventory.Policy) []inventory.Gap {
	var gaps []inventory.Gap
	document := q.Document.Parsed
	for i := range document.Statements {
		s := &document.Statements[i]
		if _, possible := namedActions(s.Actions); possible.IsEmpty() {
			continue
		}
		if s.Resources == nil && !resourceImplied(q.Kind) {
			at := document.Position(s.Start)
			gaps = append(gaps, inventory.Gap{
				Where: q.Where(), Line: at.Line, Column: at.Column,
				Reason: `statement without Resource: the statement may hold or not (expected "Resource" or "NotResource")`,
			})
		}
		for _, c := range s.Conditions {
			if c.Operator.Base != policy.UnknownOperator {
				continue
			}
			at := document.Position(c.Start)
			gaps = append(gaps, inventory.Gap{
				Where: q.Where(), Line: at.Line, Column: at.Column,
				Reason: fmt.Sprintf("unknown condition operator %q: the statement may hold or not", c.Operator.Text),
			})
		}
	}
	return gaps
}
