// Package house holds the repository to its own rules: which way imports point,
// what stays pure, what a Lambda's binary links, what the public API is.
//
// Each gate is a function from what it reads to the list of what is wrong, and
// stands beside a test that shows it something wrong: a gate nobody has seen
// red proves nothing.
package house

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/codeartifact-auditor/codeartifact-auditor"

var update = flag.Bool("update", false, "write golden files and the README's output anew")

// goFile is a Go file of the repository.
type goFile struct {
	path   string // slashed, from the root: auditor/arn/arn.go
	fset   *token.FileSet
	syntax *ast.File
}

// folder is where the file lies: auditor/arn.
func (f goFile) folder() string { return path.Dir(f.path) }

func (f goFile) test() bool { return strings.HasSuffix(f.path, "_test.go") }

// imports are the paths that the file imports, with those of this module cut
// down to their folder.
func (f goFile) imports() (ours, others []string) {
	for _, spec := range f.syntax.Imports {
		text, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused it
		}
		if in, ok := strings.CutPrefix(text, module+"/"); ok {
			ours = append(ours, in)
		} else {
			others = append(others, text)
		}
	}
	return ours, others
}

// root returns the repository's top folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = up
	}
	return dir
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// files returns every file of the repository by its slashed path, without what
// the Makefile makes.
func files(t *testing.T) []string {
	t.Helper()
	made := []string{".git", ".venv", ".aws-sam", ".cache", "bin", "dist", "tools/browser/node_modules"}
	var found []string
	err := fs.WalkDir(os.DirFS(root(t)), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(made, name):
			return fs.SkipDir
		case entry.Type().IsRegular() && name != ".git": // of a worktree it is a file
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// goFiles returns the Go files of the product's module, whatever their build
// tags.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var parsed []goFile
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "tools/") || strings.Contains(name, "testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, parse(t, name, string(text)))
	}
	if len(parsed) == 0 {
		t.Fatal("no Go files found")
	}
	return parsed
}

func parse(t *testing.T, name, text string) goFile {
	t.Helper()
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return goFile{path: name, fset: fset, syntax: syntax}
}

// within says whether folder is top or lies below it.
func within(folder, top string) bool {
	return folder == top || strings.HasPrefix(folder, top+"/")
}

// report fails the test with what a gate found.
func report(t *testing.T, violations []string) {
	t.Helper()
	for _, v := range violations {
		t.Error(v)
	}
}

// expect compares what a gate says of a wrong example with what it should say.
func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
