package render

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

const schemaFile = "../../docs/schema/result.schema.json"

// resultSchema compiles the published schema. The published one is open, since
// later releases add properties; the tests close every object, so that nothing
// is written that the schema does not describe.
func resultSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc, "")
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("result.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// closeObjects forbids undescribed properties wherever properties are described,
// except in findingProperties, which two definitions extend.
func closeObjects(node any, name string) {
	switch node := node.(type) {
	case map[string]any:
		for key, child := range node {
			closeObjects(child, key)
		}
		_, described := node["properties"].(map[string]any)
		_, extended := node["$ref"]
		if name == "finding" && extended || described && name != "findingProperties" && name != "properties" {
			node["unevaluatedProperties"] = false
		}
	case []any:
		for _, child := range node {
			closeObjects(child, "")
		}
	}
}

func TestJSONKeepsToTheSchema(t *testing.T) {
	schema := resultSchema(t)
	for name, r := range reports() {
		if name == "minified" || name == "many" || name == "hostile" { // no ids; texts where dates and rules belong
			continue
		}
		if err := validate(schema, rendered(t, r, JSON, Options{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema must refuse what the contract does not have, or it proves nothing.
func TestSchemaRefuses(t *testing.T) {
	schema := resultSchema(t)
	good := string(rendered(t, everything(), JSON, Options{}))
	if err := validate(schema, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new string }{
		{"another schema", `"caudit/result/1"`, `"caudit/result/2"`},
		{"null in place of a list", `"unused": [`, `"unused": null, "x": [`},
		{"an unknown property of the result", `"now":`, `"then": 1, "now":`},
		{"an unknown property of a finding", `"confidence":`, `"confidense": 1, "confidence":`},
		{"an unknown property of a grant", `"pointer":`, `"sidd": "", "pointer":`},
		{"an unknown severity", `"severity": "high"`, `"severity": "severe"`},
		{"line 0", `"line": 7`, `"line": 0`},
		{"an id that is too short", strings.Repeat("a", 32), "aaaa"},
		{"an account with letters", `"account": "111122223333"`, `"account": "prod"`},
		{"a date that is none", `"2027-03-31"`, `"end of March"`},
		{"a missing owner", `"owner":`, `"own":`},
		{"another decision", `"decision": "allow"`, `"decision": "maybe"`},
		{"a context value that is no list", `"aws:TagKeys": [`, `"aws:TagKeys": "a", "aws:x": [`},
	} {
		bad := strings.Replace(good, tt.old, tt.new, 1)
		if bad == good {
			t.Errorf("%s: %s does not occur in the sample", tt.name, tt.old)
		} else if err := validate(schema, []byte(bad)); err == nil {
			t.Errorf("%s: the schema accepts it", tt.name)
		}
	}
}

func TestSubjectTypesAreInTheSchema(t *testing.T) {
	schema := resultSchema(t)
	for _, subject := range []finding.SubjectType{
		finding.RoleSubject, finding.UserSubject, finding.GroupSubject, finding.ManagedSubject, finding.InlineSubject,
		finding.DomainSubject, finding.RepositorySubject, finding.DocumentSubject,
	} {
		r := terminal()
		r.Findings[0].Subject.Type = subject
		if err := validate(schema, rendered(t, r, JSON, Options{})); err != nil {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

func validate(schema *jsonschema.Schema, data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}
