package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// numbered gives every finding an id of its own and a message that no other has, so
// that each can be told in every format.
func numbered(r *auditor.Report) (ids, messages []string) {
	for i := range r.Findings {
		r.Findings[i].ID, r.Findings[i].Message = fmt.Sprintf("%032x", i+1), fmt.Sprintf("message number %d here", i+1)
		ids, messages = append(ids, r.Findings[i].ID), append(messages, r.Findings[i].Message)
	}
	return ids, messages
}

// Every format holds the findings of the report, all of them and no others.
func TestFormatsHoldTheSameFindings(t *testing.T) {
	for name, r := range reports() {
		ids, messages := numbered(r)
		o := Options{Find: somewhere}
		if got := sarifIDs(t, rendered(t, r, SARIF, o)); !slices.Equal(got, ids) {
			t.Errorf("%s: sarif holds %q, want %q", name, got, ids)
		}
		if got := csvIDs(t, rendered(t, r, CSV, o)); !slices.Equal(got, ids) {
			t.Errorf("%s: csv holds %q, want %q", name, got, ids)
		}
		var saved auditor.Report
		if err := json.Unmarshal(rendered(t, r, JSON, o), &saved); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, f := range saved.Findings {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, append([]string{}, ids...)) {
			t.Errorf("%s: json holds %q, want %q", name, got, ids)
		}
		for _, f := range []Format{Text, Line, HTML, Markdown, GitHub} {
			out := string(rendered(t, r, f, o))
			for _, m := range messages {
				if !strings.Contains(out, m) {
					t.Errorf("%s: %v does not say %q", name, f, m)
				}
			}
			if n := len(regexp.MustCompile(`message number \d+ here`).FindAllString(out, -1)); n != len(messages) {
				t.Errorf("%s: %v says %d messages, want %d", name, f, n, len(messages))
			}
		}
	}
}

func sarifIDs(t *testing.T, data []byte) []string {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range log.Runs[0].Results {
		if len(r.Suppressions) == 0 {
			ids = append(ids, r.PartialFingerprints["caudit/id/v1"])
		}
	}
	return ids
}

func csvIDs(t *testing.T, data []byte) []string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, row := range rows[1:] {
		if row[0] == "open" {
			ids = append(ids, row[slices.Index(csvHeader, "id")])
		}
	}
	return ids
}

// The header is what spreadsheets and scripts were written for.
func TestCSVHeaderIsFrozen(t *testing.T) {
	const frozen = "status,severity,confidence,rule,message,account,subject_type,subject,path,line,column," +
		"affected_count,affected,id,group,reason,owner,expires,ticket,help\r\n"
	if out := string(rendered(t, report(), CSV, Options{})); !strings.HasPrefix(out, frozen) {
		t.Errorf("got %s", out)
	}
}

func TestCSVHasNoFormulas(t *testing.T) {
	r := terminal()
	for _, formula := range []string{"=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "＝1+1", "＋1", "－1", "＠SUM(A1)", " =1+1"} {
		r.Findings[0].Message, r.Gaps[0].Where = formula, formula
		rows, err := csv.NewReader(bytes.NewReader(rendered(t, r, CSV, Options{}))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " ")); strings.ContainsRune("=+-@\t\r＝＋－＠", first) {
					t.Errorf("%q: cell %q is a formula", formula, cell)
				}
			}
		}
	}
}

