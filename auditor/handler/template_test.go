package handler_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

// payloads returns every file in events that holds a payload, by name.
func payloads(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "events", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	read := make(map[string][]byte)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if name == "account" { // the sample account, an inventory
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		read[name] = text
	}
	if len(read) < 16 {
		t.Fatalf("%d payloads (expected 16 or more)", len(read))
	}
	return read
}

// passed names the rule of the template that must pass each sample event; no
// rule must pass those that are not here. The samples that are no events of
// EventBridge are left out.
var passed = map[string]string{
	"add-user-to-group":                        "IamChanges",
	"attach-role-policy":                       "IamChanges",
	"create-policy":                            "IamChanges",
	"create-policy-version":                    "IamChanges",
	"create-policy-version-latent":             "IamChanges",
	"create-repository":                        "CodeArtifactChanges",
	"create-role":                              "IamChanges",
	"delete-domain-permissions-policy":         "CodeArtifactChanges",
	"delete-domain-permissions-policy-uri":     "CodeArtifactChanges",
	"delete-repository-permissions-policy":     "CodeArtifactChanges",
	"delete-repository-permissions-policy-uri": "CodeArtifactChanges",
	"delete-role-policy":                       "IamChanges",
	"delete-user-permissions-boundary":         "IamChanges",
	"detach-user-policy":                       "IamChanges",
	"failed-put-role-policy":                   "",
	"get-authorization-token":                  "",
	"get-role-policy":                          "",
	"hidden-update-assume-role-policy":         "IamChanges",
	"identity-center-put-role-policy":          "IamChanges",
	"member-put-role-policy":                   "IamChanges",
	"null-put-domain-permissions-policy":       "CodeArtifactChanges",
	"omitted-put-role-policy":                  "IamChanges",
	"put-domain-permissions-policy":            "CodeArtifactChanges",
	"put-domain-permissions-policy-uri":        "CodeArtifactChanges",
	"put-group-policy":                         "IamChanges",
	"put-repository-permissions-policy":        "CodeArtifactChanges",
	"put-repository-permissions-policy-uri":    "CodeArtifactChanges",
	"put-role-permissions-boundary":            "IamChanges",
	"put-role-policy":                          "IamChanges",
	"put-user-policy":                          "IamChanges",
	"remove-user-from-group":                   "IamChanges",
	"schedule":                                 "",
	"set-default-policy-version":               "IamChanges",
	"update-assume-role-policy":                "IamChanges",
}

// deployed are the resources of a template where there are member accounts: of
// the auditor's stack in its account, of the other in a member's.
func deployed(t *testing.T, file string) map[string]*resource {
	t.Helper()
	if file == memberTemplate {
		return deploy(t, file, theirs, "us-east-1", asked)
	}
	return deploy(t, file, account, "us-east-1", organization)
}

func TestRulesPassTheirEventsAndNoOthers(t *testing.T) {
	for _, file := range []string{mainTemplate, memberTemplate} {
		t.Run(file, func(t *testing.T) { passesItsOwn(t, rules(t, file)) })
	}
}

