package render

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules/docs"
)

// Region is a part of a file. Lines and columns count from 1, columns in UTF-16
// code units; the end column is the one behind the last unit. A column of 0 is not
// known, a line of 0 says that the whole file is meant.
type Region struct {
	Path                             string
	Line, Column, EndLine, EndColumn int
}

// NowhereError says that a finding stands in no file. SARIF is about files: what a
// live account is audited from is none.
type NowhereError struct{ Rule, Subject string }

// Error names the finding.
func (e *NowhereError) Error() string {
	return fmt.Sprintf("finding %s about %s stands in no file (expected findings in files)", e.Rule, e.Subject)
}

// sarifResults is how many results of a run GitHub takes.
//
// Source: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning#validating-your-sarif-file
const sarifResults = 25_000

// writeSARIF writes a log of SARIF 2.1.0 with one run. It reports a *NowhereError
// for a finding without a place in a file.
//
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func writeSARIF(out *bytes.Buffer, r *auditor.Report, o Options) error {
	s := sarifWriter{options: o, index: map[string]int{}}
	run := &s.run
	run.Tool.Driver = sarifDriver{
		Name: "CodeArtifact Auditor", Version: r.Tool.Version, InformationURI: "https://github.com/codeartifact-auditor/codeartifact-auditor",
		Rules: []sarifRule{}, Notifications: []sarifRule{{
			ID: gapRule, ShortDescription: &sarifText{"something could not be judged"},
			FullDescription: &sarifText{"What was asked to be judged and could not be: the result is incomplete."},
		}},
		Properties: map[string]any{"data": r.Tool.Data},
	}
	run.ColumnKind = "utf16CodeUnits"
	run.Bases = map[string]sarifBase{"%SRCROOT%": {sarifText{"the folder that the command ran in"}}}
	run.Results = []sarifResult{}

	total := len(r.Findings) + len(r.Suppressed)
	for _, f := range r.Findings {
		if err := s.result(f, nil); err != nil {
			return err
		}
	}
	for _, x := range r.Suppressed {
		if err := s.result(x.Finding, &x.Exception); err != nil {
			return err
		}
	}
	s.invocation(r, total-len(run.Results))
	return writeValue(out, sarifLog{
		Schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{*run},
	})
}

// sarifWriter fills one run.
type sarifWriter struct {
	options Options
	run     sarifRun
	index   map[string]int // of rules, by id
}

func (s *sarifWriter) result(f finding.Finding, e *auditor.Exception) error {
	if len(s.run.Results) == sarifResults {
		return nil
	}
	result := sarifResult{
		RuleID: f.Rule, RuleIndex: s.rule(f), Level: level(f.Severity), Kind: "fail",
		Message:             sarifText{unlinked(told(f) + " (" + Visible(f.Subject.ID) + ")")},
		PartialFingerprints: map[string]string{"caudit/id/v1": f.ID},
		Properties: map[string]any{
			"severity": f.Severity.String(), "confidence": f.Confidence.String(), "subject": f.Subject, "affected": list(f.Affected),
			"witness": findingWithoutNulls(f).Witness, "fixes": findingWithoutNulls(f).Fixes, "absorbed": list(f.Absorbed),
		},
	}
	if level(f.Severity) == "notice" {
		result.Level = "note"
	}
	if f.Group != "" {
		result.PartialFingerprints["caudit/group/v1"] = f.Group
	}
	for _, g := range f.Grants {
		location, ok := s.location(g)
		if !ok {
			continue
		}
		if len(result.Locations) == 0 {
			result.Locations = append(result.Locations, location)
		}
		location.ID = len(result.Related) + 1
		location.Message = &sarifText{unlinked(Visible(g.Says))}
		result.Related = append(result.Related, location)
	}
	if len(result.Related) == 1 && f.Grants[0].Says == "" {
		result.Related = nil
	}
	if len(result.Locations) == 0 {
		return &NowhereError{f.Rule, f.Subject.ID}
	}
	if e != nil {
		result.Suppressions = []sarifSuppression{{
			Kind: "external", Status: "accepted", Justification: Visible(fmt.Sprintf("%s (%s, until %s)", e.Reason, e.Owner, e.Expires)),
		}}
	}
	s.run.Results = append(s.run.Results, result)
	return nil
}

// location returns where a grant stands in a file, and what policy that is.
func (s *sarifWriter) location(g finding.Grant) (sarifLocation, bool) {
	file, region := g.Path, &sarifRegion{}
	if file != "" && file != "-" && g.Policy.ID == file { // a document of its own
		region = ownRegion(g)
	} else {
		if s.options.Find == nil {
			return sarifLocation{}, false
		}
		at, found := s.options.Find(g)
		if !found {
			return sarifLocation{}, false
		}
		file, region = at.Path, &sarifRegion{at.Line, at.Column, at.EndLine, at.EndColumn}
		if at.Line == 0 {
			region = nil
		}
	}
	return sarifLocation{
		Physical: sarifPhysical{Artifact: sarifArtifact{URI: uri(file), Base: base(file)}, Region: region},
		Logical:  []sarifLogical{{Name: Visible(g.Policy.Name), FullName: Visible(g.Policy.ID + g.Pointer), Kind: "resource"}},
	}, true
}

