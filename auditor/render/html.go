package render

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
)

// pageTemplate is parsed when the first page is written: nothing else needs it.
var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageHTML)) })

// How much of long lists a page shows of one finding.
const (
	pageFrames   = 12
	pageRequests = 12
	pageNames    = 50
	pageInputs   = 200
)

// writeHTML writes the report as one page that asks for nothing from elsewhere. The
// content security policy lets nothing run but the script of the page, and that
// only filters: without it everything can be read.
func writeHTML(out *bytes.Buffer, r *auditor.Report, o Options) error {
	t := text{names: namesOf(r)}
	verdict := t.verdict(r, o.Notes)
	p := page{
		CSP: "default-src 'none'; style-src " + hashed(pageCSS) + "; script-src " + hashed(pageJS) +
			"; base-uri 'none'; form-action 'none'",
		Style: template.CSS(pageCSS), Script: template.JS(pageJS),
		Verdict: verdict, Clean: verdict == cleanVerdict,
		Now: r.Now.UTC().Format(time.RFC3339), NowShown: r.Now.UTC().Format("2 January 2006, 15:04 UTC"),
		Version: orUnknown(r.Tool.Version), Data: r.Tool.Data, Assumptions: shownAll(r.Coverage.Assumptions),
	}
	p.cover(r)
	for _, e := range fold(r.Findings) {
		p.Entries = append(p.Entries, t.pageEntry(e))
	}
	p.Frameless = frameless(p.Entries)
	p.Reach = t.reach(r.Findings)
	p.Rules, p.Accounts = filters(r.Findings)
	for _, s := range r.Suppressed {
		p.Suppressed = append(p.Suppressed, pageSuppressed{
			Anchor: anchor(s.ID), Severity: s.Severity.String(), Message: told(s.Finding), Rule: Visible(s.Rule), Subject: t.short(s.Subject.ID),
			Reason: Visible(s.Exception.Reason), Owner: Visible(s.Exception.Owner), Expires: Visible(s.Exception.Expires), Ticket: Visible(s.Exception.Ticket),
		})
	}
	for _, g := range r.Gaps {
		p.Gaps = append(p.Gaps, pageGap{gapPlace(g), Visible(g.Reason)})
	}
	p.Notes = shownAll(slices.Concat(prefixed("not shown: ", o.Notes),
		prefixed("exception expired, it no longer holds: ", r.Exceptions.Expired),
		prefixed("exception about to expire: ", r.Exceptions.Expiring), prefixed("exception unused: ", r.Exceptions.Unused)))
	return pageTemplate().Execute(out, p)
}

// hashed is the source of a content security policy that lets just this text in.
func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func orUnknown(version string) string {
	if version == "" {
		return "(unknown version)"
	}
	return Visible(version)
}

func shownAll(lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, Visible(l))
	}
	return out
}

// anchor is the fragment of a finding.
func anchor(id string) string { return "f-" + id }

// page is what the template shows. All text in it is Visible, and the template
// escapes it for where it stands.
type page struct {
	CSP                                   string
	Style                                 template.CSS
	Script                                template.JS
	Looked, ScopesSaid                    string
	Incomplete                            int
	Verdict, Now, NowShown, Version, Data string
	Clean, Frameless                      bool
	Severities                            []pageCount
	Scopes                                []inventory.Scope
	Inputs                                []inventory.Input
	MoreInputs                            int
	Assumptions, Notes, Rules, Accounts   []string
	Entries                               []pageEntry
	Reach                                 reach
	Suppressed                            []pageSuppressed
	Gaps                                  []pageGap
}

type pageCount struct {
	Word  string
	Count int
}

type pageGap struct{ Place, Reason string }

type pageSuppressed struct {
	Anchor, Severity, Message, Rule, Subject, Reason, Owner, Expires, Ticket string
}

// cover fills in the denominators.
func (p *page) cover(r *auditor.Report) {
	counts := map[finding.Severity]int{}
	for _, f := range r.Findings {
		counts[f.Severity]++
	}
	for s := finding.Critical; s >= finding.Info; s-- {
		p.Severities = append(p.Severities, pageCount{s.String(), counts[s]})
	}
	p.Looked = "nothing"
	if !r.Coverage.Empty() {
		p.Looked = looked(r.Coverage)
	}
	for _, s := range r.Coverage.Scopes {
		if s.State != "complete" {
			p.Incomplete++
		}
		s.Reason, s.Region, s.Account, s.Source = Visible(s.Reason), Visible(s.Region), Visible(s.Account), Visible(s.Source)
		p.Scopes = append(p.Scopes, s)
	}
	p.ScopesSaid = count(len(p.Scopes), "scope") + ", all complete"
	if p.Incomplete > 0 {
		p.ScopesSaid = fmt.Sprintf("%s, %d not complete", count(len(p.Scopes), "scope"), p.Incomplete)
	}
	for _, in := range r.Inputs[:min(len(r.Inputs), pageInputs)] {
		in.Path = Visible(in.Path)
		p.Inputs = append(p.Inputs, in)
	}
	p.MoreInputs = len(r.Inputs) - len(p.Inputs)
}

