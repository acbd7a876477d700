package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func TestEncodingIsKept(t *testing.T) {
	const before, after = "{\"Sid\": \"ä€😀\"}\r\n", "{\"Sid\": \"é😀\"}\r\n"
	for name, raw := range map[string]string{
		"UTF-8":                 before,
		"UTF-8 with a mark":     "\xef\xbb\xbf" + before,
		"UTF-16, little endian": string(utf16With(before, 0, 1)),
		"UTF-16, big endian":    string(utf16With(before, 1, 0)),
	} {
		changed, ok := encodedLike([]byte(raw), before, after)
		back, same := encodedLike(changed, after, before)
		if !ok || !same || string(back) != raw {
			t.Errorf("%s: %q becomes %q, and back %q", name, raw, changed, back)
		}
	}
	if string(utf16With("a😀", 0, 1)) != "\xff\xfea\x00\x3d\xd8\x00\xde" {
		t.Errorf("UTF-16 is %q", utf16With("a😀", 0, 1))
	}
	for _, raw := range []string{"", before + " ", " " + before, before[1:]} {
		if _, ok := encodedLike([]byte(raw), before, after); ok {
			t.Errorf("%q is taken for %q", raw, before)
		}
	}
}

// TestFileThatChangedIsLeftAlone: what somebody wrote since is not lost.
func TestFileThatChangedIsLeftAlone(t *testing.T) {
	const policy = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}`
	path := filepath.Join(t.TempDir(), "policy.json")
	read := &inventory.Inventory{Files: []*inventory.File{{Path: path, Kind: inventory.Identity, Document: inventory.NewDocument(policy)}}}
	m := &mending{report: &auditor.Report{}}
	c := &change{Place: inventory.Place{Policy: path}, before: read.Files[0].Document, after: inventory.NewDocument(strings.Replace(policy, "*", "Describe*", 1))}
	for _, now := range []string{policy + "\n", "", "{", strings.Replace(policy, "Allow", "Deny", 1)} {
		if err := os.WriteFile(path, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		err := m.replace(c, read)
		if err == nil || !strings.Contains(err.Error(), "changed since it was read") {
			t.Errorf("over %q: %v", now, err)
		}
		if held, _ := os.ReadFile(path); string(held) != now {
			t.Errorf("the file holds %q", held)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := m.replace(c, read); err == nil {
		t.Error("a file that is gone was written")
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestHeaderCanBeApplied(t *testing.T) {
	m := &mending{report: &auditor.Report{Coverage: auditor.Coverage{Accounts: 1}}}
	for path, want := range map[string]string{
		"policies/a.json":    "policies/a.json",
		"my policies/a.json": "my policies/a.json\t",
		"a\nb":               `"a\nb"`,
	} {
		read := &inventory.Inventory{Files: []*inventory.File{{Path: path}}}
		if got := m.header(&change{Place: inventory.Place{Policy: path}}, read); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
	role := &change{Place: inventory.Place{Policy: "arn:aws:iam::111122223333:role/ci#inline/access"}}
	if got := m.header(role, &inventory.Inventory{}); got != "role/ci#inline/access" {
		t.Errorf("an inline policy is %q", got)
	}
}

// TestTerminalObeysNoPolicy: what a policy holds cannot steer a terminal, and
// still reaches a file as it is.
func TestTerminalObeysNoPolicy(t *testing.T) {
	m := &mending{changes: []*change{{before: inventory.NewDocument("{\t\"Sid\": \"a\u009bb\u202e\"}"), after: inventory.NewDocument("{}")}}, report: &auditor.Report{}}
	if got := string(m.shown(&inventory.Inventory{}, true)); strings.ContainsAny(got, "\u009b\u202e") || !strings.Contains(got, "{\t") {
		t.Errorf("on a terminal: %q", got)
	}
	if got := string(m.shown(&inventory.Inventory{}, false)); !strings.Contains(got, "\u009bb\u202e") {
		t.Errorf("in a file: %q", got)
	}
}
