package main

import (
	"cmp"
	"maps"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// together joins the reports of one invocation, in order: of the documents in
// the events, of the sweeps that followed. What several say of one finding, the
// last one says; the denominators add up.
func together(reports []*auditor.Report) *auditor.Report {
	all := *reports[0]
	all.Inputs, all.Gaps, all.Coverage = nil, nil, auditor.Coverage{}
	findings, suppressed := map[string]finding.Finding{}, map[string]auditor.Suppressed{}
	for _, r := range reports {
		for _, f := range r.Findings {
			delete(suppressed, f.ID)
			findings[f.ID] = f
		}
		for _, f := range r.Suppressed {
			delete(findings, f.ID)
			suppressed[f.ID] = f
		}
		all.Inputs = distinct(all.Inputs, r.Inputs)
		all.Gaps = distinct(all.Gaps, r.Gaps)
		all.Coverage = plus(all.Coverage, r.Coverage)
		all.Exceptions = r.Exceptions
	}
	all.Findings = slices.SortedFunc(maps.Values(findings), inOrder)
	all.Suppressed = slices.SortedFunc(maps.Values(suppressed), func(a, b auditor.Suppressed) int { return inOrder(a.Finding, b.Finding) })
	return &all
}

// inOrder is the contract's order: severity, rule, subject, id.
func inOrder(a, b finding.Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject.ID, b.Subject.ID), cmp.Compare(a.ID, b.ID))
}

func plus(a, b auditor.Coverage) auditor.Coverage {
	return auditor.Coverage{
		Accounts: max(a.Accounts, b.Accounts), Principals: a.Principals + b.Principals, Policies: a.Policies + b.Policies,
		Statements: a.Statements + b.Statements, Domains: a.Domains + b.Domains, Repositories: a.Repositories + b.Repositories,
		Foreign: a.Foreign + b.Foreign, NotEvaluated: a.NotEvaluated + b.NotEvaluated,
		Scopes: distinct(a.Scopes, b.Scopes), Assumptions: distinct(a.Assumptions, b.Assumptions),
	}
}

// distinct appends those of b that a lacks.
func distinct[T inventory.Input | inventory.Gap | inventory.Scope | string](a, b []T) []T {
	for _, item := range b {
		if !slices.Contains(a, item) {
			a = append(a, item)
		}
	}
	return a
}
