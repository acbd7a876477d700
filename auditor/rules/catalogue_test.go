package rules_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

// TestCatalogue: a rule is one value, one file, one page and one folder of
// fixtures, all under one name.
func TestCatalogue(t *testing.T) {
	for _, d := range disagreements(os.DirFS("."), rules.All()) {
		t.Error(d)
	}
}

// disagreements says where the files of the package and the catalogue differ, and
// what a rule of the catalogue lacks.
func disagreements(dir fs.FS, catalogue []*rules.Rule) []string {
	var wrong []string
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	known := map[string]bool{}
	for _, r := range catalogue {
		if known[r.ID] {
			report("%s: in the catalogue twice", r.ID)
		}
		known[r.ID] = true
		for _, lack := range lacks(r) {
			report("%s: %s", r.ID, lack)
		}
		if _, err := fs.Stat(dir, "docs/"+r.ID+".md"); err != nil {
			report("%s: no page docs/%s.md", r.ID, r.ID)
		}
		for _, lack := range lacksFixtures(dir, r.ID) {
			report("%s: %s", r.ID, lack)
		}
		if _, err := fs.Stat(dir, fileOf(r.ID)); err != nil {
			report("%s: no file %s", r.ID, fileOf(r.ID))
		}
	}
	for name, ids := range declared(dir, report) {
		for _, id := range ids {
			if name != fileOf(id) {
				report("%s: declares %s (expected %s)", name, id, fileOf(id))
			}
			if !known[id] {
				report("%s: %s is not in the catalogue", name, id)
			}
		}
		if len(ids) == 0 && strings.Contains(name, "_") {
			report("%s: named as a rule and declares none", name)
		}
	}
	pages, _ := fs.Glob(dir, "docs/*/*.md")
	folders, _ := fs.Glob(dir, "testdata/*/*")
	for _, name := range append(pages, folders...) {
		_, id, _ := strings.Cut(strings.TrimSuffix(name, ".md"), "/")
		if !known[id] && !strings.HasPrefix(name, quietFolder) {
			report("%s: no rule of that name", name)
		}
	}
	slices.Sort(wrong)
	return wrong
}

// quietFolder holds what no rule may speak of.
const quietFolder = "testdata/must-stay-quiet/"

// fileOf is the name of the file that declares a rule.
func fileOf(id string) string { return strings.NewReplacer("/", "_", "-", "_").Replace(id) + ".go" }

