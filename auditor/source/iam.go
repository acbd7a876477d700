package source

import (
	"strconv"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// The entities of account details. Members that say nothing about permissions are
// passed over.
//
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html

func (p *page) user(e element) {
	id, ok := e.identify("Arn", isUser, "a user")
	if !ok {
		return
	}
	u := p.users.one()
	*u = inventory.User{ARN: e.name, Name: id.Name(), Input: p.path}
	for v := range e.value.Children() {
		switch v.Name() {
		case "UserName":
			u.Name = e.id(v)
		case "UserId":
			u.ID = e.string(v)
		case "GroupList":
			u.Groups = e.strings(v)
		case "UserPolicyList":
			u.Inline = e.inline(v)
		case "AttachedManagedPolicies":
			u.Attached = e.attachments(v)
		case "PermissionsBoundary":
			u.Boundary = e.boundary(v)
		case "Tags":
			u.Tags = e.tags(v)
		}
	}
	part := p.part(id.Account)
	part.Users = append(part.Users, u)
}

func (p *page) group(e element) {
	id, ok := e.identify("Arn", isGroup, "a group")
	if !ok {
		return
	}
	g := &inventory.Group{ARN: e.name, Name: id.Name(), Input: p.path}
	for v := range e.value.Children() {
		switch v.Name() {
		case "GroupName":
			g.Name = e.id(v)
		case "GroupId":
			g.ID = e.string(v)
		case "GroupPolicyList":
			g.Inline = e.inline(v)
		case "AttachedManagedPolicies":
			g.Attached = e.attachments(v)
		}
	}
	part := p.part(id.Account)
	part.Groups = append(part.Groups, g)
}

func (p *page) role(e element) {
	id, ok := e.identify("Arn", isRole, "a role")
	if !ok {
		return
	}
	r := p.roles.one()
	*r = inventory.Role{ARN: e.name, Name: id.Name(), Path: pathOf(id), Input: p.path}
	for v := range e.value.Children() {
		switch v.Name() {
		case "RoleName":
			r.Name = e.id(v)
		case "RoleId":
			r.ID = e.string(v)
		case "Path":
			r.Path = e.word(v)
		case "AssumeRolePolicyDocument":
			r.Trust = e.document(v, "trust policy")
		case "RolePolicyList":
			r.Inline = e.inline(v)
		case "AttachedManagedPolicies":
			r.Attached = e.attachments(v)
		case "PermissionsBoundary":
			r.Boundary = e.boundary(v)
		case "Tags":
			r.Tags = e.tags(v)
		case "MaxSessionDuration":
			r.MaxSession = time.Duration(e.number(v)) * time.Second
		}
	}
	part := p.part(id.Account)
	part.Roles = append(part.Roles, r)
}

func (p *page) managed(e element) {
	id, ok := e.identify("Arn", isManagedPolicy, "a managed policy")
	if !ok {
		return
	}
	policy := &inventory.ManagedPolicy{ARN: e.name, Name: id.Name(), Attachments: -1, Boundaries: -1, Input: p.path}
	inForce := ""
	for v := range e.value.Children() {
		switch v.Name() {
		case "PolicyName":
			policy.Name = e.id(v)
		case "DefaultVersionId":
			inForce = e.string(v)
		case "AttachmentCount":
			policy.Attachments = e.number(v)
		case "PermissionsBoundaryUsageCount":
			policy.Boundaries = e.number(v)
		case "PolicyVersionList":
			p.versions = true
			policy.Versions = e.versionList(v)
		}
	}
	if policy.Default() == nil {
		for i := range policy.Versions {
			policy.Versions[i].Default = policy.Versions[i].ID == inForce && inForce != ""
		}
	}
	if id.Account == "aws" {
		p.owned = append(p.owned, policy)
		return
	}
	part := p.part(id.Account)
	part.Policies = append(part.Policies, policy)
}

func isUser(a arn.ARN) bool  { return iamEntity(a, "user") }
func isGroup(a arn.ARN) bool { return iamEntity(a, "group") }
func isRole(a arn.ARN) bool  { return iamEntity(a, "role") }

func isManagedPolicy(a arn.ARN) bool {
	return a.Account == "aws" && a.Service == "iam" && isOne(a, "policy") || iamEntity(a, "policy")
}

// iamEntity tells the ARNs of IAM entities of one type in some account.
func iamEntity(a arn.ARN, kind string) bool {
	return a.Service == "iam" && isOne(a, kind) && arn.IsAccountID(a.Account)
}

// pathOf returns the IAM path in the ARN of a role: "/" or "/team/".
func pathOf(id arn.ARN) string {
	return id.Resource[strings.IndexByte(id.Resource, '/') : strings.LastIndexByte(id.Resource, '/')+1]
}

func (e element) inline(v jsonpos.Value) []inventory.InlinePolicy {
	before := e.policies
	list := shared(&e.inlineLists, e, v, element.newInline)
	e.policies = before + len(list)
	return list
}

func (e element) newInline(v jsonpos.Value) []inventory.InlinePolicy {
	policies := e.page.inline.list(v.Len())
	e.objects(v, func(object jsonpos.Value) {
		name, document := "", (*inventory.Document)(nil)
		if v, ok := member(object, "PolicyName"); ok {
			name = e.word(v)
		}
		v, ok := member(object, "PolicyDocument")
		if ok && v.Kind() != jsonpos.Null {
			document = e.document(v, "inline policy", name)
		} else {
			e.gap(object.Start(), "inline policy %q has no PolicyDocument (expected one)", name)
		}
		if document != nil {
			policies = append(policies, inventory.InlinePolicy{Name: name, Document: document})
		}
	})
	return policies
}

func (e element) versionList(v jsonpos.Value) []inventory.PolicyVersion {
	var versions []inventory.PolicyVersion
	e.objects(v, func(object jsonpos.Value) {
		var version inventory.PolicyVersion
		if v, ok := member(object, "VersionId"); ok {
			version.ID = e.word(v)
		}
		if v, ok := member(object, "IsDefaultVersion"); ok && e.is(v, jsonpos.Bool) {
			version.Default = v.Text() == "true"
		}
		if v, ok := member(object, "Document"); ok && v.Kind() != jsonpos.Null {
			version.Document = e.document(v, "version", version.ID)
		} else {
			e.gap(object.Start(), "version %q has no Document (expected one)", version.ID)
		}
		if version.Document != nil {
			versions = append(versions, version)
		}
	})
	return versions
}

func (e element) attachments(v jsonpos.Value) []inventory.Attachment {
	return shared(&e.attachedLists, e, v, element.newAttachments)
}

func (e element) newAttachments(v jsonpos.Value) []inventory.Attachment {
	attachments := e.page.attachments.list(v.Len())
	e.objects(v, func(object jsonpos.Value) {
		var a inventory.Attachment
		if v, ok := member(object, "PolicyName"); ok {
			a.Name = e.word(v)
		}
		if v, ok := member(object, "PolicyArn"); ok {
			a.ARN = e.word(v)
		}
		if a.ARN == "" {
			e.gap(object.Start(), "attached policy %q has no PolicyArn (expected one)", a.Name)
			return
		}
		attachments = append(attachments, a)
	})
	return attachments
}

func (e element) boundary(v jsonpos.Value) string {
	if !e.is(v, jsonpos.Object) {
		return ""
	}
	if v, ok := member(v, "PermissionsBoundaryArn"); ok {
		return e.word(v)
	}
	e.gap(v.Start(), "PermissionsBoundary has no PermissionsBoundaryArn (expected one)")
	return ""
}

func (e element) tags(v jsonpos.Value) []inventory.Tag {
	return shared(&e.tagLists, e, v, element.newTags)
}

func (e element) newTags(v jsonpos.Value) []inventory.Tag {
	tags := e.page.tags.list(v.Len())
	e.objects(v, func(object jsonpos.Value) {
		var t inventory.Tag
		if v, ok := member(object, "Key"); ok {
			t.Key = e.word(v)
		}
		if v, ok := member(object, "Value"); ok {
			t.Value = e.word(v)
		}
		tags = append(tags, t)
	})
	return tags
}

func (e element) strings(v jsonpos.Value) []string {
	if !e.is(v, jsonpos.Array) {
		return nil
	}
	var list []string
	for child := range v.Children() {
		if text := e.word(child); text != "" {
			list = append(list, text)
		}
	}
	return list
}

// number returns a count, -1 for null or what is none.
func (e element) number(v jsonpos.Value) int {
	if !e.is(v, jsonpos.Number) {
		return -1
	}
	n, err := strconv.Atoi(v.Text())
	if err != nil || n < 0 {
		e.gap(v.Start(), "%s is %s (expected a whole number)", v.Name(), v.Text())
		return -1
	}
	return n
}
