package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// What the program writes as JSON is what the published schema describes.
func TestResultsKeepToTheSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(filepath.Join("..", "..", "docs", "schema", "result.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	const wide = `{"Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}`
	for _, tt := range []struct {
		stdin string
		args  []string
		want  int
	}{
		{"", []string{"demo"}, statusFound},
		{wide, []string{"scan", "-"}, statusFound},
		{`{"Statement": [{"Effect": "Allow"}]}`, []string{"scan", "-"}, statusWrong},
		{"", []string{"scan", t.TempDir()}, statusIncomplete},
		{`{"account": "111122223333"}`, []string{"invoke", "-", "--account", "../../events/account.json"}, statusOK},
	} {
		var stdout, stderr bytes.Buffer
		if got := Main(append(tt.args, "--format", "json"), strings.NewReader(tt.stdin), &stdout, &stderr); got != tt.want {
			t.Errorf("%v: status %d, want %d; %s", tt.args, got, tt.want, &stderr)
		}
		result, err := jsonschema.UnmarshalJSON(&stdout)
		if err != nil {
			t.Errorf("%v: %v", tt.args, err)
			continue
		}
		if err := schema.Validate(result); err != nil {
			t.Errorf("%v: %v", tt.args, err)
		}
	}
}
