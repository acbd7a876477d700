package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

var update = flag.Bool("update", false, "write the golden events anew")

// outcome is what a sample payload leads to without an account.
type outcome struct {
	function handler.Function
	rules    []string // of findings that must be among them; the golden event has all
	sweeps   int
	fails    string // part of the error, empty for none
	says     string // part of the log, empty for anything
}

var outcomes = map[string]outcome{
	"add-user-to-group":                        {function: "change", sweeps: 1, says: "carries no policy document"},
	"attach-role-policy":                       {function: "change", sweeps: 1},
	"cloudtrail-record":                        {function: "change", sweeps: 1, rules: []string{"token/any-service"}},
	"create-policy":                            {function: "change", sweeps: 1, rules: []string{"grant/admin-access"}},
	"create-policy-version":                    {function: "change", sweeps: 1, rules: []string{"token/any-service"}},
	"create-policy-version-latent":             {function: "change", sweeps: 1, says: "not the default one"},
	"create-repository":                        {function: "change", sweeps: 1},
	"create-role":                              {function: "change", sweeps: 1, says: "document judged"},
	"delete-domain-permissions-policy":         {function: "change", sweeps: 1},
	"delete-domain-permissions-policy-uri":     {function: "change", sweeps: 1},
	"delete-repository-permissions-policy":     {function: "change", sweeps: 1},
	"delete-repository-permissions-policy-uri": {function: "change", sweeps: 1},
	"delete-role-policy":                       {function: "change", sweeps: 1},
	"delete-user-permissions-boundary":         {function: "change", sweeps: 1},
	"detach-user-policy":                       {function: "change", sweeps: 1},
	"dispatch":                                 {function: "dispatch", sweeps: 1},
	"dispatch-accounts":                        {function: "dispatch", sweeps: 2},
	"failed-put-role-policy":                   {function: "change", says: "the call failed with"},
	"get-authorization-token":                  {function: "change", says: "changes no access"},
	"get-role-policy":                          {function: "change", says: "the call only read"},
	"hidden-update-assume-role-policy":         {function: "change", sweeps: 1, says: "no verdict before the sweep"},
	"identity-center-put-role-policy":          {function: "change", sweeps: 1, rules: []string{"grant/full-access"}},
	"member-put-role-policy":                   {function: "change", sweeps: 1, rules: []string{"grant/full-access", "token/any-service"}},
	"null-put-domain-permissions-policy":       {function: "change", sweeps: 1, says: "CloudTrail left it out of the record"},
	"omitted-put-role-policy":                  {function: "change", sweeps: 1, says: "CloudTrail left it out of the record"},
	"put-domain-permissions-policy":            {function: "change", sweeps: 1, rules: []string{"exposure/public", "token/misplaced"}},
	"put-domain-permissions-policy-uri":        {function: "change", sweeps: 1, says: "document judged"},
	"put-group-policy":                         {function: "change", sweeps: 1, says: "document judged"},
	"put-repository-permissions-policy":        {function: "change", sweeps: 1, rules: []string{"exposure/public"}},
	"put-repository-permissions-policy-uri":    {function: "change", sweeps: 1, says: "document judged"},
	"put-role-permissions-boundary":            {function: "change", sweeps: 1},
	"put-role-policy":                          {function: "change", sweeps: 1, rules: []string{"grant/full-access", "token/any-service"}},
	"put-user-policy":                          {function: "change", sweeps: 1, rules: []string{"token/dead-condition"}},
	"remove-user-from-group":                   {function: "change", sweeps: 1},
	"schedule":                                 {function: "dispatch", sweeps: 1},
	"set-default-policy-version":               {function: "change", sweeps: 1},
	"sqs-changes":                              {function: "change", sweeps: 3, rules: []string{"grant/full-access", "token/any-service", "exposure/public", "token/misplaced"}},
	"sqs-sweep-requests":                       {function: "scan", fails: "1 messages of the batch failed", rules: []string{"CodeArtifact Audit Failed"}},
	"sweep-request":                            {function: "scan", fails: "nothing to read it from", rules: []string{"CodeArtifact Audit Failed"}},
	"sweep-request-left":                       {function: "scan", rules: []string{"CodeArtifact Audit Completed"}},
	"sweep-request-suspended":                  {function: "scan", rules: []string{"CodeArtifact Audit Completed"}},
	"update-assume-role-policy":                {function: "change", sweeps: 1, rules: []string{"token/misplaced"}},
}

