package rules_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config/configfile"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

var update = flag.Bool("update", false, "rewrite the expected texts of the fixtures and the index of the pages; read the diff")

// now is the time that every fixture is judged at.
var now = time.Date(2026, time.October, 1, 6, 0, 0, 0, time.UTC)

// fixture is one story about a rule: inputs as somebody has them, and what the
// auditor says of them.
//
// Its archive opens with the story, in sentences. Lines "kind: " and "owner: "
// below it are the options of that name. Then come the inputs, caudit.yaml where
// there is one, and last want.txt, the rendered result.
type fixture struct {
	path   string
	rule   string // the id that the folder is named for
	fires  bool
	story  string
	inputs []txtar.File
	config *config.Config
	kind   inventory.Kind
	owner  string
	want   string
}

const wantFile = "want.txt"

// fixtures returns every fixture below testdata.
func fixtures(t *testing.T) []*fixture {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	var all []*fixture
	for _, path := range paths {
		all = append(all, readFixture(t, filepath.ToSlash(path)))
	}
	return all
}

func readFixture(t *testing.T, path string) *fixture {
	t.Helper()
	f := readStory(t, path)
	parts := strings.Split(path, "/")
	name := parts[len(parts)-1]
	f.rule, f.fires = parts[1]+"/"+parts[2], strings.HasPrefix(name, "fires-")
	if !f.fires && !strings.HasPrefix(name, "quiet-") {
		t.Fatalf("%s: named neither fires- nor quiet-", path)
	}
	return f
}

// readStory reads a fixture that is about no rule in particular.
func readStory(t *testing.T, path string) *fixture {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{path: path}
	f.comment(t, string(archive.Comment))
	for _, file := range archive.Files {
		switch file.Name {
		case wantFile:
			f.want = string(file.Data)
		case "caudit.yaml":
			f.config = loadConfig(t, string(file.Data))
		default:
			f.inputs = append(f.inputs, file)
		}
	}
	return f
}

func (f *fixture) comment(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "kind":
			var known bool
			if f.kind, known = inventory.ParseKind(value); !known {
				t.Fatalf("%s: unknown kind %q", f.path, value)
			}
		case "owner":
			f.owner = value
		default:
			f.story += line
		}
	}
	f.story = strings.TrimSpace(f.story)
	if !strings.HasSuffix(f.story, ".") && !strings.HasSuffix(f.story, ".html") || len(strings.Fields(f.story)) < 6 {
		t.Fatalf("%s: opens with %q, not with a sentence that tells its story", f.path, f.story)
	}
}

func loadConfig(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := configfile.Load("caudit.yaml", []byte(text), rules.IDs())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// audit judges inputs as the command does: the files lie in a folder of their
// own and are named in their order.
func (f *fixture) audit(t *testing.T, inputs []txtar.File) *auditor.Report {
	t.Helper()
	return auditor.Audit(f.read(t, inputs), auditor.Options{Config: f.config, Now: now})
}

func (f *fixture) read(t *testing.T, inputs []txtar.File) *inventory.Inventory {
	t.Helper()
	opt := source.Options{Dir: t.TempDir(), Kind: f.kind, KindOf: f.config.KindOf, Owner: f.owner}
	for _, file := range inputs {
		place := filepath.Join(opt.Dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		opt.Paths = append(opt.Paths, file.Name)
	}
	read := source.Read(opt)
	for _, err := range read.Errors {
		t.Fatal(err)
	}
	return read.Inventory
}

// own is the report with the findings of the fixture's rule alone, so that a
// story is told undisturbed. What other rules say of the same input is proved
// and mended like everything else.
func (f *fixture) own(r *auditor.Report) *auditor.Report {
	own := *r
	own.Findings = found(r, f.rule)
	for i := range own.Findings {
		f := &own.Findings[i]
		f.Absorbed = slices.DeleteFunc(slices.Clone(f.Absorbed), func(id string) bool { return !teller(id) })
	}
	return &own
}

// rendered is the report as a person reads it.
func rendered(t *testing.T, r *auditor.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := render.Write(&out, render.Text, r, render.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rewrite puts got into the archive in place of what was wanted.
func (f *fixture) rewrite(t *testing.T, got string) {
	t.Helper()
	archive, err := txtar.ParseFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(file txtar.File) bool { return file.Name == wantFile })
	archive.Files = append(archive.Files, txtar.File{Name: wantFile, Data: []byte(got)})
	if err := os.WriteFile(f.path, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// found returns the findings of a rule.
func found(r *auditor.Report, rule string) []finding.Finding {
	var of []finding.Finding
	for _, f := range r.Findings {
		if f.Rule == rule {
			of = append(of, f)
		}
	}
	return of
}
