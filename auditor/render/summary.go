package render

import (
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// summary writes the verdict with its denominators: counts, gaps, what was left
// out, what was looked at, what was assumed.
func (t text) summary(r *auditor.Report, notes []string) {
	t.line(t.verdict(r, notes))
	t.gaps(r)
	for _, s := range r.Suppressed {
		t.line(fmt.Sprintf("excepted: %s: %s: %s [%s] (until %s, %s: %s)", t.short(s.Subject.ID), s.Severity, Visible(s.Message), Visible(s.Rule),
			Visible(s.Exception.Expires), Visible(s.Exception.Owner), Visible(s.Exception.Reason)))
	}
	t.each("exception expired, it no longer holds", r.Exceptions.Expired)
	t.each("exception about to expire", r.Exceptions.Expiring)
	t.each("exception unused", r.Exceptions.Unused)
	t.each("not shown", notes)
	if !r.Coverage.Empty() {
		t.line("looked at: " + looked(r.Coverage))
	}
	for _, s := range r.Coverage.Scopes {
		if s.State != "complete" {
			t.line(Visible(joinWords(s.State+":", s.Source, s.Account, s.Region, parenthesis(s.Reason))))
		}
	}
	t.each("assumed", r.Coverage.Assumptions)
}

func (t text) gaps(r *auditor.Report) {
	for _, g := range r.Gaps {
		t.line(t.paint(yellow, "gap:") + " " + gapPlace(g) + ": " + Visible(g.Reason))
	}
}

func (t text) each(label string, lines []string) {
	for _, l := range lines {
		t.line(label + ": " + Visible(l))
	}
}

// verdict never says clean unless everything that was asked was seen.
func (t text) verdict(r *auditor.Report, notes []string) string {
	parts := []string{}
	if n := len(r.Findings); n > 0 {
		parts = append(parts, fmt.Sprintf("%s (%s)", count(n, "finding"), bySeverity(r.Findings)))
	}
	if n := len(r.Suppressed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d excepted", n))
	}
	if n := len(r.Gaps); n > 0 {
		parts = append(parts, count(n, "gap"))
	}
	switch {
	case len(r.Findings) > 0:
		return t.paint(bold, strings.Join(parts, ", "))
	case r.Coverage.Empty() && len(parts) == 0:
		return t.paint(bold, "nothing to look at")
	case len(parts) > 0 || len(notes) > 0 || r.Coverage.NotEvaluated > 0 || onlyForeign(r.Coverage):
		return t.paint(bold, strings.Join(append([]string{"no finding"}, parts...), ", "))
	}
	return t.paint(green, cleanVerdict)
}

// cleanVerdict is said where everything that was asked was seen and is right.
const cleanVerdict = "clean: no finding"

// onlyForeign reports whether all that was looked at belongs to other services:
// nothing was found, and nothing that matters here was there to be clean.
func onlyForeign(c auditor.Coverage) bool {
	c.Foreign = 0
	return c.Empty()
}

func bySeverity(findings []finding.Finding) string {
	var counts [finding.Critical + 1]int
	for _, f := range findings {
		counts[min(f.Severity, finding.Critical)]++
	}
	var parts []string
	for s := finding.Critical; s >= finding.Info; s-- {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", counts[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

// looked lists the denominators that are not zero, always with the policies.
func looked(c auditor.Coverage) string {
	var parts []string
	for _, d := range []struct {
		n   int
		one string
	}{{c.Accounts, "account"}, {c.Principals, "principal"}, {c.Policies, "policy"}, {c.Statements, "statement"}, {c.Domains, "domain"}, {c.Repositories, "repository"}} {
		if d.n > 0 || d.one == "policy" {
			parts = append(parts, count(d.n, d.one))
		}
	}
	if c.Foreign > 0 {
		parts = append(parts, fmt.Sprintf("%d of other services", c.Foreign))
	}
	if c.NotEvaluated > 0 {
		parts = append(parts, fmt.Sprintf("%d not evaluated", c.NotEvaluated))
	}
	return strings.Join(parts, ", ")
}

// count returns the number with its noun: 1 policy, 2 policies.
func count(n int, one string) string {
	stem, y := strings.CutSuffix(one, "y")
	switch {
	case n == 1:
		return "1 " + one
	case y:
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func gapPlace(g inventory.Gap) string {
	if g.Line == 0 {
		return Visible(g.Where)
	}
	return fmt.Sprintf("%s:%d:%d", Visible(g.Where), g.Line, g.Column)
}

func joinWords(words ...string) string {
	var kept []string
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}
