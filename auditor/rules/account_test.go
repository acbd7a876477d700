package rules_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

// Policies that the laws are tried with.
const (
	star      = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	full      = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}`
	deletes   = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:D*", "Resource": "*"}}`
	theRest   = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": "codeartifact:D*", "Resource": "arn:aws:codeartifact:*"}}`
	reads     = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["codeartifact:Get*", "codeartifact:Read*"], "Resource": "*"}}`
	openToken = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*"}}`
	deadToken = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:GetServiceBearerToken", "Resource": "*",
		"Condition": {"StringEquals": {"sts:AWSServiceName": "codeartifact"}}}}`
)

// account is an account whose organization's policies were read and allow
// everything.
type account struct {
	users, groups, roles, policies, domains, repositories []string
	guardsUnread                                          bool
}

func (a account) String() string {
	guards := `[[{"name": "FullAWSAccess", "kind": "scp", "policy": ` + star + `}]]`
	if a.guardsUnread {
		guards = "null"
	}
	list := func(items []string) string { return "[" + strings.Join(items, ", ") + "]" }
	return fmt.Sprintf(`{"schema": "caudit/inventory/1", "account": "111122223333", "organization": "o-a1b2c3d4e5", "guards": %s,
		"iam": {"UserDetailList": %s, "GroupDetailList": %s, "RoleDetailList": %s, "Policies": %s}, "domains": %s, "repositories": %s}`,
		guards, list(a.users), list(a.groups), list(a.roles), list(a.policies), list(a.domains), list(a.repositories))
}

func iamARN(resource string) string { return "arn:aws:iam::111122223333:" + resource }

// holding writes what a user, group or role holds: documents are its inline
// policies p0, p1 …, ARNs the managed policies attached to it.
func holding(kind string, held []string) string {
	inline, attached := []string{}, []string{}
	for i, h := range held {
		if strings.HasPrefix(h, "{") {
			inline = append(inline, fmt.Sprintf(`{"PolicyName": "p%d", "PolicyDocument": %s}`, i, h))
		} else {
			attached = append(attached, fmt.Sprintf(`{"PolicyName": "attached", "PolicyArn": %q}`, h))
		}
	}
	return fmt.Sprintf(`"%sPolicyList": [%s], "AttachedManagedPolicies": [%s]`, kind, strings.Join(inline, ", "), strings.Join(attached, ", "))
}

func role(name string, held ...string) string {
	return fmt.Sprintf(`{"RoleName": %q, "Arn": %q, %s}`, name, iamARN("role/"+name), holding("Role", held))
}

func group(name string, held ...string) string {
	return fmt.Sprintf(`{"GroupName": %q, "Arn": %q, %s}`, name, iamARN("group/"+name), holding("Group", held))
}

func user(name string, groups []string, held ...string) string {
	of, _ := json.Marshal(append([]string{}, groups...))
	return fmt.Sprintf(`{"UserName": %q, "Arn": %q, "GroupList": %s, %s}`, name, iamARN("user/"+name), of, holding("User", held))
}

func managed(policyARN, document string) string {
	return fmt.Sprintf(`{"PolicyName": "managed", "Arn": %q, "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": %s}]}`, policyARN, document)
}

// judge audits one input, with a configuration where it is not empty.
func judge(t *testing.T, text, configuration string) *auditor.Report {
	t.Helper()
	return tellers(judgeByAll(t, text, configuration))
}

// tellers leaves in a report the findings of the rules that laws are told by, so
// that the next rule does not change every story.
func tellers(r *auditor.Report) *auditor.Report {
	r.Findings = slices.DeleteFunc(r.Findings, func(f finding.Finding) bool { return !teller(f.Rule) })
	return r
}

// teller reports whether laws and fixtures of other rules are told by the rule.
func teller(id string) bool {
	switch id {
	case "exposure/public", "grant/admin-access", "grant/full-access", "token/any-service", "token/dead-condition", "token/misplaced":
		return true
	}
	return false
}

// judgeByAll audits an input by the whole catalogue.
func judgeByAll(t *testing.T, text, configuration string) *auditor.Report {
	t.Helper()
	read := source.ReadFrom("input.json", strings.NewReader(text), source.Options{})
	for _, err := range read.Errors {
		t.Fatal(err)
	}
	opt := auditor.Options{Now: now}
	if configuration != "" {
		opt.Config = loadConfig(t, configuration)
	}
	return auditor.Audit(read.Inventory, opt)
}

// said are the findings of a report in short: rule, severity, confidence and the
// last part of the subject's id.
func said(r *auditor.Report) []string {
	list := []string{}
	for _, f := range r.Findings {
		_, subject, _ := strings.Cut(f.Subject.ID, "111122223333:")
		list = append(list, fmt.Sprintf("%s %v %v %s", f.Rule, f.Severity, f.Confidence, subject))
	}
	return list
}
