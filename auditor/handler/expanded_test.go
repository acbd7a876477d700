package handler_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// expanded runs what `make expanded` runs.
func expanded(t *testing.T) []byte {
	t.Helper()
	cmd := exec.Command(filepath.Join(".venv", "bin", "python"), "tools/expand/expand.py", "template.yaml")
	cmd.Dir = filepath.Join("..", "..")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v (make test installs what it needs)\n%s", err, stderr.String())
	}
	return out
}

// maxTemplate is the largest template that CloudFormation takes as text.
//
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const maxTemplate = 51200

// The expanded template has no transform and is the same stack: the resources
// that SAM passes on are equal, the functions and their sources are there, and
// what SAM adds passes our audit as well.
func TestExpandedTemplateIsTheSameStack(t *testing.T) {
	text := expanded(t)
	if again := expanded(t); !bytes.Equal(text, again) {
		t.Error("two runs give different bytes")
	}
	if len(text) > maxTemplate {
		t.Errorf("%d bytes, which CloudFormation takes by address alone (expected at most %d)", len(text), maxTemplate)
	}
	for _, word := range []string{"Transform:", "AWS::Serverless"} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("it has %s", word)
		}
	}
	file := filepath.Join(t.TempDir(), "expanded.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	parameters := map[string]string{"CodeBucket": "artifacts", "CodePrefix": "v1/"}
	for name, value := range organization {
		parameters[name] = value
	}
	want, got := deployed(t, mainTemplate), deploy(t, file, account, "us-east-1", parameters)
	for name, resource := range want {
		if resource.Type == "AWS::Serverless::Function" {
			compareFunction(t, name, resource, got[name])
			continue
		}
		if got[name] == nil {
			t.Errorf("%s is missing", name)
		} else if diff := cmp.Diff(resource.Properties, got[name].Properties); diff != "" || got[name].Type != resource.Type {
			t.Errorf("%s:\n%s", name, diff)
		}
		delete(got, name)
	}
	sources := make(map[string]int)
	for name, resource := range got {
		sources[resource.Type]++
		if resource.Type == "AWS::Lambda::EventSourceMapping" {
			if diff := cmp.Diff([]any{"ReportBatchItemFailures"}, resource.Properties["FunctionResponseTypes"]); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
	added := map[string]int{"AWS::Lambda::Function": 3, "AWS::Lambda::EventSourceMapping": 2, "AWS::Scheduler::Schedule": 1, "AWS::IAM::Role": 1}
	if diff := cmp.Diff(added, sources); diff != "" {
		t.Errorf("what SAM makes:\n%s", diff)
	}
	for role, list := range statements(t, got) { // the schedule's
		want := map[string][]string{"lambda:InvokeFunction": {"arn:aws:lambda:us-east-1:" + account + ":function:DispatchFunction"}}
		if diff := cmp.Diff(want, allowed(t, role, list)); diff != "" {
			t.Errorf("role %s:\n%s", role, diff)
		}
	}
	report := auditor.Audit(holder(t, account, got, func(*inlinePolicy) {}), auditor.Options{Now: noon})
	if len(report.Findings) != 0 || len(report.Gaps) != 0 {
		t.Errorf("findings %+v, gaps %+v", report.Findings, report.Gaps)
	}
}

func compareFunction(t *testing.T, name string, want, got *resource) {
	t.Helper()
	if got == nil || got.Type != "AWS::Lambda::Function" {
		t.Fatalf("%s is missing", name)
	}
	for _, property := range []string{"Description", "MemorySize", "Timeout", "Role", "LoggingConfig", "Environment"} {
		if diff := cmp.Diff(want.Properties[property], got.Properties[property]); diff != "" {
			t.Errorf("%s: %s:\n%s", name, property, diff)
		}
	}
	code := map[string]any{"S3Bucket": "artifacts", "S3Key": "v1/" + strings.ToLower(strings.TrimSuffix(name, "Function")) + ".zip"}
	if diff := cmp.Diff(code, got.Properties["Code"]); diff != "" || got.Properties["Runtime"] != "provided.al2023" || got.Properties["Handler"] != "bootstrap" {
		t.Errorf("%s: its code:\n%s", name, diff)
	}
}