func TestSampleEvents(t *testing.T) {
	schema := eventSchema(t)
	all := payloads(t)
	for name := range outcomes {
		if all[name] == nil {
			t.Errorf("events/%s.json: not there", name)
		}
	}
	for name, payload := range all {
		t.Run(name, func(t *testing.T) {
			want, listed := outcomes[name]
			if !listed {
				t.Fatal("not said what comes of it")
			}
			log, said := logged()
			var stdout, stderr bytes.Buffer
			invoked, err := handler.Invoke(context.Background(), handler.InvokeOptions{
				Payload: payload, Account: account, Version: "v0.0.0", Now: noon, Stdout: &stdout, Stderr: &stderr, Log: log,
			})
			if (err != nil) != (want.fails != "") || err != nil && !strings.Contains(err.Error(), want.fails) {
				t.Errorf("error %v (expected one with %q)", err, want.fails)
			}
			if invoked.Function != want.function {
				t.Errorf("function %q (expected %q)", invoked.Function, want.function)
			}
			if got := bytes.Count(stderr.Bytes(), []byte("\n")); got != want.sweeps {
				t.Errorf("%d sweeps requested (expected %d): %s", got, want.sweeps, stderr.String())
			}
			if !strings.Contains(said.String(), want.says) {
				t.Errorf("log does not say %q: %s", want.says, said)
			}
			if strings.Contains(said.String(), "Statement") {
				t.Errorf("log holds policy text: %s", said)
			}
			got := rulesOf(t, schema, stdout.Bytes())
			for _, rule := range want.rules {
				if !slices.Contains(got, rule) {
					t.Errorf("findings %v (expected %s)", got, rule)
				}
			}
			golden(t, name, stdout.Bytes())
		})
	}
}

// rulesOf checks every line against the schema and returns the rules, or for a
// summary its detail type.
func rulesOf(t *testing.T, schema *jsonschema.Schema, lines []byte) []string {
	t.Helper()
	var found []string
	for line := range bytes.Lines(lines) {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("event is not as its schema says: %v\n%s", err, line)
		}
		var event struct {
			DetailType string `json:"detail-type"`
			Detail     struct {
				Data struct{ Finding struct{ Rule string } }
			}
		}
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatal(err)
		}
		if rule := event.Detail.Data.Finding.Rule; rule != "" {
			found = append(found, rule)
		} else {
			found = append(found, event.DetailType)
		}
	}
	return found
}

func eventSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const base = "https://raw.githubusercontent.com/codeartifact-auditor/codeartifact-auditor/main/docs/schema/"
	for _, name := range []string{"result.schema.json", "event.schema.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", name))
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := compiler.AddResource(base+name, value); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile(base + "event.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// golden compares what was published with events/golden/<name>.jsonl. A
// payload that publishes nothing has no file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "events", "golden", name+".jsonl")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			return
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("events/golden/%s.jsonl differs (go test ./auditor/handler -update writes it anew; read the difference):\n%s", name, diff)
	}
}

// The schema must refuse what it is there to refuse.
func TestSchemaSeesWrongEvents(t *testing.T) {
	schema := eventSchema(t)
	var stdout bytes.Buffer
	if _, err := handler.Invoke(context.Background(), handler.InvokeOptions{
		Payload: payloads(t)["cloudtrail-record"], Version: "v0.0.0", Now: noon, Stdout: &stdout, Stderr: &bytes.Buffer{},
	}); err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(stdout.String(), "\n")
	for name, change := range map[string]func(event, metadata, data map[string]any){
		"no source":        func(event, _, _ map[string]any) { delete(event, "source") },
		"foreign source":   func(event, _, _ map[string]any) { event["source"] = "aws.iam" },
		"no resources":     func(event, _, _ map[string]any) { event["resources"] = []any{} },
		"unknown type":     func(event, _, _ map[string]any) { event["detail-type"] = "Finding" },
		"other type":       func(event, _, _ map[string]any) { event["detail-type"] = "CodeArtifact Audit Completed" },
		"local time":       func(event, _, _ map[string]any) { event["time"] = "2026-09-24T12:00:00+02:00" },
		"short id":         func(_, metadata, _ map[string]any) { metadata["id"] = "abc" },
		"no trigger":       func(_, metadata, _ map[string]any) { delete(metadata, "trigger") },
		"no account":       func(_, metadata, _ map[string]any) { metadata["account"] = "" },
		"edge zero":        func(_, _, data map[string]any) { data["edge"] = 0 },
		"unknown change":   func(_, _, data map[string]any) { data["change"] = "BROKEN" },
		"uncaused":         func(_, _, data map[string]any) { data["change"] = "RESOLVED" },
		"cause of nothing": func(_, _, data map[string]any) { data["cause"] = "fixed" },
		"no count":         func(_, _, data map[string]any) { delete(data["finding"].(map[string]any), "affectedCount") },
		"no severity":      func(_, _, data map[string]any) { delete(data["finding"].(map[string]any), "severity") },
		"null list":        func(_, _, data map[string]any) { data["finding"].(map[string]any)["witness"] = nil },
		"long list": func(_, _, data map[string]any) {
			data["finding"].(map[string]any)["affected"] = slices.Repeat([]any{"arn:x"}, 51)
		},
	} {
		event := object(t, line)
		detail := event["detail"].(map[string]any)
		change(event, detail["metadata"].(map[string]any), detail["data"].(map[string]any))
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("%s: the schema does not mind", name)
		}
	}
}
