package policy

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// TestReject holds what Parse says about each policy of testdata/reject: the
// error, or every problem with its position and pointer and the statements kept.
func TestReject(t *testing.T) {
	paths, err := filepath.Glob("testdata/reject/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 40 {
		t.Fatalf("got %d files, want at least 40", len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) != 2 || archive.Files[0].Name != "policy.json" || archive.Files[1].Name != "said" {
				t.Fatal("want the files policy.json and said")
			}
			got := said(archive.Files[0].Data)
			if *update {
				archive.Files[1].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if !strings.HasPrefix(got, "error ") && !strings.Contains(got, "lost ") && !strings.Contains(got, "tolerated ") {
				t.Error("nothing is rejected")
			}
		})
	}
}

// said puts the outcome of Parse into words.
func said(data []byte) string {
	doc, err := Parse(data)
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("error %s\n", syntax)
	}
	if err != nil {
		return fmt.Sprintf("error that is no *SyntaxError: %v\n", err)
	}
	var b strings.Builder
	for _, problem := range doc.Problems {
		verdict, about := "tolerated", "document"
		if problem.Lost {
			verdict = "lost"
		}
		if problem.Statement >= 0 {
			about = fmt.Sprintf("statement %d", problem.Statement)
		}
		at := doc.Position(problem.Start)
		fmt.Fprintf(&b, "%s %d:%d %s %s: %s\n", verdict, at.Line, at.Column, about, doc.Pointer(problem.Place), problem.Message)
	}
	b.WriteString("kept")
	for _, s := range doc.Statements {
		fmt.Fprintf(&b, " %d", s.Index)
	}
	b.WriteString("\n")
	return b.String()
}
