package rules

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// aboutElement begins a finding about elements of a policy that are inert by
// themselves, whoever has it.
func (p *Pass) aboutElement(q *access.Policy, facet string, c access.Certainty, message string) finding.Finding {
	f := finding.Finding{
		Subject: policySubject(q), Group: p.group(q.Document), Facet: facet, Message: prefixed(q, message),
		Severity: p.rule.Severity, Confidence: confidence(c, false),
	}
	p.concerns(&f, q)
	return f
}

// facet is the canonical form of elements that are inert together.
func facet(elements ...access.Element) string {
	var forms []string
	for _, e := range elements {
		forms = append(forms, e.Canonical())
	}
	slices.Sort(forms)
	return strings.Join(forms, " and ")
}

// byFacet groups what was found of one element, which several statements may
// have; in order of their first.
func byFacet[T any](list []T, facet func(T) string) [][]T {
	var out [][]T
	at := map[string]int{}
	for _, x := range list {
		key := facet(x)
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], x)
	}
	return out
}

// mostCertain is the certainty of the surest of what was found.
func mostCertain[T any](list []T, certainty func(T) access.Certainty) access.Certainty {
	most := access.Possible
	for _, x := range list {
		most = max(most, certainty(x))
	}
	return most
}

// removeStatements offers to take out the statements that elements stand in. A
// policy needs a statement, so the last one stays.
func (p *Pass) removeStatements(f *finding.Finding, q *access.Policy, elements []access.Element, r remedy) {
	parsed := q.Document.Parsed
	if len(elements) >= len(parsed.Statements)+len(q.Document.Lost()) {
		return
	}
	for _, e := range slices.Backward(elements) { // from the end, so that pointers stay right
		r.edits = append(r.edits, policy.Edit{Op: "remove", Pointer: statementPointer(e)})
	}
	p.offer(f, q, r)
}

// removeConditions offers to take conditions out, with the operators and the
// Condition elements that this empties.
func (p *Pass) removeConditions(f *finding.Finding, q *access.Policy, elements []access.Element, r remedy) {
	for _, e := range elements {
		at := statementPointer(e)
		i := slices.IndexFunc(e.Statement.Conditions, func(c policy.Condition) bool { return c.Place == e.Place })
		c := e.Statement.Conditions[i]
		pointer := e.Policy.Document.Parsed.Pointer(c.Place)
		switch {
		case len(e.Statement.Conditions) == 1:
			pointer = at + "/Condition"
		case !slices.ContainsFunc(e.Statement.Conditions, func(other policy.Condition) bool {
			return other.Place != c.Place && other.Operator.Text == c.Operator.Text
		}):
			pointer = at + "/Condition/" + c.Operator.Text
		}
		r.edits = append(r.edits, policy.Edit{Op: "remove", Pointer: pointer})
	}
	p.offer(f, q, r)
}
