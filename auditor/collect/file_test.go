package collect_test

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

// TestFile: what is collected is an inventory file by its schema, and reads back
// as what it was, with what failed.
func TestFile(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/schema/inventory.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, fault := range map[string]func(call, int) error{
		"whole": nil,
		"in part": func(this call, _ int) error {
			if this.name == "GetRepositoryPermissionsPolicy" || this.name == "ListPoliciesForTarget" {
				return apiError("AccessDeniedException", "not authorized")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := medium()
			c.fault = fault
			inv, err := c.read(mediumRegions...)
			if err != nil {
				t.Fatal(err)
			}
			text := written(t, inv)
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
			again := source.ReadFrom("account.json", strings.NewReader(text), source.Options{})
			if len(again.Errors) > 0 {
				t.Fatal(again.Errors)
			}
			if back := written(t, again.Inventory); back != text {
				t.Error("it does not read back as it was")
			}
			if len(again.Inventory.Gaps) != len(inv.Gaps) {
				t.Errorf("gaps %v, read back %v", inv.Gaps, again.Inventory.Gaps)
			}
		})
	}
}
