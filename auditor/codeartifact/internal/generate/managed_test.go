package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReach(t *testing.T) {
	wanted := []string{"codeartifact:GetAuthorizationToken", "codeartifact:ListDomains", "sts:GetServiceBearerToken"}
	for _, test := range []struct{ document, want string }{
		{`{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`, strings.Join(wanted, " ")},
		{`{"Statement": [{"Effect": "Allow", "Action": ["s3:*", "CodeArtifact:get*"]}]}`, wanted[0]},
		{`{"Statement": [{"Effect": "Deny", "Action": "*"}]}`, ""},
		{`{"Statement": [{"Effect": "Allow", "NotAction": ["codeartifact:*"]}]}`, wanted[2]},
		{`{"Statement": [{"Effect": "Allow", "NotAction": "iam:*"}]}`, strings.Join(wanted, " ")},
		{`{"Statement": [{"Effect": "Allow", "NotAction": ["*"]}]}`, ""},
		{`{"Statement": [{"Effect": "Allow", "Action": "sts:Get*"}, {"Effect": "Allow", "Action": "codeartifact:List*"}]}`, wanted[1] + " " + wanted[2]},
		// The text names CodeArtifact; no statement reaches it.
		{`{"Statement": [{"Sid": "codeartifact:ListDomains", "Effect": "Allow", "Action": "codeartifact-x:*", "Resource": "arn:aws:codeartifact:*"}]}`, ""},
	} {
		got, err := reach([]byte(test.document), wanted)
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s\nreaches %q, %v, want %q", test.document, got, err, test.want)
		}
	}
	if _, err := reach([]byte(`{"Statement": [{"Action": 7}]}`), wanted); err == nil {
		t.Error("a number as action is read")
	}
}

func TestRefreshManagedPolicies(t *testing.T) {
	dir := curatedFolder(t, "codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken", "sts:AssumeRole")
	file := filepath.Join(t.TempDir(), "policies.jsonl")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"name":"Reads","arn":"arn:aws:iam::aws:policy/Reads","version_id":"v2","create_date":"2020-01-02T00:00:00Z","update_date":"2021-03-04T00:00:00Z","source":"x","document":{"Statement":{"Effect":"Allow","Action":"codeartifact:Get*"}}}
{"name":"Assumes","arn":"arn:aws:iam::aws:policy/service-role/Assumes","version_id":"v1","create_date":"2020-01-02T00:00:00Z","update_date":"2020-01-02T00:00:00Z","source":"x","document":{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}}
{"name":"Withdrawn","arn":null,"version_id":"v1","create_date":null,"update_date":null,"source":"x","document":{"Statement":[]}}
`)
	// What an earlier refresh left must not stay.
	stale := filepath.Join(dir, filepath.FromSlash(managedFolder), "Stale.json")
	if err := os.MkdirAll(filepath.Dir(stale), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := refreshManagedPolicies(dir, file, "somewhere, commit 1"); err != nil {
		t.Fatal(err)
	}
	var index managedIndex
	if err := read(dir, managedFile, &index); err != nil {
		t.Fatal(err)
	}
	if len(index.Policies) != 1 || index.Policies[0].Name != "Reads" || index.Policies[0].Version != "v2" ||
		index.Provenance.Source != "somewhere, commit 1" || index.Provenance.Date != "2021-03-04" {
		t.Errorf("index %+v", index)
	}
	names, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(managedNamesFile)))
	if want := "?/Withdrawn\nservice-role/Assumes\n"; err != nil || string(names) != want {
		t.Errorf("names %q, %v, want %q", names, err, want)
	}
	documents, err := os.ReadDir(filepath.Dir(stale))
	if err != nil || !slices.EqualFunc(documents, []string{"Reads.json"}, func(e os.DirEntry, name string) bool { return e.Name() == name }) {
		t.Errorf("documents %v, %v", documents, err)
	}

	for _, test := range []struct{ line, want string }{
		{`{`, "policies.jsonl:1"},
		{`{"name":"X","arn":"arn:aws:iam::1:policy/X","document":{}}`, "no ARN of a policy AWS owns"},
		{`{"name":"X","arn":null,"document":{"Statement":{"Effect":"Allow","Action":"*"}}}`, "has no ARN"},
		{`{"name":"X","arn":"arn:aws:iam::aws:policy/X","document":[]}`, "X: "},
	} {
		write(test.line)
		if err := refreshManagedPolicies(dir, file, "x"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\nerror %v, want one with %q", test.line, err, test.want)
		}
	}
}
