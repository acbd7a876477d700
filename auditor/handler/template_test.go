package handler_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
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

func TestRulesPassTheirEventsAndNoOthers(t *testing.T) {
	patterns := rules(t)
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
	patterns := rules(t)
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
	for rule, pattern := range rules(t) {
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

// statements returns what the roles of the template allow, by role.
func statements(t *testing.T) map[string][]map[string]any {
	t.Helper()
	all := make(map[string][]map[string]any)
	for name, resource := range readTemplate(t).Resources {
		if resource.Type != "AWS::IAM::Role" {
			continue
		}
		text, err := json.Marshal(policiesOf(resource.Properties))
		if err != nil {
			t.Fatal(err)
		}
		var policies []struct {
			PolicyDocument struct{ Statement []map[string]any }
		}
		if err := json.Unmarshal(text, &policies); err != nil {
			t.Fatal(err)
		}
		for _, policy := range policies {
			all[name] = append(all[name], policy.PolicyDocument.Statement...)
		}
		if resource.Properties["ManagedPolicyArns"] != nil {
			t.Errorf("role %s: managed policies grant more than the calls it makes", name)
		}
	}
	return all
}

// policiesOf returns the inline policies of a role, also those that it has in
// organization mode alone: !If is [condition, policy, AWS::NoValue] without its tag.
func policiesOf(role map[string]any) []map[string]any {
	var policies []map[string]any
	for _, policy := range role["Policies"].([]any) {
		if branches, isIf := policy.([]any); isIf {
			policy = branches[1]
		}
		policies = append(policies, policy.(map[string]any))
	}
	return policies
}

// Exactly the calls each function makes, each on its own resource.
func TestRolesAllowWhatTheirFunctionCalls(t *testing.T) {
	// What Lambda does in the role's name: take messages, write logs.
	logs := []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	takes := append([]string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}, logs...)
	want := map[string][]string{
		"ChangeRole":   append(calls(handler.ChangeFunction), takes...),
		"ScanRole":     append(calls(handler.ScanFunction), takes...),
		"DispatchRole": append(append(calls(handler.DispatchFunction), logs...), "sqs:SendMessage"), // to its dead letters
	}
	for _, actions := range want {
		slices.Sort(actions)
	}
	roles := statements(t)
	if len(roles) != len(want) {
		t.Errorf("%d roles (expected %d)", len(roles), len(want))
	}
	for role, list := range roles {
		var actions []string
		for _, statement := range list {
			named := texts(statement["Action"])
			actions = append(actions, named...)
			if resource := texts(statement["Resource"]); slices.Contains(resource, "*") && !withoutResource(named) {
				t.Errorf("role %s: %v on every resource", role, named)
			}
			if statement["Effect"] != "Allow" || statement["NotAction"] != nil || statement["NotResource"] != nil {
				t.Errorf("role %s: statement %v", role, statement)
			}
		}
		slices.Sort(actions)
		if !slices.Equal(actions, want[role]) {
			t.Errorf("role %s allows %v (expected %v)", role, actions, want[role])
		}
	}
}

// calls returns the actions of the calls that a function makes.
func calls(function handler.Function) []string {
	var actions []string
	for _, p := range function.Permissions() {
		actions = append(actions, p.Action)
	}
	return actions
}

// withoutResource reports whether no action of a list has a resource type, or
// what it reads of an organization is not known before.
func withoutResource(actions []string) bool {
	return !slices.ContainsFunc(actions, func(action string) bool {
		switch action {
		case "iam:GetAccountAuthorizationDetails", "codeartifact:ListDomains", "codeartifact:ListRepositories":
			return false
		}
		return !strings.HasPrefix(action, "organizations:")
	})
}

func texts(value any) []string {
	if text, ok := value.(string); ok {
		return []string{text}
	}
	var all []string
	list, _ := value.([]any)
	for _, v := range list {
		text, _ := v.(string)
		all = append(all, text)
	}
	return all
}

// Every queue is encrypted, and every one that is worked off has a dead-letter
// queue of its own kind.
func TestQueuesKeepWhatFails(t *testing.T) {
	resources := readTemplate(t).Resources
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
		dead, ok := resources[strings.TrimSuffix(target, ".Arn")]
		if !ok || dead.Properties["FifoQueue"] != resource.Properties["FifoQueue"] {
			t.Errorf("queue %s: dead-letter queue %q is none for it", name, target)
		}
	}
	if queues != 5 {
		t.Errorf("%d queues", queues)
	}
	sweeps := resources["SweepQueue"].Properties
	if sweeps["FifoQueue"] != true || sweeps["ContentBasedDeduplication"] != false || sweeps["DelaySeconds"] != "SweepDelaySeconds" {
		t.Errorf("sweep queue: %v", sweeps)
	}
}

// ours is the account that holds the roles of the template and nothing else.
func ours(t *testing.T, spoil func(policy map[string]any)) *inventory.Inventory {
	t.Helper()
	var b inventory.Builder
	held := &inventory.Account{ID: account}
	document := func(value any) *inventory.Document {
		text, err := json.Marshal(arns(value))
		if err != nil {
			t.Fatal(err)
		}
		return b.Intern(string(text))
	}
	for name, resource := range readTemplate(t).Resources {
		if resource.Type != "AWS::IAM::Role" {
			continue
		}
		role := &inventory.Role{ARN: "arn:aws:iam::" + account + ":role/" + name, Name: name, Path: "/"}
		role.Trust = document(resource.Properties["AssumeRolePolicyDocument"])
		for _, policy := range policiesOf(resource.Properties) {
			spoil(policy)
			role.Inline = append(role.Inline, inventory.InlinePolicy{
				Name: policy["PolicyName"].(string), Document: document(policy["PolicyDocument"]),
			})
		}
		held.Roles = append(held.Roles, role)
	}
	b.AddAccount(held)
	return b.Inventory()
}

// arns puts an ARN in the place of every attribute that CloudFormation would.
func arns(value any) any {
	switch value := value.(type) {
	case string:
		if name, isARN := strings.CutSuffix(value, ".Arn"); isARN {
			return "arn:aws:sqs:us-east-1:" + account + ":" + name
		}
		return strings.ReplaceAll(value, "${MemberRoleName}", "codeartifact-auditor-member")
	case []any:
		for i := range value {
			value[i] = arns(value[i])
		}
	case map[string]any:
		for key := range value {
			value[key] = arns(value[key])
		}
	}
	return value
}

func TestOurTemplatePassesOurAudit(t *testing.T) {
	inv := ours(t, func(map[string]any) {})
	report := auditor.Audit(inv, auditor.Options{Now: noon})
	if len(report.Findings) != 0 || len(report.Gaps) != 0 || len(inv.Accounts[0].Roles) != 3 {
		t.Errorf("findings %+v, gaps %+v", report.Findings, report.Gaps)
	}
	spoilt := ours(t, func(policy map[string]any) {
		document := policy["PolicyDocument"].(map[string]any)
		document["Statement"] = append(document["Statement"].([]any), map[string]any{"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"})
	})
	if report := auditor.Audit(spoilt, auditor.Options{Now: noon}); len(report.Findings) == 0 {
		t.Error("the audit would not see a role that may do everything")
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
	for name, resource := range readTemplate(t).Resources {
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
