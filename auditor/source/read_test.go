package source

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

var update = flag.Bool("update", false, "rewrite the expected results in testdata; read the diff")

// Each archive in testdata/read holds a working directory and, as its last file,
// what reading it says. Its comment tells the story; lines "args:", "kind:" and
// "owner:" in it are the options.
func TestRead(t *testing.T) {
	paths, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			opt := options(t, string(archive.Comment))
			opt.Dir = t.TempDir()
			last := len(archive.Files) - 1
			if archive.Files[last].Name != "want" {
				t.Fatalf("the last file is %s, not want", archive.Files[last].Name)
			}
			for _, f := range archive.Files[:last] {
				write(t, filepath.Join(opt.Dir, f.Name), f.Data)
			}
			got := describe(Read(opt))
			if *update {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(archive.Files[last].Data), got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func options(t *testing.T, comment string) Options {
	opt := Options{Paths: []string{"."}}
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "args":
			opt.Paths = strings.Fields(value)
		case "kind":
			kind, ok := inventory.ParseKind(value)
			if !ok {
				t.Fatalf("unknown kind %q", value)
			}
			opt.Kind = kind
		case "owner":
			opt.Owner = value
		}
	}
	return opt
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// describe spells a result, one line a thing.
func describe(r Result) string {
	var out strings.Builder
	for _, err := range r.Errors {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	for _, g := range r.Inventory.Gaps {
		fmt.Fprintf(&out, "gap: %s:%d:%d: %s\n", g.Where, g.Line, g.Column, g.Reason)
	}
	for _, in := range r.Inventory.Inputs {
		fmt.Fprintf(&out, "input: %s %s %d\n", in.Path, in.Kind, in.Policies)
	}
	for _, f := range r.Inventory.Files {
		fmt.Fprintf(&out, "file: %s %s %s, %d statements\n", f.Path, f.Kind, f.Owner, len(f.Document.Parsed.Statements))
	}
	if r.Inventory.Foreign > 0 {
		fmt.Fprintf(&out, "foreign: %d\n", r.Inventory.Foreign)
	}
	for _, a := range r.Inventory.Accounts {
		fmt.Fprintf(&out, "account: %q %s\n", a.ID, a.Organization)
		for _, p := range a.Principals() {
			fmt.Fprintf(&out, "  principal: %s\n", p.ARN)
			for _, policy := range p.Policies {
				fmt.Fprintf(&out, "    %s, %d statements\n", policy.Where(), len(policy.Document.Parsed.Statements))
			}
			if p.BoundaryARN != "" {
				fmt.Fprintf(&out, "    boundary: %s, known: %t\n", p.BoundaryARN, p.Boundary != nil)
			}
		}
		for _, h := range a.Held() {
			if len(h.Principals) == 0 {
				fmt.Fprintf(&out, "  %s\n", h.Where())
			}
		}
	}
	return out.String()
}
