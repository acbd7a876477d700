package handler_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

const theirs = "444455556666" // a member account

// What the templates are deployed with.
var (
	alone        = map[string]string{}
	organization = map[string]string{"Organization": "o-a1b2c3d4e5", "MemberRoleName": "codeartifact-auditor-member", "ExternalId": "0a1b2c"}
	listed       = map[string]string{"Accounts": account + "," + theirs, "MemberRoleName": "codeartifact-auditor-member", "ExternalId": "0a1b2c"}
	asked        = map[string]string{
		"ForwardedBusArn": "arn:aws:events:us-east-1:" + account + ":event-bus/codeartifact-auditor-forwarded",
		"ScanRoleArn":     "arn:aws:iam::" + account + ":role/ScanRole", "ExternalId": "0a1b2c",
	}
)

// statement is one of a role's policies.
type statement struct {
	Sid, Effect      string
	Action, Resource any
	NotAction        any
	NotResource      any
	Condition        any
}

// statements returns what the roles among resources allow, by role.
func statements(t *testing.T, resources map[string]*resource) map[string][]statement {
	t.Helper()
	all := make(map[string][]statement)
	for name, resource := range resources {
		if resource.Type != "AWS::IAM::Role" {
			continue
		}
		for _, policy := range policiesOf(t, resource) {
			all[name] = append(all[name], policy.PolicyDocument.Statement...)
		}
		if resource.Properties["ManagedPolicyArns"] != nil {
			t.Errorf("role %s: managed policies grant more than the calls it makes", name)
		}
	}
	return all
}

type inlinePolicy struct {
	PolicyName     string
	PolicyDocument struct {
		Version   string
		Statement []statement
	}
}

func policiesOf(t *testing.T, role *resource) []inlinePolicy {
	t.Helper()
	text, err := json.Marshal(role.Properties["Policies"])
	if err != nil {
		t.Fatal(err)
	}
	var policies []inlinePolicy
	if err := json.Unmarshal(text, &policies); err != nil {
		t.Fatal(err)
	}
	return policies
}

// Exactly the calls each function makes, each on its own resource.
func TestRolesAllowWhatTheirFunctionCalls(t *testing.T) {
	for mode, parameters := range map[string]map[string]string{"alone": alone, "organization": organization, "listed": listed} {
		t.Run(mode, func(t *testing.T) {
			want := map[string]map[string][]string{
				"ChangeRole":   calls(handler.ChangeFunction, parameters),
				"ScanRole":     calls(handler.ScanFunction, parameters),
				"DispatchRole": calls(handler.DispatchFunction, parameters),
			}
			take(want["ChangeRole"], "ChangeQueue")
			take(want["ScanRole"], "SweepQueue")
			want["DispatchRole"]["sqs:SendMessage"] = []string{queue("DispatchDeadLetters"), queue("SweepQueue")}
			for role, group := range map[string]string{"ChangeRole": "ChangeLogs", "ScanRole": "ScanLogs", "DispatchRole": "DispatchLogs"} {
				for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
					want[role][action] = []string{"arn:aws:logs:us-east-1:" + account + ":log-group:" + group + ":*"}
				}
			}
			got := make(map[string]map[string][]string)
			for role, list := range statements(t, deploy(t, mainTemplate, account, "us-east-1", parameters)) {
				got[role] = allowed(t, role, list)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-called +allowed)\n%s", diff)
			}
		})
	}
}

// take adds what Lambda does in the role's name to take messages.
func take(role map[string][]string, from string) {
	for _, action := range []string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"} {
		role[action] = []string{queue(from)}
	}
}

func queue(name string) string { return "arn:aws:sqs:us-east-1:" + account + ":" + name }

// on says what the resources of a deployment are called. Of actions that are
// called on anything it is what they can be limited to: those without a resource
// type, to nothing.
//
// Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
func on(p handler.Permission) []string {
	switch p.On {
	case handler.SweepQueue:
		return []string{queue("SweepQueue")}
	case handler.Bus:
		return []string{"arn:aws:events:us-east-1:" + account + ":event-bus/Bus"}
	case handler.Table:
		return []string{"arn:aws:dynamodb:us-east-1:" + account + ":table/Table"}
	case handler.MemberRole:
		return []string{"arn:aws:iam::*:role/codeartifact-auditor-member"}
	}
	of := func(kind string) string {
		return "arn:aws:organizations::*:" + kind + "/" + organization["Organization"] + "/"
	}
	switch p.Action {
	case "iam:GetPolicy", "iam:GetPolicyVersion":
		return []string{"arn:aws:iam::*:policy/*"}
	case "codeartifact:GetDomainPermissionsPolicy", "codeartifact:ListRepositoriesInDomain":
		return []string{"arn:aws:codeartifact:*:*:domain/*"}
	case "codeartifact:GetRepositoryPermissionsPolicy":
		return []string{"arn:aws:codeartifact:*:*:repository/*"}
	case "organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent":
		return []string{of("ou") + "ou-*", of("root") + "r-*"}
	case "organizations:ListPoliciesForTarget":
		return []string{of("account") + "*", of("ou") + "ou-*", of("root") + "r-*"}
	case "organizations:DescribePolicy", "organizations:ListTargetsForPolicy":
		return []string{of("policy") + "*", "arn:aws:organizations::aws:policy/*"}
	}
	return []string{"*"}
}

