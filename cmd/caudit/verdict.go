package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

// narrow returns the report without what was not asked for: findings of other
// rules and those that the baseline knows. The notes say what was left out.
func narrow(r *auditor.Report, s settings) (*auditor.Report, []string) {
	kept, notes := *r, []string(nil)
	others := len(r.Findings) + len(r.Suppressed)
	kept.Findings = only(r.Findings, func(f finding.Finding) bool { return s.selected(f.Rule) })
	kept.Suppressed = only(r.Suppressed, func(f auditor.Suppressed) bool { return s.selected(f.Rule) })
	others -= len(kept.Findings) + len(kept.Suppressed)
	notes = note(notes, others, "of rules that were not asked for")

	fresh := only(kept.Findings, func(f finding.Finding) bool { return s.known[f.ID] < f.Severity })
	notes = note(notes, len(kept.Findings)-len(fresh), "that the baseline knows")
	kept.Findings = fresh
	return &kept, notes
}

// verdict returns the exit status of an audit; wrong says that a named input
// could not be read.
func verdict(r *auditor.Report, s settings, wrong bool) int {
	failing := func(f finding.Finding) bool { return s.failOn != 0 && f.Severity >= s.failOn }
	switch {
	case wrong:
		return statusWrong
	case slices.ContainsFunc(r.Findings, failing):
		return statusFound
	case len(r.Gaps) > 0, r.Coverage.Empty() && !s.allowEmpty:
		return statusIncomplete
	}
	return statusOK
}

// show writes the part of the report that --severity leaves.
func (p *program) show(r *auditor.Report, notes []string, s settings) error {
	printed := *r
	printed.Findings = only(r.Findings, func(f finding.Finding) bool { return f.Severity >= s.floor })
	notes = note(notes, len(r.Findings)-len(printed.Findings), fmt.Sprintf("below %v", s.floor))
	var out bytes.Buffer
	o := render.Options{Color: s.color, Notes: notes, Quiet: s.quiet}
	if s.format == render.SARIF {
		o.Find = anchored(&printed)
	}
	if err := render.Write(&out, s.format, &printed, o); err != nil {
		return nowhere(err)
	}
	return p.write(s.output, out.Bytes())
}

func only[T any](items []T, keep func(T) bool) []T {
	kept := []T{}
	for _, item := range items {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

func note(notes []string, n int, which string) []string {
	switch n {
	case 0:
		return notes
	case 1:
		return append(notes, "1 finding "+which)
	}
	return append(notes, fmt.Sprintf("%d findings %s", n, which))
}
