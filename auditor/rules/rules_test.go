package rules_test

import (
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// TestFixtures holds what the auditor says of each story against the letter,
// and everything that must be true of whatever it says.
func TestFixtures(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(f.path, "testdata/"), path.Ext(f.path)), func(t *testing.T) {
			inv := f.read(t, f.inputs)
			report := auditor.Audit(inv, auditor.Options{Config: f.config, Now: now})
			if fired := len(found(report, f.rule)) > 0; fired != f.fires {
				t.Errorf("%s fired: %t", f.rule, fired)
			}
			got := rendered(t, f.own(report))
			if *update {
				f.rewrite(t, got)
			} else if diff := cmp.Diff(f.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			f.staysTheSame(t, report)
			for _, finding := range report.Findings {
				proves(t, inv, finding)
				f.mends(t, report, finding)
				_, page, _ := strings.Cut(finding.Help, "/auditor/rules/")
				if _, err := os.Stat(page); err != nil {
					t.Errorf("help is %q: %v", finding.Help, err)
				}
			}
		})
	}
}

// staysTheSame checks that neither the order of things nor how they are written
// changes what is found.
func (f *fixture) staysTheSame(t *testing.T, report *auditor.Report) {
	t.Helper()
	for _, r := range rewritings {
		again := f.audit(t, r.rewrite(t, f.inputs))
		if diff := cmp.Diff(verdicts(report), verdicts(again)); diff != "" {
			t.Errorf("%s changes the findings (-before +after):\n%s", r.name, diff)
		}
	}
}