// calls returns the actions of the calls that a function makes with these
// parameters, and what on.
func calls(function handler.Function, parameters map[string]string) map[string][]string {
	actions := make(map[string][]string)
	for _, p := range function.Permissions() {
		ofOrganization := strings.HasPrefix(p.Action, "organizations:")
		if p.Members && (len(parameters) == 0 || ofOrganization && parameters["Organization"] == "") {
			continue
		}
		actions[p.Action] = on(p)
	}
	return actions
}

// allowed returns the actions that statements allow, and what on.
func allowed(t *testing.T, role string, list []statement) map[string][]string {
	t.Helper()
	actions := make(map[string][]string)
	for _, s := range list {
		if s.Effect != "Allow" || s.NotAction != nil || s.NotResource != nil || s.Condition != nil {
			t.Errorf("role %s: statement %+v", role, s)
		}
		for _, action := range texts(s.Action) {
			if strings.Contains(action, "*") || strings.Contains(action, "Token") {
				t.Errorf("role %s allows %s", role, action)
			}
			actions[action] = append(actions[action], texts(s.Resource)...)
			slices.Sort(actions[action])
		}
	}
	return actions
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

// The role that reads a member account has what `caudit permissions` prints but
// for the control policies, which dispatch reads.
func TestMemberRoleReadsWhatPermissionsSay(t *testing.T) {
	var document struct{ Statement []statement }
	if err := json.Unmarshal([]byte(collect.Permissions), &document); err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(document.Statement, func(s statement) bool { return s.Sid == "ReadControlPolicies" })
	if len(want) != len(document.Statement)-1 {
		t.Fatal("no statement ReadControlPolicies")
	}
	got := statements(t, deployed(t, memberTemplate))
	if diff := cmp.Diff(want, got["MemberRole"]); diff != "" {
		t.Error(diff)
	}
	forwards := allowed(t, "ForwardRole", got["ForwardRole"])
	if diff := cmp.Diff(map[string][]string{"events:PutEvents": {asked["ForwardedBusArn"]}}, forwards); diff != "" {
		t.Error(diff)
	}
	if len(got) != 2 {
		t.Errorf("%d roles", len(got))
	}
}

// It trusts the role of scan and nobody else, with the external id.
func TestMemberRoleTrustsScanAlone(t *testing.T) {
	role := deploy(t, memberTemplate, theirs, "us-east-1", asked)["MemberRole"]
	trust := map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": asked["ScanRoleArn"]}, "Action": "sts:AssumeRole",
		"Condition": map[string]any{"StringEquals": map[string]any{"sts:ExternalId": asked["ExternalId"]}},
	}
	want := map[string]any{"Version": "2012-10-17", "Statement": []any{trust}}
	if diff := cmp.Diff(want, role.Properties["AssumeRolePolicyDocument"]); diff != "" {
		t.Error(diff)
	}
}

// holder is the account that holds the roles among resources and nothing else.
func holder(t *testing.T, id string, resources map[string]*resource, spoil func(*inlinePolicy)) *inventory.Inventory {
	t.Helper()
	var b inventory.Builder
	held := &inventory.Account{ID: id}
	document := func(value any) *inventory.Document {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return b.Intern(string(text))
	}
	for _, name := range slices.Sorted(maps.Keys(resources)) {
		if resources[name].Type != "AWS::IAM::Role" {
			continue
		}
		role := &inventory.Role{ARN: "arn:aws:iam::" + id + ":role/" + name, Name: name, Path: "/"}
		role.Trust = document(resources[name].Properties["AssumeRolePolicyDocument"])
		for _, policy := range policiesOf(t, resources[name]) {
			spoil(&policy)
			text := make(map[string]any)
			if version := policy.PolicyDocument.Version; version != "" { // SAM writes none
				text["Version"] = version
			}
			var list []map[string]any
			for _, s := range policy.PolicyDocument.Statement {
				list = append(list, map[string]any{"Sid": s.Sid, "Effect": s.Effect, "Action": s.Action, "Resource": s.Resource})
			}
			text["Statement"] = list
			role.Inline = append(role.Inline, inventory.InlinePolicy{Name: policy.PolicyName, Document: document(text)})
		}
		held.Roles = append(held.Roles, role)
	}
	b.AddAccount(held)
	return b.Inventory()
}

func TestOurTemplatesPassOurAudit(t *testing.T) {
	deployments := []struct {
		name, account string
		resources     map[string]*resource
		roles         int
	}{
		{"alone", account, deploy(t, mainTemplate, account, "us-east-1", alone), 3},
		{"organization", account, deployed(t, mainTemplate), 3},
		{"listed", account, deploy(t, mainTemplate, account, "us-east-1", listed), 3},
		{"member", theirs, deployed(t, memberTemplate), 2},
	}
	for _, d := range deployments {
		inv := holder(t, d.account, d.resources, func(*inlinePolicy) {})
		report := auditor.Audit(inv, auditor.Options{Now: noon})
		if len(report.Findings) != 0 || len(report.Gaps) != 0 || len(inv.Accounts[0].Roles) != d.roles {
			t.Errorf("%s: findings %+v, gaps %+v, %d roles", d.name, report.Findings, report.Gaps, len(inv.Accounts[0].Roles))
		}
		spoilt := holder(t, d.account, d.resources, func(p *inlinePolicy) {
			p.PolicyDocument.Statement = append(p.PolicyDocument.Statement, statement{Effect: "Allow", Action: "codeartifact:*", Resource: "*"})
		})
		if report := auditor.Audit(spoilt, auditor.Options{Now: noon}); len(report.Findings) == 0 {
			t.Errorf("%s: the audit would not see a role that may do everything", d.name)
		}
	}
}
