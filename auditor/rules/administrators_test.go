package rules_test

import (
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
)

// TestAdministratorsAreExempt configures every principal of every story of grant
// and escalation as an administrator: nothing is then said that affects one.
func TestAdministratorsAreExempt(t *testing.T) {
	judged := 0
	for _, f := range fixtures(t) {
		if category, _, _ := strings.Cut(f.rule, "/"); !f.fires || category != "grant" && category != "escalation" {
			continue
		}
		inv := f.read(t, f.inputs)
		c := &config.Config{}
		if f.config != nil {
			*c = *f.config
		}
		for _, a := range inv.Accounts {
			for _, p := range a.Principals() {
				c.Administrators = append(c.Administrators, p.ARN)
			}
		}
		if len(c.Administrators) == 0 {
			continue
		}
		judged++
		for _, is := range auditor.Audit(inv, auditor.Options{Config: c, Now: now}).Findings {
			category, _, _ := strings.Cut(is.Rule, "/")
			if (category == "grant" || category == "escalation") && len(is.Affected) > 0 {
				t.Errorf("%s: %s on %s affects %v, who are administrators", f.path, is.Rule, is.Subject.ID, is.Affected)
			}
		}
	}
	if judged < 20 {
		t.Errorf("%d stories have principals: too few to prove anything", judged)
	}
}
