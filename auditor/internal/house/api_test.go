package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The exported surface of auditor/ and what lies below it lives in one text
// file, so that a review sees it grow.
const apiGolden = "auditor/api.golden.txt"

// api lists the exported declarations of the public packages, one paragraph a
// package, sorted.
func api(all []goFile) string {
	declarations := map[string][]string{}
	for _, f := range all {
		if f.test() || f.syntax.Name.Name == "main" || !within(f.folder(), "auditor") || strings.Contains(f.path, "/internal/") {
			continue
		}
		declarations[f.folder()] = append(declarations[f.folder()], exported(f)...)
	}
	var text strings.Builder
	for _, folder := range slices.Sorted(maps.Keys(declarations)) {
		fmt.Fprintf(&text, "package %s\n", folder)
		slices.Sort(declarations[folder])
		for _, d := range declarations[folder] {
			fmt.Fprintf(&text, "\t%s\n", strings.ReplaceAll(d, "\n", "\n\t"))
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// exported returns the exported declarations of a file as Go source, without
// bodies, comments and values.
func exported(f goFile) []string {
	ast.FileExports(f.syntax)
	var list []string
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && !ast.IsExported(receiver(d)) {
				continue
			}
			d.Doc, d.Body = nil, nil
			list = append(list, source(f.fset, d))
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				list = append(list, exportedSpec(f.fset, d.Tok, spec)...)
			}
		}
	}
	return list
}

// receiver returns the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

func exportedSpec(fset *token.FileSet, tok token.Token, spec ast.Spec) []string {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []string{"type " + source(fset, bare(spec))}
	case *ast.ValueSpec:
		var list []string
		for _, name := range spec.Names {
			if name.IsExported() {
				list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", tok, name.Name, typeText(fset, spec.Type))))
			}
		}
		return list
	}
	return nil
}

func typeText(fset *token.FileSet, typ ast.Expr) string {
	if typ == nil {
		return ""
	}
	return source(fset, typ)
}

// bare drops the comments of a type and of its fields, written and implied:
// rewording one, or adding an unexported field, is no change of the API.
func bare(spec *ast.TypeSpec) *ast.TypeSpec {
	spec.Doc, spec.Comment = nil, nil
	ast.Inspect(spec, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			n.Doc, n.Comment = nil, nil
		case *ast.StructType:
			n.Incomplete = false
		case *ast.InterfaceType:
			n.Incomplete = false
		}
		return true
	})
	return spec
}

// aligned is the space that gofmt puts between a field, its type and its tag.
// Without it, a longer field changes its own line alone.
var aligned = regexp.MustCompile(`(\S)[ \t]+`)

func source(fset *token.FileSet, node any) string {
	var text bytes.Buffer
	if err := (&printer.Config{Mode: printer.TabIndent, Tabwidth: 8}).Fprint(&text, fset, node); err != nil {
		return err.Error()
	}
	return aligned.ReplaceAllString(text.String(), "$1 ")
}

func TestPublicAPI(t *testing.T) {
	golden := filepath.Join(root(t), filepath.FromSlash(apiGolden))
	got := api(goFiles(t))
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes(string(want), got) {
		t.Error(change)
	}
	if t.Failed() {
		t.Logf("if the API was meant to change: go test ./auditor/internal/house -run TestPublicAPI -update")
	}
}

// changes lists the lines of got that are not in want, and the other way round,
// each with its package.
func changes(want, got string) []string {
	before, after := qualified(want), qualified(got)
	var list []string
	for line := range after {
		if !before[line] {
			list = append(list, "new: "+line)
		}
	}
	for line := range before {
		if !after[line] {
			list = append(list, "gone: "+line)
		}
	}
	slices.Sort(list)
	return list
}

// qualified returns the lines of the text, each after its package and, for the
// inside of a type, its type.
func qualified(text string) map[string]bool {
	lines := map[string]bool{}
	var pkg, declaration string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		indent := len(line) - len(strings.TrimLeft(line, "\t"))
		line = line[indent:]
		switch {
		case line == "":
		case indent == 0:
			pkg = strings.TrimPrefix(line, "package ")
		case indent == 1:
			declaration = line
			lines[pkg+": "+line] = true
		default:
			lines[pkg+": "+declaration+" "+line] = true
		}
	}
	return lines
}

func TestAPIChangeIsSeen(t *testing.T) {
	const text = `package arn
// ARN is comparable.
type ARN struct {
	Account string // twelve digits
	region  string
}
const (
	A, b = 1, 2
	C Kind = "c"
)
func Parse(text string) (ARN, error) { return ARN{}, nil }
func (a ARN) String() string { return "" }
func (a ARN) hidden() {}
type inner struct{}
func (inner) Exported() {}
`
	got := api([]goFile{
		parse(t, "auditor/arn/arn.go", text),
		parse(t, "auditor/arn/arn_test.go", "package arn\nfunc Helper() {}\n"),
		parse(t, "auditor/internal/glob/glob.go", "package glob\nfunc Match() {}\n"),
	})
	const want = `package auditor/arn
	const A
	const C Kind
	func (a ARN) String() string
	func Parse(text string) (ARN, error)
	type ARN struct {
		Account string
	}

`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	expect(t, changes(want, strings.Replace(want, "Parse(text string)", "Parse(text []byte)", 1)),
		"gone: auditor/arn: func Parse(text string) (ARN, error)",
		"new: auditor/arn: func Parse(text []byte) (ARN, error)")
	expect(t, changes(want+"\ttype B struct {\n\t}\n", want+"\ttype B struct {\n\t\tAccount string\n\t}\n"),
		"new: auditor/arn: type B struct { Account string")
	expect(t, changes(want, want))
}
