package rules_test

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// TestGuide: what is said of the examples of AWS's guide that are not quiet.
func TestGuide(t *testing.T) {
	f := readStory(t, "testdata/guide.txtar")
	report := f.audit(t, f.inputs)
	var got strings.Builder
	for _, found := range report.Findings {
		fmt.Fprintf(&got, "%s %s %v\n", found.Subject.ID, found.Rule, found.Severity)
	}
	if *update {
		f.rewrite(t, got.String())
	} else if diff := cmp.Diff(f.want, got.String()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if len(report.Gaps) > 0 {
		t.Errorf("gaps %v", report.Gaps)
	}
}
