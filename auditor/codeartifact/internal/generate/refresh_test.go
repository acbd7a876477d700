package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// packed is a small package in the shape of the real one.
var packed = map[string]string{
	"package.json": `{"version": "1.2.3", "updatedAt": "2026-01-02T23:30:00-02:00", "license": "MIT"}`,
	"data/actions/codeartifact.json": `{
		"publish": {"name": "Publish", "description": "Publishes", "accessLevel": "Write, Permissions management",
			"resourceTypes": [{"name": "package", "required": true, "conditionKeys": [], "dependentActions": []}], "conditionKeys": ["aws:TagKeys"]},
		"added": {"name": "Added", "description": "New", "accessLevel": "Read", "resourceTypes": [], "conditionKeys": []}}`,
	"data/resourceTypes/codeartifact.json": `{
		"package": {"key": "package", "arn": "arn:${Partition}:codeartifact:package/${Name}"},
		"other": {"key": "other", "arn": "arn:other"}}`,
	"data/conditionKeys/codeartifact.json": `{"aws:tagkeys": {"key": "aws:TagKeys", "type": "ArrayOfString", "description": "x"}}`,
	"data/actions/sts.json": `{
		"assumerole": {"name": "AssumeRole", "description": "Assumes", "accessLevel": "Write", "resourceTypes": [], "conditionKeys": []},
		"getcalleridentity": {"name": "GetCallerIdentity", "description": "Who", "accessLevel": "Read", "resourceTypes": [], "conditionKeys": []}}`,
	"data/resourceTypes/sts.json":    `{}`,
	"data/conditionKeys/sts.json":    `{"sts:externalid": {"key": "sts:ExternalId", "type": "String"}}`,
	"data/actions/iam.json":          `{}`,
	"data/resourceTypes/iam.json":    `{}`,
	"data/conditionKeys/iam.json":    `{"aws:tagkeys": {"key": "aws:TagKeys", "type": "ArrayOfString"}}`,
	"data/rcpSupportedServices.json": `["s3", "sts"]`,
	"dist/cjs/globalConditionKeys.js": `exports.globalConditionKeys = [
    { key: 'aws:RequestTag/tag-key',
        category: 'request', type: 'String', description: '' },
    { key: 'aws:EpochTime', category: 'request', type: 'Date', // also numeric
      description: '' },
]`,
}

// archive packs files as npm does.
func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	writer := tar.NewWriter(zipped)
	for name, content := range files {
		if err := writer.WriteHeader(&tar.Header{Name: "package/" + name, Size: int64(len(content)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "package.tgz")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// curatedFolder returns a folder whose tables want the given actions.
func curatedFolder(t *testing.T, actions ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data/sources"), 0o755); err != nil {
		t.Fatal(err)
	}
	var facts curated
	for _, name := range actions {
		facts.Actions = append(facts.Actions, curatedAction{Action: name})
	}
	if err := writeJSON(dir, actionsFile, facts); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRefreshReference(t *testing.T) {
	dir := curatedFolder(t, "codeartifact:Publish", "sts:AssumeRole")
	path := archive(t, packed)
	if err := refreshReference(dir, "1.2.3", path); err != nil {
		t.Fatal(err)
	}
	var got reference
	if err := read(dir, referenceFile, &got); err != nil {
		t.Fatal(err)
	}
	sum, err := checksum(path)
	if err != nil {
		t.Fatal(err)
	}
	want := reference{
		Provenance: provenance{Source: "npm " + packageName, Version: "1.2.3", Date: "2026-01-03", SHA256: sum, License: "MIT"},
		Actions: []referenceAction{
			// One that AWS has added comes along, so that someone has to judge it.
			{Name: "codeartifact:Added", Description: "New", Levels: []string{"Read"}, Keys: []string{}},
			{
				Name: "codeartifact:Publish", Description: "Publishes", Levels: []string{"Permissions management", "Write"},
				Resources: []referenceActionTarget{{Type: "package", Required: true}}, Keys: []string{"aws:TagKeys"},
			},
			{Name: "sts:AssumeRole", Description: "Assumes", Levels: []string{"Write"}, Keys: []string{}},
		},
		Resources:  []referenceResource{{Service: "codeartifact", Type: "package", ARN: "arn:${Partition}:codeartifact:package/${Name}"}},
		Keys:       []referenceKey{{"aws:TagKeys", "ArrayOfString"}, {"sts:ExternalId", "String"}},
		GlobalKeys: []referenceKey{{"aws:EpochTime", "Date"}, {"aws:RequestTag/${TagKey}", "String"}},
		Names:      map[string][]string{"codeartifact": {"Added", "Publish"}, "sts": {"AssumeRole", "GetCallerIdentity"}},
		RCP:        []string{"s3", "sts"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRefreshReferenceErrors(t *testing.T) {
	without := func(name string) map[string]string {
		files := map[string]string{}
		for each, content := range packed {
			if each != name {
				files[each] = content
			}
		}
		return files
	}
	for _, test := range []struct {
		name, version string
		files         map[string]string
		want          string
	}{
		{"another version", "9.9.9", packed, `holds version "1.2.3", not "9.9.9"`},
		{"a file is missing", "1.2.3", without("data/actions/sts.json"), `no file "data/actions/sts.json"`},
		{"the script is missing", "1.2.3", without("dist/cjs/globalConditionKeys.js"), "no keys found"},
	} {
		err := refreshReference(curatedFolder(t, "codeartifact:Publish"), test.version, archive(t, test.files))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	err := refreshReference(curatedFolder(t, "codeartifact:Gone"), "1.2.3", archive(t, packed))
	if err == nil || !strings.Contains(err.Error(), `no action "codeartifact:Gone"`) {
		t.Errorf("a wanted action is gone: error %v", err)
	}
}
