package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// closedSchema compiles a published schema with every object closed. The
// published ones are open, since later releases add properties.
func closedSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		for _, child := range node {
			closeObjects(child)
		}
		// A property may itself be called "properties"; a schema has a type beside it.
		if _, described := node["properties"].(map[string]any); described && node["type"] == "object" {
			node["additionalProperties"] = false
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// What the two commands write as JSON is what the published schemas describe, and
// nothing else.
func TestAnswersKeepToTheirSchemas(t *testing.T) {
	const (
		dump   = "../../events/account.json"
		repo   = "arn:aws:codeartifact:eu-west-1:111122223333:repository/anycompany/releases"
		far    = "arn:aws:codeartifact:us-east-1:444455556666:repository/far/lib"
		denial = "User: arn:aws:sts::111122223333:assumed-role/ci/s is not authorized to perform: codeartifact:ReadFromRepository on resource: " + repo
	)
	why, who := closedSchema(t, "why.schema.json"), closedSchema(t, "who-can.schema.json")
	for _, tt := range []struct {
		schema *jsonschema.Schema
		args   []string
		want   int
	}{
		{why, []string{"why", "--account", dump, "role/publish-web", "codeartifact:ReadFromRepository", repo}, statusAllowed},
		{why, []string{"why", "--account", dump, "role/publish-web", "codeartifact:DeleteRepository", repo}, statusDenied},
		{why, []string{"why", "--account", dump, "role/artifact-admin", "codeartifact:ReadFromRepository", far}, statusDepends},
		{why, []string{"why", "--account", dump, "--context", "aws:SourceIp=", "user/alice", "codeartifact:ListDomains", "*"}, statusDenied},
		{why, []string{"why", "--account", dump, "user/alice", "codeartifact:DeleteDomain", "arn:aws:codeartifact:eu-west-1:111122223333:domain/anycompany"}, statusDenied},
		{why, []string{"why", denial}, statusDenied},
		{why, []string{"why", denial + " with an explicit deny"}, statusDenied},
		{why, []string{"why", denial + " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p"}, statusDenied},
		{who, []string{"who-can", "--account", dump, "codeartifact:ReadFromRepository", repo}, statusOK},
		{who, []string{"who-can", "--account", dump, "codeartifact:PublishPackageVersion"}, statusOK},
		{who, []string{"who-can", "--account", dump, "--context", "aws:SourceIp=", "sts:GetServiceBearerToken"}, statusOK},
	} {
		var stdout, stderr bytes.Buffer
		if got := Main(append(tt.args, "--format", "json"), strings.NewReader(""), &stdout, &stderr); got != tt.want {
			t.Errorf("%v: status %d, want %d; %s%s", tt.args, got, tt.want, &stdout, &stderr)
		}
		answer, err := jsonschema.UnmarshalJSON(&stdout)
		if err != nil {
			t.Errorf("%v: %v", tt.args, err)
			continue
		}
		if err := tt.schema.Validate(answer); err != nil {
			t.Errorf("%v: %v", tt.args, err)
		}
	}
}

func TestClosedSchemaSeesWhatIsNotDescribed(t *testing.T) {
	answer := map[string]any{
		"action": "codeartifact:ListDomains", "resource": "*", "context": map[string]any{}, "principals": []any{},
		"assumptions": []any{}, "notes": []any{}, "gaps": []any{},
	}
	schema := closedSchema(t, "who-can.schema.json")
	if err := schema.Validate(answer); err != nil {
		t.Fatal(err)
	}
	answer["novelty"] = true
	if schema.Validate(answer) == nil {
		t.Error("a property that the schema does not describe passes")
	}
}
