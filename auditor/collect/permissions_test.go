package collect_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect/organization"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// callable are the operations that the interfaces of a collector have: it can
// make no other call.
func callable() []string {
	var all []string
	for service, client := range map[string]reflect.Type{
		"iam": reflect.TypeFor[collect.IAMClient](), "codeartifact": reflect.TypeFor[collect.CodeArtifactClient](),
		"organizations": reflect.TypeFor[organization.Client](), "sts": reflect.TypeFor[collect.STSClient](),
	} {
		for i := range client.NumMethod() {
			all = append(all, service+":"+client.Method(i).Name)
		}
	}
	slices.Sort(all)
	return all
}

// TestPermissions: the policy that we ask for allows what the code can call, and
// nothing else.
func TestPermissions(t *testing.T) {
	document, err := policy.Parse([]byte(collect.Permissions))
	if err != nil || len(document.Problems) > 0 {
		t.Fatalf("%v, %v", err, document.Problems)
	}
	allowed := []string{"sts:GetCallerIdentity"} // needs no permission
	for _, s := range document.Statements {
		for _, action := range policy.Values(s.Actions) {
			allowed = append(allowed, action.Text)
		}
	}
	slices.Sort(allowed)
	if diff := cmp.Diff(callable(), allowed); diff != "" {
		t.Errorf("what is allowed differs from what is called (-called +allowed):\n%s", diff)
	}
	for _, action := range allowed {
		_, name, _ := strings.Cut(action, ":")
		if !strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "List") && !strings.HasPrefix(name, "Describe") || strings.Contains(name, "Token") {
			t.Errorf("%s does more than read", action)
		}
	}
}

func TestCallsAreThoseOfTheCode(t *testing.T) {
	var listed []string
	for _, c := range collect.Calls() {
		listed = append(listed, c.Action)
	}
	slices.Sort(listed)
	if diff := cmp.Diff(callable(), listed); diff != "" {
		t.Errorf("calls (-code +list):\n%s", diff)
	}
}

// Our own permissions pass our own audit.
func TestPermissionsAreClean(t *testing.T) {
	var b inventory.Builder
	b.AddFile(&inventory.File{Path: "permissions.json", Kind: inventory.Identity, Document: b.Intern(collect.Permissions)})
	report := auditor.Audit(b.Inventory(), auditor.Options{})
	if len(report.Findings) > 0 || len(report.Gaps) > 0 {
		t.Errorf("findings %+v, gaps %v", report.Findings, report.Gaps)
	}
}

// The page of the permissions speaks of each.
func TestPageSpeaksOfEveryCall(t *testing.T) {
	page, err := os.ReadFile("../../docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range callable() {
		if !strings.Contains(string(page), "`"+action+"`") {
			t.Errorf("docs/permissions.md does not speak of %s", action)
		}
	}
}
