package codeartifact_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// slowMatch says which actions a pattern matches by way of a regular
// expression.
func slowMatch(element string) codeartifact.ActionSet {
	expr := regexp.QuoteMeta(element)
	expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, `.*`), `\?`, `.`)
	compiled := regexp.MustCompile(`(?is)^` + expr + `$`)
	var s codeartifact.ActionSet
	for a := range codeartifact.AllActions().All() {
		if compiled.MatchString(a.String()) {
			s = s.Add(a)
		}
	}
	return s
}

func TestMatchActions(t *testing.T) {
	for _, test := range []struct {
		pattern string
		count   int
		with    []codeartifact.Action
	}{
		// What common wildcards expand to.
		{"codeartifact:*", 51, []codeartifact.Action{codeartifact.PutDomainPermissionsPolicy, codeartifact.PublishPackageVersion}},
		{"codeartifact:Get*", 7, []codeartifact.Action{codeartifact.GetAuthorizationToken, codeartifact.GetPackageVersionAsset}},
		{"codeartifact:List*", 12, []codeartifact.Action{codeartifact.ListDomains, codeartifact.ListRepositories}},
		{"codeartifact:Describe*", 5, nil},
		{"codeartifact:Put*", 4, []codeartifact.Action{codeartifact.PutDomainPermissionsPolicy, codeartifact.PutRepositoryPermissionsPolicy}},
		{"codeartifact:Delete*", 7, nil},
		{"codeartifact:Update*", 4, []codeartifact.Action{codeartifact.UpdateRepository}},
		{"codeartifact:*Policy", 6, nil},
		{"codeartifact:*Permissions*", 6, nil},
		{"codeartifact:*Package*", 25, nil},
		{"codeartifact:*Domain*", 8, []codeartifact.Action{codeartifact.PutDomainPermissionsPolicy}},
		{"codeartifact:*Repository*", 10, []codeartifact.Action{codeartifact.ReadFromRepository}},
		{"codeartifact:*Associate*", 5, []codeartifact.Action{codeartifact.DisassociateExternalConnection}},
		// Spellings.
		{"CODEARTIFACT:publishpackageversion", 1, []codeartifact.Action{codeartifact.PublishPackageVersion}},
		{"codeartifact:?*", 51, nil},
		{"codeartifact:**", 51, nil},
		{"codeartifact:ListPackage?", 1, []codeartifact.Action{codeartifact.ListPackages}},
		{"STS:getservicebearertoken", 1, []codeartifact.Action{codeartifact.GetServiceBearerToken}},
		{"sts:*Token", 1, []codeartifact.Action{codeartifact.GetServiceBearerToken}},
		{"*", 74, nil},
		{"*:*", 74, nil},
		{"*:Get*", 8, nil},
		{"s*:Get*", 1, []codeartifact.Action{codeartifact.GetServiceBearerToken}},
		{"code*", 51, nil},
		{"c*:*", 51, nil},
		// Nothing.
		{"", 0, nil},
		{"codeartifact", 0, nil},
		{"codeartifact:", 0, nil},
		{"codeartifacts:*", 0, nil},
		{"s3:*", 0, nil},
		{"codeartifact:PublishPackageVersions", 0, nil},
		{"codeartifact:*:*", 0, nil},
		{strings.Repeat("?", 1000), 0, nil},
		{"codeartifact:" + strings.Repeat("*", 1000), 51, nil},
	} {
		got := codeartifact.MatchActions(test.pattern)
		if got.Len() != test.count {
			t.Errorf("%q: %d actions, want %d: %v", test.pattern, got.Len(), test.count, got)
		}
		if want := slowMatch(test.pattern); got != want {
			t.Errorf("%q: %v\nby regular expression: %v", test.pattern, got, want)
		}
		if !got.Covers(codeartifact.Actions(test.with...)) {
			t.Errorf("%q: %v, lacks one of %v", test.pattern, got, test.with)
		}
	}
}

// TestMatchActionsAgreesWithRegexp mutates real names into patterns.
func TestMatchActionsAgreesWithRegexp(t *testing.T) {
	var names []string
	for a := range codeartifact.AllActions().All() {
		names = append(names, a.String())
	}
	rapid.Check(t, func(t *rapid.T) {
		element := []byte(rapid.SampledFrom(names).Draw(t, "name"))
		for range rapid.IntRange(0, 4).Draw(t, "edits") {
			from := rapid.IntRange(0, len(element)).Draw(t, "from")
			to := rapid.IntRange(from, len(element)).Draw(t, "to")
			with := rapid.SampledFrom([]string{"*", "?", "", ":", "A", "**"}).Draw(t, "with")
			element = []byte(string(element[:from]) + with + string(element[to:]))
		}
		if got, want := codeartifact.MatchActions(string(element)), slowMatch(string(element)); got != want {
			t.Fatalf("MatchActions(%q) = %v\nby regular expression: %v", element, got, want)
		}
	})
}

func TestWildcardService(t *testing.T) {
	for element, want := range map[string]bool{
		"*": false, "*:*": false, "codeartifact:*": false, "codeartifact": false, "": false,
		"code*:*": true, "s?s:GetServiceBearerToken": true, "code*": true, "**": true, "*:Get*": true,
	} {
		if got := codeartifact.WildcardService(element); got != want {
			t.Errorf("WildcardService(%q) = %v, want %v", element, got, want)
		}
	}
}

// TestMatchActionsAllocatesNothing holds what the elements of a real policy
// cost: no memory at all.
func TestMatchActionsAllocatesNothing(t *testing.T) {
	for _, element := range []string{"s3:GetObject", "codeartifact:*", "codeartifact:*Package*", "*", "sts:GetServiceBearerToken"} {
		if n := testing.AllocsPerRun(100, func() { codeartifact.MatchActions(element) }); n != 0 {
			t.Errorf("%q: %v allocations", element, n)
		}
	}
}

func BenchmarkMatchActions(b *testing.B) {
	for _, element := range []string{"s3:GetObject", "ec2:Describe*", "codeartifact:*", "codeartifact:*Package*", "codeartifact:PublishPackageVersion", "*:Get*"} {
		b.Run(strings.ReplaceAll(element, "*", "+"), func(b *testing.B) {
			for b.Loop() {
				codeartifact.MatchActions(element)
			}
		})
	}
}

// BenchmarkMatchHostile measures a pattern written to cost time.
func BenchmarkMatchHostile(b *testing.B) {
	for name, element := range map[string]string{
		"stars":     "codeartifact:" + strings.Repeat("*", 1<<20) + "x",
		"questions": "codeartifact:" + strings.Repeat("?*", 1<<19),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				codeartifact.MatchActions(element)
			}
		})
	}
}
