package policy

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzParse holds what is true of Parse for every input: it answers with a
// document or a *SyntaxError inside the text; places say what the elements say;
// what is printed reads and prints the same.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/accept/*.json", "testdata/*.json"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	paths, err := filepath.Glob("testdata/reject/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Add([]byte("\ufeff" + simple))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Parse(data)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || doc != nil || syntax.Message == "" {
				t.Fatalf("got %v with %v", doc, err)
			}
			if syntax.Line < 1 || syntax.Column < 1 || syntax.Offset < 0 || syntax.Offset > 3*len(data) {
				t.Fatalf("bad place: %+v", syntax)
			}
			return
		}
		checkPlaces(t, doc)
		checkPrint(t, doc)
		lost := map[int]bool{}
		for _, p := range doc.Problems {
			if p.Lost {
				lost[p.Statement] = true
			}
		}
		for _, s := range doc.Statements {
			if lost[s.Index] || s.Effect == 0 || s.Actions == nil {
				t.Fatalf("statement %d is kept: %+v", s.Index, s)
			}
		}
	})
}
