package source

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

// Whatever a file holds, reading it ends, is never silent, does not depend on how
// the bytes arrive, and what was read can be written and read again.
func FuzzReadFrom(f *testing.F) {
	paths, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(file.Data)
		}
	}
	f.Add([]byte(everything))
	f.Add(wide(everything, false, true))
	f.Add(events.Account)
	f.Fuzz(func(t *testing.T, data []byte) {
		named := ReadFrom("f", bytes.NewReader(data), Options{})
		inv := named.Inventory
		if len(named.Errors)+len(inv.Gaps)+len(inv.Inputs) == 0 {
			t.Fatalf("silent over %q", data)
		}
		for _, err := range named.Errors {
			if err.Message == "" || err.Line < 1 || err.Column < 1 {
				t.Errorf("an error without place or words: %+v", err)
			}
		}
		if len(named.Errors) > 0 && len(inv.Files)+len(inv.Accounts) > 0 {
			t.Errorf("an input of which something was read is an error: %v", named.Errors)
		}
		pieces := ReadFrom("f", iotest.OneByteReader(bytes.NewReader(data)), Options{})
		if wordless(describe(pieces)) != wordless(describe(named)) {
			t.Errorf("byte by byte it reads\n%s\nat once\n%s", describe(pieces), describe(named))
		}
		foundAsNamed(t, data, named)
		writtenAgain(t, inv)
	})
}

// wordless leaves out the words and the places of errors and gaps: the tokenizer
// may stumble over a bad word before it has seen the rest of it.
func wordless(described string) string {
	var out strings.Builder
	for line := range strings.Lines(described) {
		if strings.HasPrefix(line, "error: f:") || strings.HasPrefix(line, "gap: f:") {
			line, _, _ = strings.Cut(line, ":")
		}
		out.WriteString(line)
	}
	return out.String()
}

// foundAsNamed checks that a file is the same inventory whether it was named or
// found by walking.
func foundAsNamed(t *testing.T, data []byte, named Result) {
	r := newReader(Options{})
	newFile(r, target{path: "f"}, bytes.NewReader(data)).read()
	found := r.result()
	if len(found.Errors) > 0 {
		t.Errorf("a file that was found is an error: %v", found.Errors)
	}
	if len(named.Errors) == 0 && describe(found) != describe(named) {
		t.Errorf("found by walking it reads\n%s\nnamed\n%s", describe(found), describe(named))
	}
	if len(found.Inventory.Gaps) == 0 && len(named.Inventory.Gaps) > 0 {
		t.Errorf("gaps %v are silent when the file was found", named.Inventory.Gaps)
	}
}

func writtenAgain(t *testing.T, inv *inventory.Inventory) {
	var first, second bytes.Buffer
	if err := inventory.Write(&first, inv.Accounts); err != nil {
		t.Fatal(err)
	}
	again := ReadFrom("f", strings.NewReader(first.String()), Options{})
	if err := inventory.Write(&second, again.Inventory.Accounts); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() {
		t.Errorf("written, read and written again:\n%s\nis\n%s", first.String(), second.String())
	}
}

// Directories hold anything: a tree of random files is walked without an error.
func TestWalkNeverFails(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"a": "\x00", "b": "{", "c": "[[[", "d": "\xff\xfe", "e": `{"UserDetailList":`, "f": "{}{}", "g": `{"policy": {"document": 1}}`, "h": `{"schema": 7}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if r := Read(Options{Dir: dir, Paths: []string{"."}}); len(r.Errors) > 0 {
		t.Errorf("got errors %v", r.Errors)
	}
}
