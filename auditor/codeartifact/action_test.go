package codeartifact_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

func TestTableOrder(t *testing.T) {
	all := slices.Collect(codeartifact.AllActions().All())
	services := []string{"codeartifact", "sts", "iam"}
	if !slices.IsSortedFunc(all, func(a, b codeartifact.Action) int {
		if a.Info().Service != b.Info().Service {
			return slices.Index(services, a.Info().Service) - slices.Index(services, b.Info().Service)
		}
		return strings.Compare(a.Info().Name, b.Info().Name)
	}) {
		t.Error("the table is not in order of service and name")
	}
	if all[0] != codeartifact.NoAction+1 || int(all[len(all)-1]) != len(all) {
		t.Errorf("actions run from %d to %d with %d of them: not dense", all[0], all[len(all)-1], len(all))
	}
}

func TestCounts(t *testing.T) {
	count := func(keep func(*codeartifact.ActionInfo) bool) int {
		n := 0
		for a := range codeartifact.CodeArtifactActions().All() {
			if keep(a.Info()) {
				n++
			}
		}
		return n
	}
	level := func(l codeartifact.Levels) func(*codeartifact.ActionInfo) bool {
		return func(i *codeartifact.ActionInfo) bool { return i.Levels.Has(l) }
	}
	for _, test := range []struct {
		what string
		got  int
		want int
	}{
		{"codeartifact actions", codeartifact.CodeArtifactActions().Len(), 51},
		{"sts actions", codeartifact.MatchActions("sts:*").Len(), 7},
		{"iam actions", codeartifact.MatchActions("iam:*").Len(), 16},
		{"all actions", codeartifact.AllActions().Len(), 74},
		{"FULL", codeartifact.FullActions().Len(), 24},
		{"FULL in an identity policy", codeartifact.FullActionsIn(codeartifact.IdentityPolicy).Len(), 24},
		{"FULL in a domain policy", codeartifact.FullActionsIn(codeartifact.DomainPolicy).Len(), 22},
		{"FULL in a repository policy", codeartifact.FullActionsIn(codeartifact.RepositoryPolicy).Len(), 16},
		{"FULL in a trust policy", codeartifact.FullActionsIn(codeartifact.TrustPolicy).Len(), 0},
		{"trust", codeartifact.TrustActions().Len(), 6},
		{"List", count(level(codeartifact.List)), 12},
		{"Read", count(level(codeartifact.Read)), 13},
		{"Write", count(level(codeartifact.Write)), 26},
		{"Tagging", count(level(codeartifact.Tagging)), 2},
		{"Permissions management", count(level(codeartifact.PermissionsManagement)), 2},
		{"permission-only", count(func(i *codeartifact.ActionInfo) bool { return i.PermissionOnly }), 3},
		{"without resource type", count(func(i *codeartifact.ActionInfo) bool { return i.WildcardOnly }), 5},
		{"domain", codeartifact.ActionsOn(codeartifact.Domain).And(codeartifact.CodeArtifactActions()).Len(), 11},
		{"repository", codeartifact.ActionsOn(codeartifact.Repository).And(codeartifact.CodeArtifactActions()).Len(), 16},
		{"package", codeartifact.ActionsOn(codeartifact.Package).And(codeartifact.CodeArtifactActions()).Len(), 15},
		{"package group", codeartifact.ActionsOn(codeartifact.PackageGroup).And(codeartifact.CodeArtifactActions()).Len(), 11},
	} {
		if test.got != test.want {
			t.Errorf("%s: %d, want %d", test.what, test.got, test.want)
		}
	}
}

