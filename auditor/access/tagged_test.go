package access

import (
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Access to resources with a tag is not access to all, unless those without it are
// accounted for too. Which tags a resource has is decided resource by resource, in
// which organization it is by its account.
func TestWideOfTaggedResources(t *testing.T) {
	const update, star = `{"Effect":"Allow","Action":"codeartifact:UpdateRepository","Resource":`, `{"Effect":"Allow","Action":"codeartifact:UpdateRepository","Resource":"*"`
	const domain = `"arn:aws:codeartifact:us-east-1:111122223333:repository/team/*"`
	tests := []struct{ name, statements, want string }{
		{"with a tag", star + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"}}}`, ""},
		{"of one domain, with a tag", update + domain + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"}}}`, ""},
		{"without a tag", star + `,"Condition":{"Null":{"aws:ResourceTag/env":"true"}}}`, ""},
		{"another value of a tag", star + `,"Condition":{"StringNotEquals":{"aws:ResourceTag/env":"test"}}}`, ""},
		{"less those with a tag", star + `},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/env":"prod"}}}`, ""},
		{"the caller's tag", star + `,"Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}`, ""},
		{"with a tag, from a network", star + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, ""},
		{"both", star + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"}}},` + star + `,"Condition":{"StringNotEquals":{"aws:ResourceTag/env":"test"}}}`, "sure everywhere by 2"},
		{"both, of one domain", update + domain + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"}}},` + update + domain + `,"Condition":{"StringNotEquals":{"aws:ResourceTag/env":"test"}}}`, "sure team by 2"},
		{
			"both, one from a network", star + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}},` +
				star + `,"Condition":{"StringNotEquals":{"aws:ResourceTag/env":"test"}}}`, "sure everywhere narrowed by 2",
		},
		{
			"both, from two networks", star + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}},` +
				star + `,"Condition":{"StringNotEquals":{"aws:ResourceTag/env":"test"},"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}}`, "",
		},
		{"where there is a tag, any", star + `,"Condition":{"StringLikeIfExists":{"aws:ResourceTag/env":"*"}}}`, "sure everywhere by 1"},
		{"where there is a tag, one", star + `,"Condition":{"StringEqualsIfExists":{"aws:ResourceTag/env":"test"}}}`, ""},
		{"two tags that leave some out", star + `,"Condition":{"StringEquals":{"aws:ResourceTag/env":"test"}}},` + star + `,"Condition":{"Null":{"aws:ResourceTag/env":"true"}}}`, ""},
		{"an organization", star + `,"Condition":{"StringEquals":{"aws:ResourceOrgID":"o-a1b2c3d4e5"}}}`, "sure everywhere narrowed by 1"},
	}
	for _, test := range tests {
		var b inventory.Builder
		b.AddFile(&inventory.File{Path: "policy.json", Kind: inventory.Identity, Document: b.Intern(`{"Version":"2012-10-17","Statement":[` + test.statements + `]}`)})
		p := Resolve(b.Inventory(), Options{Now: testNow}).Worlds[0].Policies[0].Alone()
		found, err := p.Wide(codeartifact.Actions(codeartifact.UpdateRepository))
		got := ""
		for _, r := range found {
			got = map[Certainty]string{Sure: "sure ", Possible: "possible "}[r.Certainty] + strings.TrimPrefix(r.Pattern+"everywhere", r.Pattern)
			if r.Pattern != "" {
				got = strings.TrimSuffix(got, "everywhere") + r.Pattern
			}
			if r.Narrowed {
				got += " narrowed"
			}
			got += " by " + string(rune('0'+len(r.By)))
		}
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

// A resource that has the tag is one that a caller can pick.
func TestSingleOfTaggedResources(t *testing.T) {
	for condition, want := range map[string]bool{
		`"StringEquals":{"aws:ResourceTag/env":"test"}`: false,
		`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`: true,
	} {
		var b inventory.Builder
		b.AddFile(&inventory.File{Path: "policy.json", Kind: inventory.Identity, Document: b.Intern(`{"Version":"2012-10-17","Statement":{
			"Effect":"Allow","Action":"codeartifact:UpdateRepository","Resource":"*","Condition":{` + condition + `}}}`)})
		p := Resolve(b.Inventory(), Options{Now: testNow}).Worlds[0].Policies[0].Alone()
		found, err := p.Single(codeartifact.Actions(codeartifact.UpdateRepository))
		if err != nil || found == nil || found.Narrowed != want {
			t.Errorf("%s: got %+v, %v; want narrowed %t", condition, found, err, want)
		}
	}
}