var idForm = regexp.MustCompile(`^[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)

// lacks says what the value of a rule lacks.
func lacks(r *rules.Rule) []string {
	var wrong []string
	need := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	need(idForm.MatchString(r.ID), "id is not category/slug in lower case")
	first, _ := utf8.DecodeRuneInString(r.Title)
	need(unicode.IsLower(first), "title %q does not begin in lower case", r.Title)
	need(!strings.HasSuffix(r.Title, "."), "title %q ends with a full stop", r.Title)
	need(r.Severity >= finding.Info && r.Severity <= finding.Critical, "no severity")
	need(len(r.Sources) > 0, "no sources")
	for _, s := range r.Sources {
		u, err := url.Parse(s)
		need(err == nil && u.Scheme == "https" && strings.Contains(u.Host, "."), "source %q is no https address", s)
	}
	need(r.Check != nil, "nothing to check")
	return wrong
}

// lacksFixtures says what the fixtures of a rule lack: stories that fire, stories
// that do not, and among these a near miss, which says so.
func lacksFixtures(dir fs.FS, id string) []string {
	var wrong []string
	for _, kind := range []string{"fires-", "quiet-"} {
		names, _ := fs.Glob(dir, "testdata/"+id+"/"+kind+"*.txtar")
		if len(names) == 0 {
			wrong = append(wrong, fmt.Sprintf("no fixture testdata/%s/%s*.txtar", id, kind))
		}
		near := slices.ContainsFunc(names, func(name string) bool {
			text, err := fs.ReadFile(dir, name)
			return err == nil && strings.Contains(string(txtar.Parse(text).Comment), "near miss")
		})
		if len(names) > 0 && kind == "quiet-" && !near {
			wrong = append(wrong, "no quiet fixture whose story is a near miss")
		}
	}
	return wrong
}

// declared returns the ids of the rules that each Go file declares.
func declared(dir fs.FS, report func(string, ...any)) map[string][]string {
	names, _ := fs.Glob(dir, "*.go")
	ids := map[string][]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			report("%s: %v", name, err)
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			report("%s: %v", name, err)
			continue
		}
		ids[name] = nil
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if of, ok := literal.Type.(*ast.Ident); ok && of.Name == "Rule" {
				ids[name] = append(ids[name], idOf(literal))
			}
			return true
		})
	}
	return ids
}

// idOf returns the ID that the literal of a rule gives.
func idOf(literal *ast.CompositeLit) string {
	for _, e := range literal.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, _ := pair.Key.(*ast.Ident)
		value, _ := pair.Value.(*ast.BasicLit)
		if key != nil && key.Name == "ID" && value != nil {
			id, _ := strconv.Unquote(value.Value)
			return id
		}
	}
	return ""
}

// TestCatalogueDisagrees shows the gate one example of every disagreement.
func TestCatalogueDisagrees(t *testing.T) {
	check := func(*rules.Pass) {}
	right := rules.Rule{
		ID: "grant/full-access", Title: "identity may do everything", Severity: finding.High,
		Sources: []string{"https://docs.aws.amazon.com/"}, Check: check,
	}
	files := func(change func(fstest.MapFS)) fstest.MapFS {
		dir := fstest.MapFS{
			"rule.go":                                      {Data: []byte("package rules\n\ntype Rule struct{ ID string }\n")},
			"grant_full_access.go":                         {Data: []byte("package rules\n\nvar fullAccess = Rule{ID: \"grant/full-access\"}\n")},
			"grant_full_access_test.go":                    {Data: []byte("package rules\n")},
			"docs/grant/full-access.md":                    {},
			"docs/README.md":                               {},
			"testdata/grant/full-access/fires-plain.txtar": {Data: []byte("A story.\n-- want.txt --\n")},
			"testdata/grant/full-access/quiet-near.txtar":  {Data: []byte("A near miss.\n-- want.txt --\n")},
		}
		change(dir)
		return dir
	}
	same := func(fstest.MapFS) {}
	with := func(change func(*rules.Rule)) []*rules.Rule {
		r := right
		change(&r)
		return []*rules.Rule{&r}
	}
	whole := []*rules.Rule{&right}
	for _, c := range []struct {
		name      string
		dir       fstest.MapFS
		catalogue []*rules.Rule
		want      []string
	}{
		{"agreement", files(same), whole, nil},
		{"not registered", files(same), nil, []string{
			"docs/grant/full-access.md: no rule of that name",
			"grant_full_access.go: grant/full-access is not in the catalogue",
			"testdata/grant/full-access: no rule of that name",
		}},
		{"registered twice", files(same), []*rules.Rule{&right, &right}, []string{"grant/full-access: in the catalogue twice"}},
		{"no file", files(func(d fstest.MapFS) { delete(d, "grant_full_access.go") }), whole, []string{"grant/full-access: no file grant_full_access.go"}},
		{"other file", files(func(d fstest.MapFS) { d["grant_all.go"] = d["grant_full_access.go"]; delete(d, "grant_full_access.go") }), whole, []string{
			"grant/full-access: no file grant_full_access.go",
			"grant_all.go: declares grant/full-access (expected grant_full_access.go)",
		}},
		{"file without a rule", files(func(d fstest.MapFS) { d["grant_more.go"] = &fstest.MapFile{Data: []byte("package rules\n")} }), whole, []string{"grant_more.go: named as a rule and declares none"}},
		{"no page", files(func(d fstest.MapFS) { delete(d, "docs/grant/full-access.md") }), whole, []string{"grant/full-access: no page docs/grant/full-access.md"}},
		{"page without a rule", files(func(d fstest.MapFS) { d["docs/grant/other.md"] = &fstest.MapFile{} }), whole, []string{"docs/grant/other.md: no rule of that name"}},
		{"no fixtures", files(func(d fstest.MapFS) {
			delete(d, "testdata/grant/full-access/fires-plain.txtar")
			delete(d, "testdata/grant/full-access/quiet-near.txtar")
		}), whole, []string{
			"grant/full-access: no fixture testdata/grant/full-access/fires-*.txtar",
			"grant/full-access: no fixture testdata/grant/full-access/quiet-*.txtar",
		}},
		{"no near miss", files(func(d fstest.MapFS) {
			d["testdata/grant/full-access/quiet-near.txtar"] = &fstest.MapFile{Data: []byte("A story.\n-- near miss.json --\nnear miss\n")}
		}), whole, []string{"grant/full-access: no quiet fixture whose story is a near miss"}},
		{"fixtures without a rule", files(func(d fstest.MapFS) { d["testdata/grant/other/fires-plain.txtar"] = &fstest.MapFile{} }), whole, []string{"testdata/grant/other: no rule of that name"}},
		{"title", files(same), with(func(r *rules.Rule) { r.Title = "Identity may do everything." }), []string{
			`grant/full-access: title "Identity may do everything." does not begin in lower case`,
			`grant/full-access: title "Identity may do everything." ends with a full stop`,
		}},
		{"severity", files(same), with(func(r *rules.Rule) { r.Severity = 0 }), []string{"grant/full-access: no severity"}},
		{"no sources", files(same), with(func(r *rules.Rule) { r.Sources = nil }), []string{"grant/full-access: no sources"}},
		{"bad source", files(same), with(func(r *rules.Rule) { r.Sources = []string{"http://docs.aws.amazon.com/", "the guide"} }), []string{
			`grant/full-access: source "http://docs.aws.amazon.com/" is no https address`,
			`grant/full-access: source "the guide" is no https address`,
		}},
		{"no check", files(same), with(func(r *rules.Rule) { r.Check = nil }), []string{"grant/full-access: nothing to check"}},
		{"id", fstest.MapFS{}, []*rules.Rule{{ID: "Grant/All", Title: "x", Severity: finding.Low, Sources: right.Sources, Check: check}}, []string{
			"Grant/All: id is not category/slug in lower case",
			"Grant/All: no file Grant_All.go",
			"Grant/All: no fixture testdata/Grant/All/fires-*.txtar",
			"Grant/All: no fixture testdata/Grant/All/quiet-*.txtar",
			"Grant/All: no page docs/Grant/All.md",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, disagreements(c.dir, c.catalogue)); diff != "" {
				t.Errorf("disagreements (-want +got):\n%s", diff)
			}
		})
	}
}
