package house

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestModulesAreTidy holds go.mod and go.sum against the imports.
func TestModulesAreTidy(t *testing.T) {
	for _, module := range []string{".", "tools", "tools/browser"} {
		cmd := exec.Command("go", "mod", "tidy", "-diff")
		cmd.Dir = filepath.Join(root(t), module)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("module %s: go mod tidy -diff: %v\n%s", module, err, out)
		}
	}
}

// TestGoFilesAreFormatted includes the files that build tags leave out.
func TestGoFilesAreFormatted(t *testing.T) {
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if formatted, err := format.Source(text); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(formatted, text) {
			t.Errorf("%s: not formatted (run make format)", name)
		}
	}
}
