package handler_test

import (
	"fmt"
	"testing"
)

// alertEvent is a published event, as far as the alert rule looks at it.
const alertEvent = `{"source": "codeartifact-auditor", "detail-type": %q,
	"detail": {"metadata": {"trigger": {"kind": %q}}, "data": {"change": %q, "finding": {"severity": %q}}}}`

// The alert rule passes critical and high findings that open, and neither the
// first audit of an account nor one with new rules.
func TestAlertRulePassesWhatSomeoneShouldLookAt(t *testing.T) {
	pattern := rulesOn(t, mainTemplate, "Bus")["AlertRule"]
	if pattern == nil {
		t.Fatal("no alert rule")
	}
	told := map[string]bool{"NEW": true, "REOPENED": true, "EXCEPTION_EXPIRED": true, "TRANSIENT": true}
	passed := 0
	for _, kind := range []string{"change", "schedule", "manual", "initial", "upgrade"} {
		for _, change := range []string{"NEW", "CHANGED", "REOPENED", "RESOLVED", "EXCEPTED", "EXCEPTION_EXPIRED", "TRANSIENT"} {
			for _, severity := range []string{"critical", "high", "medium", "low", "info"} {
				for _, detail := range []string{"CodeArtifact Audit Finding", "CodeArtifact Audit Completed"} {
					want := kind != "initial" && kind != "upgrade" && told[change] &&
						(severity == "critical" || severity == "high") && detail == "CodeArtifact Audit Finding"
					got, err := matches(pattern, object(t, fmt.Sprintf(alertEvent, detail, kind, change, severity)))
					if err != nil || got != want {
						t.Errorf("%s, %s, %s, %s: passes %t, %v", detail, kind, change, severity, got, err)
					}
					if got {
						passed++
					}
				}
			}
		}
	}
	if passed != 3*4*2 {
		t.Errorf("%d passed", passed)
	}
}
