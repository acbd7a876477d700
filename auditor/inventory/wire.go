package inventory

import "time"

// The wire types spell entities as GetAccountAuthorizationDetails does, and the
// inventory file around them. Documents are strings, decoded.
//
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html

// Schema is the name of the inventory file's format.
const Schema = "caudit/inventory/1"

type wireAccount struct {
	Schema       string           `json:"schema"`
	Account      string           `json:"account"`
	Organization string           `json:"organization,omitempty"`
	IAM          wireIAM          `json:"iam"`
	Domains      []wireDomain     `json:"domains"`
	Repositories []wireRepository `json:"repositories"`
	Guards       [][]wireGuard    `json:"guards,omitzero"`
	Scopes       []Scope          `json:"scopes,omitempty"`
	Collected    string           `json:"collected,omitempty"`
}

type wireIAM struct {
	Users    []wireUser    `json:"UserDetailList"`
	Groups   []wireGroup   `json:"GroupDetailList"`
	Roles    []wireRole    `json:"RoleDetailList"`
	Policies []wireManaged `json:"Policies"`
}

type wireUser struct {
	Name     string           `json:"UserName"`
	ID       string           `json:"UserId,omitempty"`
	ARN      string           `json:"Arn"`
	Inline   []wireInline     `json:"UserPolicyList"`
	Groups   []string         `json:"GroupList"`
	Attached []wireAttachment `json:"AttachedManagedPolicies"`
	Boundary *wireBoundary    `json:"PermissionsBoundary,omitempty"`
	Tags     []Tag            `json:"Tags"`
}

type wireGroup struct {
	Name     string           `json:"GroupName"`
	ID       string           `json:"GroupId,omitempty"`
	ARN      string           `json:"Arn"`
	Inline   []wireInline     `json:"GroupPolicyList"`
	Attached []wireAttachment `json:"AttachedManagedPolicies"`
}

type wireRole struct {
	Path     string           `json:"Path,omitempty"`
	Name     string           `json:"RoleName"`
	ID       string           `json:"RoleId,omitempty"`
	ARN      string           `json:"Arn"`
	Trust    *string          `json:"AssumeRolePolicyDocument,omitempty"`
	Inline   []wireInline     `json:"RolePolicyList"`
	Attached []wireAttachment `json:"AttachedManagedPolicies"`
	Boundary *wireBoundary    `json:"PermissionsBoundary,omitempty"`
	Tags     []Tag            `json:"Tags"`
	// MaxSessionDuration is in seconds. Account details leave it out; the
	// inventory keeps it where GetRole was asked.
	MaxSession int `json:"MaxSessionDuration,omitempty"`
}

type wireInline struct {
	Name     string `json:"PolicyName"`
	Document string `json:"PolicyDocument"`
}

type wireAttachment struct {
	Name string `json:"PolicyName"`
	ARN  string `json:"PolicyArn"`
}

type wireBoundary struct {
	Type string `json:"PermissionsBoundaryType"`
	ARN  string `json:"PermissionsBoundaryArn"`
}

type wireManaged struct {
	Name        string        `json:"PolicyName"`
	ARN         string        `json:"Arn"`
	Default     string        `json:"DefaultVersionId,omitempty"`
	Attachments *int          `json:"AttachmentCount,omitempty"`
	Boundaries  *int          `json:"PermissionsBoundaryUsageCount,omitempty"`
	Versions    []wireVersion `json:"PolicyVersionList"`
}

type wireVersion struct {
	Document string `json:"Document"`
	ID       string `json:"VersionId"`
	Default  bool   `json:"IsDefaultVersion"`
}

type wireDomain struct {
	ARN    string  `json:"arn"`
	Policy *string `json:"policy"` // null for none
}

type wireRepository struct {
	ARN           string  `json:"arn"`
	Administrator string  `json:"administrator,omitempty"`
	Policy        *string `json:"policy"`
}

type wireGuard struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Policy string `json:"policy"`
}

// speller turns entities into wire types; spell says how a document is written.
type speller struct{ spell func(*Document) string }

// asRead writes documents as they were read.
var asRead = speller{func(d *Document) string { return encodeDocument(d.Text) }}

func (s speller) optional(d *Document) *string {
	if d == nil {
		return nil
	}
	text := s.spell(d)
	return &text
}

func (s speller) user(u *User) wireUser {
	return wireUser{
		Name: u.Name, ID: u.ID, ARN: u.ARN, Inline: s.inline(u.Inline), Groups: all(u.Groups, func(g string) string { return g }),
		Attached: attachments(u.Attached), Boundary: boundary(u.Boundary), Tags: all(u.Tags, func(t Tag) Tag { return t }),
	}
}

func (s speller) group(g *Group) wireGroup {
	return wireGroup{Name: g.Name, ID: g.ID, ARN: g.ARN, Inline: s.inline(g.Inline), Attached: attachments(g.Attached)}
}

func (s speller) role(r *Role) wireRole {
	return wireRole{
		Path: r.Path, Name: r.Name, ID: r.ID, ARN: r.ARN, Trust: s.optional(r.Trust), Inline: s.inline(r.Inline),
		Attached: attachments(r.Attached), Boundary: boundary(r.Boundary), Tags: all(r.Tags, func(t Tag) Tag { return t }),
		MaxSession: int(r.MaxSession / time.Second),
	}
}

func (s speller) managed(p *ManagedPolicy) wireManaged {
	w := wireManaged{Name: p.Name, ARN: p.ARN, Attachments: count(p.Attachments), Boundaries: count(p.Boundaries)}
	if version := p.Default(); version != nil {
		w.Default = version.ID
	}
	w.Versions = all(p.Versions, func(v PolicyVersion) wireVersion {
		return wireVersion{Document: s.spell(v.Document), ID: v.ID, Default: v.Default}
	})
	return w
}

func (s speller) domain(d *Domain) wireDomain { return wireDomain{d.ARN, s.optional(d.Policy)} }

func (s speller) repository(r *Repository) wireRepository {
	return wireRepository{r.ARN, r.Administrator, s.optional(r.Policy)}
}

func (s speller) guards(levels [][]Guard) [][]wireGuard {
	if levels == nil {
		return nil
	}
	return all(levels, func(level []Guard) []wireGuard {
		return all(level, func(g Guard) wireGuard { return wireGuard{g.Name, g.Kind.String(), s.spell(g.Document)} })
	})
}

func (s speller) inline(policies []InlinePolicy) []wireInline {
	return all(policies, func(p InlinePolicy) wireInline { return wireInline{p.Name, s.spell(p.Document)} })
}

func attachments(list []Attachment) []wireAttachment {
	return all(list, func(a Attachment) wireAttachment { return wireAttachment{a.Name, a.ARN} })
}

func boundary(policyARN string) *wireBoundary {
	if policyARN == "" {
		return nil
	}
	return &wireBoundary{"PermissionsBoundaryPolicy", policyARN}
}

func count(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

// all is never nil, so that an empty list is written as one.
func all[T, W any](list []T, wire func(T) W) []W {
	out := make([]W, len(list))
	for i, v := range list {
		out[i] = wire(v)
	}
	return out
}
