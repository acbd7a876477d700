package main

import (
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repository returns a folder with a catalogue like the product's.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile("../../auditor/rules/rule.go")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "auditor", "rules"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "auditor", "rules", "rule.go"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestNewRule(t *testing.T) {
	dir := repository(t)
	var stdout, stderr strings.Builder
	if status := run([]string{"-dir", dir, "supply-chain/made-up-slug"}, &stdout, &stderr); status != 0 {
		t.Fatalf("status %d: %s", status, stderr.String())
	}
	const want = `auditor/rules/docs/supply-chain/made-up-slug.md
auditor/rules/supply_chain_made_up_slug.go
auditor/rules/testdata/supply-chain/made-up-slug/fires-plain.txtar
auditor/rules/testdata/supply-chain/made-up-slug/quiet-near-miss.txtar
auditor/rules/rule.go
`
	if stdout.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s", stdout.String(), want)
	}
	for _, name := range []string{"supply_chain_made_up_slug.go", "rule.go"} {
		text, err := os.ReadFile(filepath.Join(dir, "auditor", "rules", name))
		if err != nil {
			t.Fatal(err)
		}
		if formatted, err := format.Source(text); err != nil || string(formatted) != string(text) {
			t.Errorf("%s is not well-formed Go (%v):\n%s", name, err, text)
		}
		if !strings.Contains(string(text), "madeUpSlug") {
			t.Errorf("%s does not name madeUpSlug:\n%s", name, text)
		}
	}

	// A second time it changes nothing.
	stderr.Reset()
	if status := run([]string{"-dir", dir, "supply-chain/made-up-slug"}, &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "exists") {
		t.Errorf("status %d, %q", status, stderr.String())
	}
	// Nor does a rule of another category with the same slug, whose value would have the same name.
	stderr.Reset()
	if status := run([]string{"-dir", dir, "token/made-up-slug"}, &stdout, &stderr); status != 1 || !strings.Contains(stderr.String(), "is in the catalogue") {
		t.Errorf("status %d, %q", status, stderr.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "auditor", "rules", "token_made_up_slug.go")); err == nil {
		t.Error("a refused rule left a file")
	}
}

func TestNewRuleRefuses(t *testing.T) {
	tests := map[string]struct {
		args []string
		says string
	}{
		"no id":               {nil, "one rule id is needed"},
		"two ids":             {[]string{"grant/a", "grant/b"}, "one rule id is needed"},
		"no slug":             {[]string{"grant"}, `slug ""`},
		"an unknown category": {[]string{"grants/a"}, "escalation, exposure, grant"},
		"capitals":            {[]string{"grant/FullAccess"}, "lower case words"},
		"a way out":           {[]string{"grant/../a"}, "lower case words"},
		"no catalogue":        {[]string{"-dir", t.TempDir(), "grant/a"}, "rule.go"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if status := run(tt.args, &stdout, &stderr); status == 0 || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("status %d, %q, want %q", status, stderr.String(), tt.says)
			}
			if stdout.Len() > 0 {
				t.Errorf("wrote %s", stdout.String())
			}
		})
	}
}