// ownRegion returns the region of a grant in the file that is its document. Columns
// are known where the text is at hand: the report counts them in characters.
func ownRegion(g finding.Grant) *sarifRegion {
	r := &sarifRegion{StartLine: max(1, g.Line), EndLine: max(1, g.EndLine)}
	first, ok := lineOf(g.Text, g.Line)
	last, also := lineOf(g.Text, g.EndLine)
	if g.Text != "" && ok && also {
		r.StartColumn, r.EndColumn = units(first, g.Column), units(last, g.EndColumn)
	}
	return r
}

// units returns the column in UTF-16 code units of a column in characters.
func units(line string, column int) int {
	n := 1
	for _, r := range line {
		if column <= 1 {
			break
		}
		column--
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// unlinked returns a message without embedded links, which viewers make of
// "[text](target)": a name could be one.
//
// Source: SARIF 2.1.0, 3.11.6, messages with embedded links
func unlinked(message string) string { return strings.ReplaceAll(message, "](", "] (") }

// uri returns a path as the reference of a URI.
func uri(file string) string {
	parts := strings.Split(path.Clean(strings.ReplaceAll(file, `\`, "/")), "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	whole := strings.Join(parts, "/")
	if strings.HasPrefix(whole, "/") {
		return "file://" + whole
	}
	return strings.ReplaceAll(whole, ":", "%3A")
}

func base(file string) string {
	if strings.HasPrefix(file, "/") {
		return ""
	}
	return "%SRCROOT%"
}

// rule returns the index of the rule, entering it when it is new.
func (s *sarifWriter) rule(f finding.Finding) int {
	if i, known := s.index[f.Rule]; known {
		return i
	}
	i := len(s.run.Tool.Driver.Rules)
	s.index[f.Rule] = i
	rule := sarifRule{ID: f.Rule, HelpURI: f.Help, Properties: map[string]any{}}
	severity := f.Severity
	if known, ok := rules.Lookup(f.Rule); ok {
		page := docs.Page(f.Rule)
		rule.ShortDescription, rule.Help = &sarifText{known.Title}, &sarifHelp{Text: page, Markdown: page}
		severity = known.Severity
		rule.Properties["tags"] = []string{"security", "aws", "codeartifact", known.Category()}
	}
	rule.Properties["security-severity"] = securitySeverity[severity]
	rule.Configuration = &sarifConfiguration{Level: strings.Replace(level(severity), "notice", "note", 1)}
	s.run.Tool.Driver.Rules = append(s.run.Tool.Driver.Rules, rule)
	return i
}

// securitySeverity is what GitHub reads as critical, high, medium and low.
//
// Source: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning#reportingdescriptor-object
var securitySeverity = map[finding.Severity]string{
	finding.Critical: "9.5", finding.High: "8.0", finding.Medium: "5.5", finding.Low: "3.0", finding.Info: "0.5",
}

// invocation says how the run ended: a gap is an error of the run, what was left
// out a note.
func (s *sarifWriter) invocation(r *auditor.Report, left int) {
	i := sarifInvocation{Successful: len(r.Gaps) == 0, Notifications: []sarifNotification{}}
	for _, g := range r.Gaps {
		n := sarifNotification{Level: "error", Message: sarifText{unlinked(Visible(g.Where + ": " + g.Reason))}, Descriptor: &sarifReference{gapRule}}
		if g.Line > 0 && slices.ContainsFunc(r.Inputs, func(in inventory.Input) bool { return in.Path == g.Where }) {
			n.Locations = []sarifLocation{{Physical: sarifPhysical{
				Artifact: sarifArtifact{URI: uri(g.Where), Base: base(g.Where)}, Region: &sarifRegion{StartLine: g.Line},
			}}}
		}
		i.Notifications = append(i.Notifications, n)
	}
	notes := slices.Concat(prefixed("not shown: ", s.options.Notes), prefixed("assumed: ", r.Coverage.Assumptions),
		prefixed("exception expired, it no longer holds: ", r.Exceptions.Expired), prefixed("exception about to expire: ", r.Exceptions.Expiring),
		prefixed("exception unused: ", r.Exceptions.Unused))
	if left > 0 {
		notes = append(notes, fmt.Sprintf("%s left out: a run has room for %d", count(left, "finding"), sarifResults))
	}
	for _, note := range notes {
		i.Notifications = append(i.Notifications, sarifNotification{Level: "note", Message: sarifText{unlinked(Visible(note))}})
	}
	s.run.Invocations = []sarifInvocation{i}
	s.run.Properties = map[string]any{"coverage": withoutNulls(*r).Coverage, "now": r.Now}
}
