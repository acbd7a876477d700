package handler_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each place gets what it needs, and no role twice.
func TestMemberTemplateKnowsItsPlace(t *testing.T) {
	noRole := maps.Clone(asked)
	delete(noRole, "ScanRoleArn")
	for _, c := range []struct {
		account, region string
		parameters      map[string]string
		want            string
	}{
		{theirs, "us-east-1", asked, "CodeArtifactChanges ForwardRole IamChanges MemberRole Place"},
		{theirs, "eu-west-1", asked, "CodeArtifactChanges ForwardRole Place"},
		{theirs, "us-east-1", noRole, "CodeArtifactChanges ForwardRole IamChanges Place"},
		{account, "us-east-1", asked, "Place"},
		{account, "eu-west-1", asked, "CodeArtifactChanges ForwardRole Place"},
		{account, "eu-west-1", noRole, "CodeArtifactChanges ForwardRole Place"},
	} {
		made := deploy(t, memberTemplate, c.account, c.region, c.parameters)
		if got := strings.Join(slices.Sorted(maps.Keys(made)), " "); got != c.want {
			t.Errorf("%s in %s: %s (expected %s)", c.account, c.region, got, c.want)
		}
	}
}

// Forwarding rules send to the auditor's bus and nowhere else, in the name of
// the role that may.
func TestMemberRulesForwardToTheAuditor(t *testing.T) {
	rules := 0
	for name, resource := range deployed(t, memberTemplate) {
		if resource.Type != "AWS::Events::Rule" {
			continue
		}
		rules++
		want := []any{map[string]any{"Id": "auditor", "Arn": asked["ForwardedBusArn"], "RoleArn": "arn:aws:iam::" + theirs + ":role/ForwardRole"}}
		if diff := cmp.Diff(want, resource.Properties["Targets"]); diff != "" {
			t.Errorf("rule %s:\n%s", name, diff)
		}
	}
	if rules != 2 {
		t.Errorf("%d rules", rules)
	}
}

// Who may put events on the bus for what is forwarded: nobody but the account
// itself, its organization, or the accounts of the list.
func TestForwardedBusTakesFromMembersAlone(t *testing.T) {
	put := func(changed map[string]any) map[string]any {
		statement := map[string]any{
			"Effect": "Allow", "Action": "events:PutEvents", "Resource": "arn:aws:events:us-east-1:" + account + ":event-bus/ForwardedBus",
		}
		maps.Copy(statement, changed)
		return statement
	}
	for mode, c := range map[string]struct {
		parameters map[string]string
		want       any
	}{
		"alone": {alone, nil},
		"organization": {organization, put(map[string]any{
			"Principal": "*", "Condition": map[string]any{"StringEquals": map[string]any{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
		})},
		"listed": {listed, put(map[string]any{"Principal": map[string]any{"AWS": []any{account, theirs}}})},
	} {
		var got any
		for _, resource := range deploy(t, mainTemplate, account, "us-east-1", c.parameters) {
			if resource.Type != "AWS::Events::EventBusPolicy" {
				continue
			}
			if got != nil || resource.Properties["EventBusName"] != "ForwardedBus" {
				t.Errorf("%s: policy of bus %v", mode, resource.Properties["EventBusName"])
			}
			got = resource.Properties["Statement"]
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", mode, diff)
		}
	}
}

// Every rule that sends to the queue of changes may, and nobody else.
func TestQueueTakesFromItsRules(t *testing.T) {
	for mode, parameters := range map[string]map[string]string{"alone": alone, "organization": organization, "listed": listed} {
		resources := deploy(t, mainTemplate, account, "us-east-1", parameters)
		var senders []any
		for _, name := range slices.Sorted(maps.Keys(resources)) {
			targets, _ := resources[name].Properties["Targets"].([]any)
			for _, target := range targets {
				if target.(map[string]any)["Arn"] == queue("ChangeQueue") {
					senders = append(senders, "arn:aws:events:us-east-1:"+account+":rule/"+name)
				}
			}
		}
		document := resources["ChangeQueuePolicy"].Properties["PolicyDocument"].(map[string]any)
		want := []any{map[string]any{
			"Sid": "RulesSend", "Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
			"Resource":  []any{queue("ChangeQueue"), queue("ChangeDeadLetters")},
			"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": senders}},
		}}
		sorted := document["Statement"].([]any)[0].(map[string]any)["Condition"].(map[string]any)["ArnEquals"].(map[string]any)["aws:SourceArn"].([]any)
		slices.SortFunc(sorted, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		if diff := cmp.Diff(want, document["Statement"]); diff != "" {
			t.Errorf("%s:\n%s", mode, diff)
		}
	}
}

// Two stacks in one account do not want one name.
func TestNamesAreTheStacks(t *testing.T) {
	named := []string{"Name", "RoleName", "QueueName", "TopicName", "TableName", "FunctionName", "LogGroupName", "AlarmName", "ArchiveName", "DashboardName"}
	buses := 0
	for id, resource := range deployed(t, mainTemplate) {
		for _, property := range named {
			name, given := resource.Properties[property].(string)
			if !given {
				continue
			}
			buses++
			if resource.Type != "AWS::Events::EventBus" || !strings.HasPrefix(name, stackName) {
				t.Errorf("%s has the name %s", id, name)
			}
		}
	}
	if buses != 2 {
		t.Errorf("%d named resources", buses)
	}
}
