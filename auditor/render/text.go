package render

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// How much of a long list a person reads; the rest is counted.
const (
	shownGrants   = 6
	shownRequests = 6
	shownNames    = 3
)

// text writes a report for a terminal.
type text struct {
	out *bytes.Buffer
	style
	names
}

func writeText(out *bytes.Buffer, r *auditor.Report, o Options) {
	t := text{out, style{o.Color}, namesOf(r)}
	for _, e := range fold(r.Findings) {
		t.entry(e)
	}
	if o.Quiet {
		t.gaps(r)
		return
	}
	t.summary(r, o.Notes)
}

// entry writes what, why, proof and remedy of one finding, and an empty line.
func (t text) entry(e entry) {
	t.headline(e)
	t.line("")
	t.grants(e)
	t.line("")
	t.witness(e.Witness)
	if len(e.also) > 0 {
		t.list("also", e.also)
	}
	if len(e.Affected) > 0 && !(len(e.Affected) == 1 && e.Affected[0] == e.Subject.ID) {
		t.list("affects", e.Affected)
	}
	if len(e.Absorbed) > 0 {
		t.labelled("absorbs", Visible(strings.Join(e.Absorbed, ", ")))
	}
	t.fixes(e.Fixes, e.Grants)
	t.labelled("more", Visible("caudit explain "+e.Rule))
	t.line("")
}

func (t text) headline(e entry) {
	subject := t.short(e.Subject.ID)
	if n := len(e.also); n > 0 {
		subject += fmt.Sprintf(" and %d more", n)
	}
	t.line(fmt.Sprintf("%s: %s: %s %s", t.paint(bold, subject), t.severity(e.Severity, e.Severity.String()), told(e.Finding), t.paint(dim, "["+Visible(e.Rule)+"]")))
}

func (t text) line(s string) { t.out.WriteString(inert(s) + "\n") }

// labelled writes "  label:   first" and the further lines under it.
func (t text) labelled(label string, lines ...string) {
	for i, l := range lines {
		if i == 0 {
			t.line("  " + t.paint(bold, label+":") + strings.Repeat(" ", max(1, 8-len(label))) + l)
		} else {
			t.line("           " + l)
		}
	}
}

// list writes a few names, one a line, and how many more there are.
func (t text) list(label string, ids []string) {
	var lines []string
	for _, id := range ids[:min(len(ids), shownNames)] {
		lines = append(lines, t.short(id))
	}
	if more := len(ids) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	t.labelled(label, lines...)
}
