package handler_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// published returns the events of every golden file.
func published(t *testing.T) []map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "golden", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var events []map[string]any
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			events = append(events, object(t, string(line)))
		}
	}
	if len(events) < 20 {
		t.Fatalf("%d golden events", len(events))
	}
	return events
}

// valueAt returns what lies at a path of an event, as EventBridge's input transformer
// finds it: "$.detail.data.change".
func valueAt(event map[string]any, path string) (string, bool) {
	var value any = event
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "$."), ".") {
		inner, isObject := value.(map[string]any)
		if !isObject {
			return "", false
		}
		value = inner[step]
	}
	text, isText := value.(string)
	return text, isText
}

// alertMessage is what the alert rule sends of an event: each line a string, with
// what the paths lead to.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
func alertMessage(t *testing.T, event map[string]any) string {
	t.Helper()
	target := deployed(t, mainTemplate)["AlertRule"].Properties["Targets"].([]any)[0].(map[string]any)
	transformer := target["InputTransformer"].(map[string]any)
	text := transformer["InputTemplate"].(string)
	for name, path := range transformer["InputPathsMap"].(map[string]any) {
		value, found := valueAt(event, path.(string))
		if !found || !strings.Contains(text, "<"+name+">") {
			t.Errorf("%s: %v leads nowhere, or is not shown", name, path)
		}
		text = strings.ReplaceAll(text, "<"+name+">", value)
	}
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, `"`) || !strings.HasSuffix(line, `"`) {
			t.Errorf("line %s is no string", line)
		}
	}
	return text
}

// Every alert can be read by who gets it.
func TestAlertsCanBeRead(t *testing.T) {
	const want = `"high: allows full access to CodeArtifact: 51 of 51 actions on every domain, repository and package [grant/full-access]"
"arn:aws:iam::111122223333:role/ci-build#inline/artifact-access in account 111122223333"
"NEW at 2026-09-24T12:00:00Z, finding `
	pattern := rulesOn(t, mainTemplate, "Bus")["AlertRule"]
	alerts, seen := 0, false
	for _, event := range published(t) {
		if event["detail-type"] != "CodeArtifact Audit Finding" {
			continue
		}
		message := alertMessage(t, event)
		if strings.Contains(message, "<") {
			t.Errorf("not filled in: %s", message)
		}
		passes, err := matches(pattern, event)
		if err != nil {
			t.Fatal(err)
		}
		if passes {
			alerts++
			seen = seen || strings.HasPrefix(message, want)
		}
	}
	if alerts == 0 || !seen {
		t.Errorf("%d alerts, none of them\n%s", alerts, want)
	}
}