// What a spreadsheet has no room for in a cell would spill over the cells behind it.
func TestCSVCellsFitASpreadsheet(t *testing.T) {
	r := terminal()
	for i := range 2_000 {
		r.Findings[0].Affected = append(r.Findings[0].Affected, fmt.Sprintf("arn:aws:iam::111122223333:role/reader-%d", i))
	}
	rows, err := csv.NewReader(bytes.NewReader(rendered(t, r, CSV, Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(csvHeader, "affected")
	names := strings.Split(rows[1][at], " ")
	if n := len(rows[1][at]); n > 32_767 || n < 32_000 {
		t.Errorf("a cell of %d characters, one holds 32,767", n)
	}
	if last := names[len(names)-1]; last != r.Findings[0].Affected[len(names)-1] {
		t.Errorf("%q is cut", last)
	}
	if count := rows[1][at-1]; count != strconv.Itoa(len(r.Findings[0].Affected)) {
		t.Errorf("%s affected, want %d", count, len(r.Findings[0].Affected))
	}
}

// A name is no link in a message of SARIF.
func TestSARIFMessagesHoldNoLinks(t *testing.T) {
	r := terminal()
	const link = "[click](https://evil.example)"
	r.Findings[0].Message, r.Findings[0].Grants[0].Says, r.Gaps[0].Reason = link, link, link
	var log sarifLog
	if err := json.Unmarshal(rendered(t, r, SARIF, Options{Find: somewhere, Notes: []string{link}}), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	messages := []string{run.Results[0].Message.Text, run.Results[0].Related[0].Message.Text}
	for _, n := range run.Invocations[0].Notifications {
		messages = append(messages, n.Message.Text)
	}
	clicks := 0
	for _, m := range messages {
		clicks += strings.Count(m, "click")
		if strings.Contains(m, "](") {
			t.Errorf("a link: %s", m)
		}
	}
	if clicks < 4 {
		t.Errorf("the name is in %d messages of %q, want 4", clicks, messages)
	}
}

// sarifSchema compiles the schema that OASIS publishes, as another library carries it.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && len(literal.Value) > len(text) {
			text = literal.Value
		}
		return true
	})
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Trim(text, "`")))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif-2.1.0.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// What is written keeps to the schema, and another library knows every property.
func TestSARIFKeepsToTheSchema(t *testing.T) {
	schema := sarifSchema(t)
	for name, r := range reports() {
		if name == "hostile" {
			r.Findings[0].Help, r.Findings[1].Help = "https://example.com/", "https://example.com/" // what stands there is ours, and a URI
		}
		for i := range r.Findings {
			if r.Findings[i].Help == "" {
				r.Findings[i].Help = "https://example.com/"
			}
		}
		data := rendered(t, r, SARIF, Options{Find: somewhere, Notes: []string{"a note"}})
		in := json.NewDecoder(bytes.NewReader(data))
		in.DisallowUnknownFields()
		if err := in.Decode(new(sarif.Report)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := validate(schema, data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema must refuse what SARIF does not have, or it proves nothing.
func TestSARIFSchemaRefuses(t *testing.T) {
	schema := sarifSchema(t)
	good := string(rendered(t, everything(), SARIF, Options{Find: somewhere}))
	for _, c := range []struct{ old, new string }{
		{`"level": "error"`, `"level": "grave"`},
		{`"startLine": 3`, `"startLine": 0`},
		{`"columnKind": "utf16CodeUnits"`, `"columnKind": "bytes"`},
		{`"ruleIndex"`, `"ruleindex"`},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Errorf("%s is not in the sample", c.old)
		} else if validate(schema, []byte(bad)) == nil {
			t.Errorf("%s is accepted", c.new)
		}
	}
}

// A result stands somewhere, or there is no SARIF.
func TestSARIFRefusesWhatStandsNowhere(t *testing.T) {
	var out bytes.Buffer
	err := Write(&out, SARIF, terminal(), Options{})
	if err == nil || !strings.Contains(err.Error(), "stands in no file") || out.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, out.Len())
	}
}

// Columns count UTF-16 code units, whatever stands before.
func TestSARIFColumns(t *testing.T) {
	r := terminal()
	const document = "{\"Sid\": \"é😀日\", \"Action\": \"codeartifact:*\"}"
	g := at("a/b c%.json", document, `"codeartifact:*"`, "")
	r.Findings[0].Grants = []finding.Grant{g}
	var log sarifLog
	if err := json.Unmarshal(rendered(t, r, SARIF, Options{}), &log); err != nil {
		t.Fatal(err)
	}
	got := log.Runs[0].Results[0].Locations[0].Physical
	if want := (sarifRegion{1, 27, 1, 43}); *got.Region != want || got.Artifact.URI != "a/b%20c%25.json" {
		t.Errorf("got %+v in %s, want %+v", *got.Region, got.Artifact.URI, want)
	}
	r.Findings[0].Grants[0].Text = "" // as in a saved result
	if err := json.Unmarshal(rendered(t, r, SARIF, Options{}), &log); err != nil {
		t.Fatal(err)
	}
	if got := *log.Runs[0].Results[0].Locations[0].Physical.Region; got.StartLine != 1 {
		t.Errorf("without its text got %+v", got)
	}
}

// crowd is n findings, no two of one document.
func crowd(n int) *auditor.Report {
	r := report()
	r.Coverage.Policies = n
	for i := range n {
		f := terminal().Findings[0]
		f.ID, f.Group = fmt.Sprintf("%032x", i), fmt.Sprintf("%032x", i)
		f.Severity = finding.Critical - finding.Severity(i*5/n)
		f.Subject.ID = fmt.Sprintf("%s-%d", repository, i)
		r.Findings = append(r.Findings, f)
	}
	r.Gaps = []inventory.Gap{{Where: "the last of all", Reason: "not read"}}
	return r
}

// However much there is, a comment has room, and says what it left out.
func TestMarkdownFitsAComment(t *testing.T) {
	r := crowd(10_000)
	for i := range 5_000 {
		r.Gaps = append(r.Gaps, inventory.Gap{Where: fmt.Sprintf("gap %d", i), Reason: "not read"})
		r.Coverage.Assumptions = append(r.Coverage.Assumptions, fmt.Sprintf("assumption %d", i))
		r.Suppressed = append(r.Suppressed, auditor.Suppressed{Finding: r.Findings[i]})
	}
	out := rendered(t, r, Markdown, Options{})
	if n := utf8.RuneCount(out); n > 65_536 {
		t.Errorf("%d characters, a comment takes 65,536", n)
	}
	shown := strings.Count(string(out), "\n### critical: ")
	brief := strings.Count(string(out), ": critical: ") - strings.Count(string(out), ", until ")
	if brief < 5 {
		t.Errorf("%d findings in a line each, want as many as there is room for", brief)
	}
	shown += brief
	if want := fmt.Sprintf("**%d findings left out here**, none graver than critical", 10_000-shown); shown == 0 || !strings.Contains(string(out), want) {
		t.Errorf("%d are shown, and it is not said that %s", shown, want)
	}
}

// Nothing of an attacker's becomes markup, a mention or a link of GitHub's.
func TestMarkdownIsInert(t *testing.T) {
	r := terminal()
	const evil = "<img src=x onerror=alert(1)> @octocat #1 https://evil.example/ www.evil.example ![x](y) **b** ```` | $x$ &lt;"
	r.Findings[0].Message, r.Findings[0].Subject.ID, r.Findings[0].Help = evil, evil, "javascript:alert(1)"
	r.Findings[0].Grants[0].Says = evil
	r.Gaps[0] = inventory.Gap{Where: evil, Reason: evil}
	out := string(rendered(t, r, Markdown, Options{}))
	code := regexp.MustCompile("(?s)(`{3,})text\n.*?\n(`{3,})\n|`[^`\n]+`|````` .*? `````")
	bare := code.ReplaceAllString(out, "")
	for _, live := range []string{"<img", "@octocat", " #1", "https://evil", "www.evil", "![", "**b", "javascript:", " | ", "$x"} {
		if regexp.MustCompile(`[^\\]` + regexp.QuoteMeta(live)).MatchString(bare) {
			t.Errorf("%q is live in\n%s", live, bare)
		}
	}
}

// A log obeys no name, in no format that is written into one.
func TestLogsObeyNoName(t *testing.T) {
	for _, evil := range []string{"##[stop-commands]x", "a ##[add-mask]b", "::stop-commands::x", "  ::add-mask::b"} {
		r := terminal()
		f := &r.Findings[0]
		f.Message, f.Subject.ID, f.Affected = evil, evil, []string{evil, evil}
		f.Grants[0].Path, f.Grants[0].Policy.ID, f.Grants[0].Says = evil, evil, evil
		f.Grants[0].Text = strings.Repeat("\n", f.Grants[0].Line-1) + evil
		r.Gaps[0] = inventory.Gap{Where: evil, Reason: evil}
		r.Coverage.Assumptions = []string{evil}
		for _, format := range []Format{Text, Line, GitHub, Markdown} {
			for line := range strings.Lines(string(rendered(t, r, format, Options{Notes: []string{evil}}))) {
				ours := format == GitHub && regexp.MustCompile(`^::(error|warning|notice) `).MatchString(line)
				if strings.Contains(line, "##[") || strings.HasPrefix(strings.TrimSpace(line), "::") && !ours {
					t.Errorf("%v: %q is a command", format, line)
				}
			}
		}
	}
}

// No more annotations than GitHub shows, and every finding in the log all the same.
func TestGitHubLimits(t *testing.T) {
	r := crowd(200)
	out := string(rendered(t, r, GitHub, Options{}))
	for _, level := range []string{"error", "warning", "notice"} {
		if n := strings.Count(out, "\n::"+level+" ") + strings.Count(out[:2+len(level)], "::"+level); n > annotationsShown || n == 0 {
			t.Errorf("%d annotations of level %s", n, level)
		}
	}
	for _, f := range r.Findings {
		if !strings.Contains(out, strings.TrimPrefix(f.Subject.ID, "arn:aws:codeartifact:eu-west-1:111122223333:")+":") && !strings.Contains(out, "domain/team:7:20") {
			t.Fatalf("%s is not in the log", f.Subject.ID)
		}
	}
	if !strings.Contains(out, "the last of all") {
		t.Error("the gap is not in the log")
	}
}

// A line of the log is never a command of an attacker's.
func TestGitHubCommandsAreOurs(t *testing.T) {
	r := crowd(30)
	for i := range r.Findings {
		r.Findings[i].Message = "x\n::stop-commands::y\r::set-output name=a::b%0A"
		r.Findings[i].Grants[0].Path = "::error::p,title=z:"
		r.Findings[i].Grants[0].Policy.ID = r.Findings[i].Grants[0].Path
	}
	r.Gaps[0].Where = "::add-mask::x"
	for line := range strings.Lines(string(rendered(t, r, GitHub, Options{}))) {
		ours := strings.HasPrefix(line, "- ") || regexp.MustCompile(`^::(error|warning|notice) (file=[^:,]*,(line=\d+,endLine=\d+,col=\d+,endColumn=\d+,)?)?title=[^:,]*::`).MatchString(line)
		if !ours {
			t.Errorf("line %q", line)
		}
	}
}

// Ten thousand findings cost ten times what a thousand do, in every format.
func TestFormatsAreLinear(t *testing.T) {
	for _, f := range []Format{Text, Line, JSON, SARIF, HTML, CSV, GitHub} {
		few, many := crowd(500), crowd(2_000)
		cost := func(r *auditor.Report) float64 {
			return testing.AllocsPerRun(1, func() { _ = Write(&bytes.Buffer{}, f, r, Options{Find: somewhere}) })
		}
		if ratio := cost(many) / cost(few); ratio > 4.4 {
			t.Errorf("%v: four times as many findings take %.1f times the allocations", f, ratio)
		}
	}
}
