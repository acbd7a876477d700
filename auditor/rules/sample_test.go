package rules_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

// TestSampleAccount: the account that the demonstration shows has every rule
// fire, and every witness and fix in it holds.
func TestSampleAccount(t *testing.T) {
	sample := fixture{inputs: []txtar.File{{Name: "account.json", Data: events.Account}}}
	inv := sample.read(t, sample.inputs)
	report := auditor.Audit(inv, auditor.Options{Now: now})
	for _, r := range rules.All() {
		if len(found(report, r.ID)) == 0 {
			t.Errorf("%s finds nothing", r.ID)
		}
	}
	if len(report.Gaps) > 0 {
		t.Errorf("gaps %v", report.Gaps)
	}
	for _, f := range report.Findings {
		proves(t, inv, f)
		sample.mends(t, report, f)
	}
	sample.staysTheSame(t, report)
}