// filters returns the rules and accounts of findings, sorted.
func filters(findings []finding.Finding) (rules, accounts []string) {
	byRule, byAccount := map[string]bool{}, map[string]bool{}
	for _, f := range findings {
		byRule[Visible(f.Rule)], byAccount[Visible(f.Subject.Account)] = true, true
	}
	delete(byAccount, "")
	return slices.Sorted(maps.Keys(byRule)), slices.Sorted(maps.Keys(byAccount))
}

// pageEntry is one finding, or one for all that say the same of one document.
type pageEntry struct {
	Findings                                                             int // that it stands for
	Anchor, Severity, Confidence, Rule, Message, Subject, Accounts, Help string
	Also                                                                 []pageAlso
	Frames                                                               []pageFrame
	MoreFrames                                                           string
	Witness                                                              []pageRequest
	MoreWitness                                                          string
	Affected                                                             []string
	MoreAffected                                                         int
	Fixes                                                                []pageFix
	Absorbed                                                             []string
}

// frameless reports whether places are told and the text of none is at hand, as in
// a saved result.
func frameless(entries []pageEntry) bool {
	told := false
	for _, e := range entries {
		for _, f := range e.Frames {
			if f.Code {
				return false
			}
			told = told || f.Line > 0
		}
	}
	return told
}

type pageAlso struct{ Anchor, Subject string }

type pageFrame struct {
	Place, Before, Marked, After, Says string
	Code                               bool
	Line                               int
}

type pageRequest struct {
	Caller, Verb, Action, Resource string
	With                           []pageContext
}

type pageContext struct{ Name, Values string }

type pageFix struct {
	ID, Title string
	Safe      bool
	Edits     [][]string
}

func (t text) pageEntry(e entry) pageEntry {
	p := pageEntry{
		Anchor: anchor(e.ID), Severity: e.Severity.String(), Confidence: e.Confidence.String(), Rule: Visible(e.Rule), Message: Visible(e.Message),
		Subject: t.short(e.Subject.ID), Findings: 1 + len(e.also), Accounts: strings.Join(shownAll(e.accounts), "\n"), Absorbed: shownAll(e.Absorbed),
	}
	if to := link(e.Help); to != "#" {
		p.Help = to
	}
	for i, subject := range e.also {
		p.Also = append(p.Also, pageAlso{anchor(e.alsoIDs[i]), t.short(subject)})
	}
	for _, g := range e.Grants[:min(len(e.Grants), pageFrames)] {
		p.Frames = append(p.Frames, t.pageFrame(g))
	}
	p.MoreFrames = more(len(e.Grants)-len(p.Frames), "more place")
	for _, q := range e.Witness[:min(len(e.Witness), pageRequests)] {
		p.Witness = append(p.Witness, pageRequestOf(q))
	}
	p.MoreWitness = more(len(e.Witness)-len(p.Witness), "more request")
	for _, a := range e.Affected[:min(len(e.Affected), pageNames)] {
		p.Affected = append(p.Affected, t.short(a))
	}
	p.MoreAffected = len(e.Affected) - len(p.Affected)
	for _, f := range e.Fixes {
		p.Fixes = append(p.Fixes, t.pageFix(f, e.Grants))
	}
	return p
}

// more counts what a list leaves out, or says nothing.
func more(n int, one string) string {
	if n == 0 {
		return ""
	}
	return count(n, one)
}

// pageFrame shows a grant's line with the element marked, or only its place where
// the text is not at hand.
func (t text) pageFrame(g finding.Grant) pageFrame {
	p := pageFrame{Place: t.place(g), Says: Visible(g.Says), Line: g.Line}
	f, ok := t.frame(g)
	if !ok {
		return p
	}
	from := max(f.mark.start, f.part.start)
	to := max(from, min(f.mark.end, f.part.end))
	p.Code = true
	p.Before, p.Marked, p.After = shownCells(f.line[f.part.start:from]), shownCells(f.line[from:to]), shownCells(f.line[to:f.part.end])
	if f.part.start > 0 {
		p.Before = "…" + p.Before
	}
	if f.part.end < len(f.line) {
		p.After += "…"
	}
	return p
}

func shownCells(cells []cell) string {
	var out strings.Builder
	for _, c := range cells {
		out.WriteString(c.shown)
	}
	return out.String()
}

func pageRequestOf(q finding.Request) pageRequest {
	p := pageRequest{Caller: Visible(q.Caller), Verb: "may call", Action: Visible(q.Action), Resource: Visible(q.Resource)}
	if q.Decision == finding.Denied {
		p.Verb = "may not call"
	}
	for _, name := range slices.Sorted(maps.Keys(q.Context)) {
		p.With = append(p.With, pageContext{Visible(name), values(q.Context[name])})
	}
	return p
}

func (t text) pageFix(f finding.Fix, grants []finding.Grant) pageFix {
	p := pageFix{ID: Visible(f.ID), Title: Visible(f.Title), Safe: f.Safe}
	for _, e := range f.Edits {
		var lines []string
		if len(f.Edits) > 1 {
			lines = append(lines, "in "+t.short(e.Policy)+":")
		}
		for _, op := range e.Patch {
			lines = append(lines, patchLine(op, grants))
		}
		p.Edits = append(p.Edits, lines)
	}
	return p
}
