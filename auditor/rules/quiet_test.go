package rules_test

import (
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// TestMustStayQuiet: of what is as it should be no rule says anything, and
// nothing of it is left unread.
func TestMustStayQuiet(t *testing.T) {
	paths, err := filepath.Glob("testdata/must-stay-quiet/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, name := range paths {
		f := readStory(t, filepath.ToSlash(name))
		t.Run(strings.TrimSuffix(path.Base(f.path), path.Ext(f.path)), func(t *testing.T) {
			report := f.audit(t, f.inputs)
			for _, found := range report.Findings {
				t.Errorf("%s: %s: %s", found.Rule, found.Severity, found.Message)
			}
			for _, gap := range report.Gaps {
				t.Errorf("gap: %s: %s", gap.Where, gap.Reason)
			}
			if report.Coverage.Policies+report.Coverage.Foreign == 0 {
				t.Error("nothing was looked at")
			}
			f.staysTheSame(t, report)
		})
	}
}