// What is forwarded meets the same patterns again.
func TestForwardedChangesArePassedOn(t *testing.T) {
	all := rulesOn(t, mainTemplate, "ForwardedBus")
	want := rules(t, mainTemplate)
	if len(all) != 2 {
		t.Errorf("%d rules", len(all))
	}
	for name, pattern := range all {
		if diff := cmp.Diff(want[strings.TrimPrefix(name, "Forwarded")], pattern); diff != "" {
			t.Errorf("rule %s:\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(want, rules(t, memberTemplate)); diff != "" {
		t.Errorf("%s:\n%s", memberTemplate, diff)
	}
}

func passesItsOwn(t *testing.T, patterns map[string]map[string]any) {
	if len(patterns) != 2 {
		t.Fatalf("%d rules (expected one a source)", len(patterns))
	}
	met := make(map[string]bool)
	for name, text := range payloads(t) {
		event := object(t, string(text))
		if _, isEvent := event["detail-type"]; !isEvent {
			continue
		}
		want, listed := passed[name]
		if !listed {
			t.Errorf("events/%s.json: not said which rule passes it", name)
		}
		met[name] = true
		for rule, pattern := range patterns {
			got, err := matches(pattern, event)
			if err != nil {
				t.Fatalf("rule %s: %v", rule, err)
			}
			if got != (rule == want) {
				t.Errorf("rule %s, events/%s.json: passes %t", rule, name, got)
			}
		}
	}
	for name := range passed {
		if !met[name] {
			t.Errorf("events/%s.json: not there", name)
		}
	}
}

// The rules must not be fooled: an event of another source that only claims to
// be a call to IAM, and a failed call, stay out.
func TestRulesPinSourceAndSuccess(t *testing.T) {
	patterns := rules(t, mainTemplate)
	text := string(payloads(t)["put-role-policy"])
	for what, change := range map[string]func(event, detail map[string]any){
		"custom source":        func(event, _ map[string]any) { event["source"] = "my.app" },
		"other event source":   func(_, detail map[string]any) { detail["eventSource"] = "s3.amazonaws.com" },
		"service event":        func(event, _ map[string]any) { event["detail-type"] = "AWS Service Event via CloudTrail" },
		"failed":               func(_, detail map[string]any) { detail["errorCode"] = "AccessDenied" },
		"of another name":      func(_, detail map[string]any) { detail["eventName"] = "CreateAccessKey" },
		"name in another case": func(_, detail map[string]any) { detail["eventName"] = "putRolePolicy" },
		"no detail":            func(event, _ map[string]any) { delete(event, "detail") },
	} {
		event := object(t, text)
		change(event, event["detail"].(map[string]any))
		for rule, pattern := range patterns {
			if got, err := matches(pattern, event); err != nil || got {
				t.Errorf("%s: rule %s passes it: %t, %v", what, rule, got, err)
			}
		}
	}
}

// What the rules pass and what the handler takes up are one list.
func TestRulesAndHandlerKnowTheSameCalls(t *testing.T) {
	known := handler.Relevant()
	for rule, pattern := range rules(t, mainTemplate) {
		detail := pattern["detail"].(map[string]any)
		source := detail["eventSource"].([]any)[0].(string)
		var names []string
		for _, name := range detail["eventName"].([]any) {
			names = append(names, name.(string))
		}
		if !slices.IsSorted(names) {
			t.Errorf("rule %s: its names are not sorted", rule)
		}
		if !slices.Equal(names, known[source]) {
			t.Errorf("rule %s passes %v, the handler takes up %v", rule, names, known[source])
		}
		delete(known, source)
	}
	for source := range known {
		t.Errorf("no rule passes events of %s", source)
	}
}

// Every queue is encrypted, and every one that is worked off has a dead-letter
// queue of its own kind.
func TestQueuesKeepWhatFails(t *testing.T) {
	resources := deployed(t, mainTemplate)
	queues := 0
	for name, resource := range resources {
		if resource.Type != "AWS::SQS::Queue" {
			continue
		}
		queues++
		if resource.Properties["SqsManagedSseEnabled"] != true {
			t.Errorf("queue %s is not encrypted", name)
		}
		redrive, _ := resource.Properties["RedrivePolicy"].(map[string]any)
		if strings.HasSuffix(name, "DeadLetters") {
			continue
		}
		target, _ := redrive["deadLetterTargetArn"].(string)
		dead, ok := resources[target[strings.LastIndex(target, ":")+1:]]
		if !ok || dead.Properties["FifoQueue"] != resource.Properties["FifoQueue"] {
			t.Errorf("queue %s: dead-letter queue %q is none for it", name, target)
		}
	}
	if queues != 6 {
		t.Errorf("%d queues", queues)
	}
	sweeps := resources["SweepQueue"].Properties
	if sweeps["FifoQueue"] != true || sweeps["ContentBasedDeduplication"] != false || sweeps["DelaySeconds"] != "90" {
		t.Errorf("sweep queue: %v", sweeps)
	}
}

// Run here, a function has no bus and no queue: what the template points at
// AWS, functions/local.json empties, and samconfig.toml names that file.
func TestRunHereAFunctionTouchesNothing(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "functions", "local.json"))
	if err != nil {
		t.Fatal(err)
	}
	var local struct{ Parameters map[string]string }
	if err := json.Unmarshal(text, &local); err != nil {
		t.Fatal(err)
	}
	functions := 0
	for name, resource := range deployed(t, mainTemplate) {
		if resource.Type != "AWS::Serverless::Function" {
			continue
		}
		functions++
		environment := resource.Properties["Environment"].(map[string]any)
		for variable := range environment["Variables"].(map[string]any) {
			if value, emptied := local.Parameters[variable]; variable != "ACCOUNT" && (!emptied || value != "") {
				t.Errorf("function %s: %s is not emptied", name, variable)
			}
		}
	}
	if functions != 3 {
		t.Errorf("%d functions", functions)
	}
	config, err := os.ReadFile(filepath.Join("..", "..", "samconfig.toml"))
	if err != nil || !strings.Contains(string(config), "[default.local_invoke.parameters]\nenv_vars = \"functions/local.json\"") {
		t.Errorf("samconfig.toml does not name functions/local.json, %v", err)
	}
}
