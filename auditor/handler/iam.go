package handler

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// entityARN returns the ARN of a user, group, role or policy of the record's
// account. Records give names alone, so the path is often not known; ids of
// findings ignore it.
func (r record) entityARN(kind, path, name string) string {
	if !iamPath.MatchString(path) {
		path = "/"
	}
	return "arn:" + Partition(r.region) + ":iam::" + r.account + ":" + kind + path + name
}

// Partition returns the partition a Region lies in.
//
// Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func Partition(region string) string {
	switch {
	case len(region) > 3 && region[:3] == "cn-":
		return "aws-cn"
	case len(region) > 7 && region[:7] == "us-gov-":
		return "aws-us-gov"
	}
	return "aws"
}

func putRolePolicy(r exhibit) error {
	name, inline, err := r.inlinePolicy("roleName")
	if err != nil {
		return err
	}
	r.holds.Roles = []*inventory.Role{{ARN: r.entityARN("role", "/", name), Name: name, Inline: inline}}
	return nil
}

func putUserPolicy(r exhibit) error {
	name, inline, err := r.inlinePolicy("userName")
	if err != nil {
		return err
	}
	r.holds.Users = []*inventory.User{{ARN: r.entityARN("user", "/", name), Name: name, Inline: inline}}
	return nil
}

func putGroupPolicy(r exhibit) error {
	name, inline, err := r.inlinePolicy("groupName")
	if err != nil {
		return err
	}
	r.holds.Groups = []*inventory.Group{{ARN: r.entityARN("group", "/", name), Name: name, Inline: inline}}
	return nil
}

func (r exhibit) inlinePolicy(holder string) (name string, inline []inventory.InlinePolicy, err error) {
	if name, err = r.named(iamName, holder); err != nil {
		return "", nil, err
	}
	policy, err := r.named(iamName, "policyName")
	if err != nil {
		return "", nil, err
	}
	text, err := r.document("policyDocument")
	if err != nil {
		return "", nil, err
	}
	return name, []inventory.InlinePolicy{{Name: policy, Document: r.intern(text)}}, nil
}

// createPolicy: the first version of a policy is its default.
func createPolicy(r exhibit) error {
	name, err := r.named(iamName, "policyName")
	if err != nil {
		return err
	}
	text, err := r.document("policyDocument")
	if err != nil {
		return err
	}
	policyARN := r.ownARN(r.response.object("policy"), r.entityARN("policy", r.optional("path"), name))
	r.holds.Policies = []*inventory.ManagedPolicy{r.managed(policyARN, "v1", text)}
	return nil
}

func createPolicyVersion(r exhibit) error {
	policyARN, err := r.parameter("policyArn")
	if err != nil {
		return err
	}
	parsed, err := arn.Parse(policyARN)
	if err != nil {
		return fmt.Errorf("parameter %q: %w", "policyArn", err)
	}
	if parsed.Account != r.account {
		return fmt.Errorf("policy %q is not of account %s", policyARN, r.account)
	}
	isDefault, err := r.parameters.flag("setAsDefault")
	if err != nil {
		return fmt.Errorf("parameter %w", err)
	}
	if !isDefault {
		return errLatent
	}
	text, err := r.document("policyDocument")
	if err != nil {
		return err
	}
	version, err := r.response.object("policyVersion").text("versionId")
	if err != nil {
		version = ""
	}
	r.holds.Policies = []*inventory.ManagedPolicy{r.managed(policyARN, version, text)}
	return nil
}

// managed returns a policy of which nothing but the version in force is known.
func (r exhibit) managed(policyARN, version, text string) *inventory.ManagedPolicy {
	parsed, _ := arn.Parse(policyARN)
	return &inventory.ManagedPolicy{
		ARN: policyARN, Name: parsed.Name(), Attachments: -1, Boundaries: -1,
		Versions: []inventory.PolicyVersion{{ID: version, Default: true, Document: r.intern(text)}},
	}
}

func updateAssumeRolePolicy(r exhibit) error {
	return r.trust("policyDocument")
}

func createRole(r exhibit) error {
	return r.trust("assumeRolePolicyDocument")
}

func (r exhibit) trust(document string) error {
	name, err := r.named(iamName, "roleName")
	if err != nil {
		return err
	}
	text, err := r.document(document)
	if err != nil {
		return err
	}
	path := r.optional("path")
	if !iamPath.MatchString(path) {
		path = "/"
	}
	r.holds.Roles = []*inventory.Role{{
		ARN: r.ownARN(r.response.object("role"), r.entityARN("role", path, name)), Name: name, Path: path,
		Trust: r.intern(text), Boundary: r.optional("permissionsBoundary"), MaxSession: r.maxSession(),
	}}
	return nil
}

// maxSession returns the longest session of a new role, 0 when not told.
func (r record) maxSession() time.Duration {
	var seconds int64
	if json.Unmarshal(r.parameters["maxSessionDuration"], &seconds) != nil || seconds < 0 || seconds > 1<<20 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// ownARN returns the ARN that the response gives to what was made, if it is
// one of the record's account, else the one built from names.
func (r record) ownARN(made object, built string) string {
	text, err := made.text("arn")
	if err != nil {
		return built
	}
	parsed, err := arn.Parse(text)
	if err != nil || parsed.Account != r.account || parsed.Service != "iam" {
		return built
	}
	return text
}