// TestFullActions holds the measure of full access against its list, so that a
// new or reclassed action is seen by a person.
func TestFullActions(t *testing.T) {
	want := strings.Fields(`
		AssociateExternalConnection AssociateWithDownstreamRepository CopyPackageVersions DeleteDomain
		DeleteDomainPermissionsPolicy DeletePackage DeletePackageGroup DeletePackageVersions DeleteRepository
		DeleteRepositoryPermissionsPolicy DisassociateExternalConnection DisposePackageVersions GetAuthorizationToken
		GetPackageVersionAsset GetPackageVersionReadme PublishPackageVersion PutDomainPermissionsPolicy
		PutPackageMetadata PutPackageOriginConfiguration PutRepositoryPermissionsPolicy ReadFromRepository
		UpdatePackageGroupOriginConfiguration UpdatePackageVersionsStatus UpdateRepository`)
	var got []string
	for a := range codeartifact.FullActions().All() {
		got = append(got, a.Info().Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	// The set is made by the generator; Risk.Full must say the same.
	for a := range codeartifact.CodeArtifactActions().All() {
		info := a.Info()
		if want := info.Risk.Full() && !info.WildcardOnly; codeartifact.FullActions().Has(a) != want {
			t.Errorf("%v: in FULL %v, but risk %v and types %v", a, !want, info.Risk, info.Types)
		}
	}
}

func TestLookupAction(t *testing.T) {
	for a := range codeartifact.AllActions().All() {
		for _, name := range []string{a.String(), strings.ToUpper(a.String()), strings.ToLower(a.String())} {
			if got, ok := codeartifact.LookupAction(name); !ok || got != a {
				t.Errorf("LookupAction(%q) = %v, %v", name, got, ok)
			}
		}
	}
	for _, name := range []string{"", "codeartifact:", "PublishPackageVersion", "codeartifact:PublishPackageVersions", "s3:GetObject", "no action"} {
		if got, ok := codeartifact.LookupAction(name); ok || got != codeartifact.NoAction {
			t.Errorf("LookupAction(%q) = %v, %v", name, got, ok)
		}
	}
}

func TestInfo(t *testing.T) {
	copyVersions := codeartifact.CopyPackageVersions.Info()
	if want := []codeartifact.ResourceType{codeartifact.Package, codeartifact.Repository}; !slices.Equal(copyVersions.Types, want) || !slices.Equal(copyVersions.RequiredTypes, want) {
		t.Errorf("CopyPackageVersions: types %v, required %v", copyVersions.Types, copyVersions.RequiredTypes)
	}
	tag := codeartifact.TagResource.Info()
	if len(tag.Types) != 3 || len(tag.RequiredTypes) != 0 || tag.Levels.String() != "Tagging, Write" {
		t.Errorf("TagResource: %+v", tag)
	}
	group := codeartifact.CreatePackageGroup.Info()
	if !group.WildcardOnly || !slices.Equal(group.UserGuideTypes, []codeartifact.ResourceType{codeartifact.PackageGroup}) || group.Risk != codeartifact.SupplyChain {
		t.Errorf("CreatePackageGroup: %+v", group)
	}
	for _, test := range []struct {
		action codeartifact.Action
		place  codeartifact.Place
		want   codeartifact.Grant
	}{
		{codeartifact.GetServiceBearerToken, codeartifact.IdentityPolicy, codeartifact.YesDocumented},
		{codeartifact.GetServiceBearerToken, codeartifact.DomainPolicy, codeartifact.NoDocumented},
		{codeartifact.GetServiceBearerToken, codeartifact.RepositoryPolicy, codeartifact.NoDocumented},
		{codeartifact.GetServiceBearerToken, codeartifact.TrustPolicy, codeartifact.NoInferred},
		{codeartifact.PutDomainPermissionsPolicy, codeartifact.DomainPolicy, codeartifact.NoDocumented},
		{codeartifact.PutRepositoryPermissionsPolicy, codeartifact.DomainPolicy, codeartifact.YesDocumented},
		{codeartifact.PutRepositoryPermissionsPolicy, codeartifact.RepositoryPolicy, codeartifact.NoDocumented},
		{codeartifact.DeleteDomainPermissionsPolicy, codeartifact.DomainPolicy, codeartifact.Unverified},
		{codeartifact.AssumeRole, codeartifact.TrustPolicy, codeartifact.YesDocumented},
		{codeartifact.PublishPackageVersion, codeartifact.TrustPolicy, codeartifact.NoInferred},
	} {
		if got := test.action.Info().GrantedBy(test.place); got != test.want {
			t.Errorf("%v in a %v: %v, want %v", test.action, test.place, got, test.want)
		}
	}
	if got := codeartifact.Action(200).String(); got != "no action" {
		t.Errorf("Action(200) = %q", got)
	}
}

func TestGrantAnswers(t *testing.T) {
	for _, test := range []struct {
		grant   codeartifact.Grant
		yes, no bool
	}{
		{codeartifact.Unverified, false, false},
		{codeartifact.YesDocumented, true, false},
		{codeartifact.YesInferred, true, false},
		{codeartifact.NoDocumented, false, true},
		{codeartifact.NoInferred, false, true},
	} {
		if test.grant.Yes() != test.yes || test.grant.No() != test.no {
			t.Errorf("%v: yes %v, no %v", test.grant, test.grant.Yes(), test.grant.No())
		}
	}
	// The sets are made by the generator; Grant.Yes must say the same.
	for place := codeartifact.IdentityPolicy; place <= codeartifact.TrustPolicy; place++ {
		for a := range codeartifact.AllActions().All() {
			if got, want := codeartifact.GrantableIn(place).Has(a), a.Info().GrantedBy(place).Yes(); got != want {
				t.Errorf("%v grantable in a %v: %v, its grant says %v", a, place, got, want)
			}
		}
	}
}
