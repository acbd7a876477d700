package render

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// annotationsShown is how many annotations of each level GitHub shows of one step.
//
// Source: https://docs.github.com/en/actions/reference/limits
const annotationsShown = 10

// writeGitHub writes annotations as workflow commands, the gravest findings
// first, and what GitHub would not show as plain lines of the log, so that every
// finding and every gap is there.
//
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func writeGitHub(out *bytes.Buffer, r *auditor.Report) {
	g := annotations{out: out, left: map[string]int{"error": annotationsShown, "warning": annotationsShown, "notice": annotationsShown}}
	// What was not judged must be seen, whatever else there is.
	if len(r.Gaps) > 0 {
		g.gaps(r.Gaps)
	}
	n := namesOf(r)
	for _, f := range r.Findings {
		g.finding(f, n)
	}
	for _, s := range r.Suppressed {
		g.plain("excepted: " + lineOfFinding(s.Finding, n))
	}
	if g.further > 0 {
		g.plain(fmt.Sprintf("%s above stand in this log alone: GitHub shows %d annotations of a level", count(g.further, "finding"), annotationsShown))
	}
	t := text{out: out, names: n}
	g.plain(t.verdict(r, nil))
}

// annotations are those of one step.
type annotations struct {
	out     *bytes.Buffer
	left    map[string]int // how many more of a level GitHub shows
	further int            // findings written as lines
}

// level returns GitHub's level for a severity.
func level(s finding.Severity) string {
	switch {
	case s >= finding.High:
		return "error"
	case s == finding.Medium:
		return "warning"
	}
	return "notice"
}

func (a *annotations) finding(f finding.Finding, n names) {
	at := level(f.Severity)
	if a.left[at] == 0 {
		a.further++
		a.plain(lineOfFinding(f, n))
		return
	}
	a.left[at]--
	var properties []string
	if g, ok := inFile(f); ok {
		properties = append(properties, "file="+property(g.Path))
		if g.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d,endLine=%d,col=%d,endColumn=%d", g.Line, g.EndLine, g.Column, max(g.Column, g.EndColumn-1)))
		}
	}
	properties = append(properties, "title="+property(fmt.Sprintf("%v: %s", f.Severity, f.Rule)))
	a.command(at, properties, fmt.Sprintf("%s: %s\nmore: %s", n.short(f.Subject.ID), told(f), Visible(f.Help)))
}

// inFile returns the first grant that stands in a file that somebody can open at
// its line: a policy document of its own.
func inFile(f finding.Finding) (finding.Grant, bool) {
	for _, g := range f.Grants {
		if g.Path != "" && g.Path != "-" && g.Policy.ID == g.Path {
			return g, true
		}
	}
	return finding.Grant{}, false
}

// gaps writes one warning for all that was not judged, and each as a line.
func (a *annotations) gaps(gaps []inventory.Gap) {
	a.left["warning"]--
	a.command("warning", []string{"title=" + property(gapRule)},
		fmt.Sprintf("%s: what was not judged is not clean; the first is %s: %s", count(len(gaps), "gap"), gapPlace(gaps[0]), Visible(gaps[0].Reason)))
	for _, g := range gaps {
		a.plain(fmt.Sprintf("%s: gap: %s [%s]", gapPlace(g), Visible(g.Reason), gapRule))
	}
}

func (a *annotations) command(level string, properties []string, message string) {
	fmt.Fprintf(a.out, "::%s %s::%s\n", level, strings.Join(properties, ","), commandData.Replace(message))
}

// plain writes a line that GitHub does not take for a command, however it begins.
func (a *annotations) plain(line string) { a.out.WriteString("- " + line + "\n") }

var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func property(value string) string { return commandProperty.Replace(Visible(value)) }
