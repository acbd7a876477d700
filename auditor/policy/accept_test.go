package policy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// meaning compares what documents say, not where they say it.
var meaning = cmp.Options{
	cmpopts.IgnoreTypes(Place{}),
	cmpopts.IgnoreUnexported(Document{}),
	cmpopts.IgnoreFields(Document{}, "Text", "Problems"),
	cmpopts.IgnoreFields(Statement{}, "Index"), // lost neighbours are not printed
	cmpopts.EquateEmpty(),
}

// TestAccept reads each policy of testdata/accept without a problem, prints it
// and reads it again.
func TestAccept(t *testing.T) {
	paths, err := filepath.Glob("testdata/accept/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("got %d files, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range doc.Problems {
				t.Errorf("%v: %s", doc.Position(p.Start), p.Message)
			}
			checkPrint(t, doc)
			checkPlaces(t, doc)
		})
	}
}

// checkPrint holds the laws of printing: the printed text reads as the same
// document, and prints as itself.
func checkPrint(t *testing.T, doc *Document) {
	t.Helper()
	printed := doc.Print()
	again, err := Parse(printed)
	if err != nil {
		t.Fatalf("parse what was printed: %v\n%s", err, printed)
	}
	for _, p := range again.Problems {
		if p.Lost {
			t.Fatalf("printed text: %v: %s\n%s", again.Position(p.Start), p.Message, printed)
		}
	}
	if diff := cmp.Diff(doc, again, meaning); diff != "" {
		t.Fatalf("-parsed +printed and parsed\n%s", diff)
	}
	if twice := string(again.Print()); twice != string(printed) {
		t.Fatalf("printed again:\n%s\nwant\n%s", twice, printed)
	}
	if !lossy(doc) && doc.Canonical() != again.Canonical() {
		t.Fatalf("canonical form changed by printing:\n%s\nwant\n%s", again.Canonical(), doc.Canonical())
	}
}

func lossy(doc *Document) bool {
	for _, p := range doc.Problems {
		if p.Lost {
			return true
		}
	}
	return false
}
