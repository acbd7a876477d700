package source_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

const located = `{"schema": "caudit/inventory/1", "account": "111122223333",
 "iam": {"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/é😀", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": "<user>"}]}],
  "GroupDetailList": [{"Arn": "arn:aws:iam::111122223333:group/g", "GroupPolicyList": [{"PolicyDocument": {"x": "<group>
"}, "PolicyName": "q/r"}]}],
  "RoleDetailList": [7, {"Arn": "arn:aws:iam::111122223333:role/a/r", "AssumeRolePolicyDocument": "<trust>", "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": "<role>"}]}],
  "Policies": [{"Arn": "arn:aws:iam::111122223333:policy/m", "PolicyVersionList": [{"VersionId": "v1", "Document": "old"}, {"VersionId": "v2", "Document": "<managed>"}]}]},
 "domains": [{"arn": "arn:aws:codeartifact:eu-west-1:111122223333:domain/d", "policy": {"d": "<domain>"}}],
 "repositories": null}
`

// what returns the text of a region, found by walking the lines as an editor would.
func what(text string, r source.Region) string {
	lines := strings.Split(text, "\n")
	cut := func(line string, column int) int { // the byte offset of a column
		units := 1
		for i, c := range line {
			if units >= column {
				return i
			}
			units += utf16.RuneLen(c)
		}
		return len(line)
	}
	if r.Line == r.EndLine {
		line := lines[r.Line-1]
		return line[cut(line, r.Column):cut(line, r.EndColumn)]
	}
	first, last := lines[r.Line-1], lines[r.EndLine-1]
	return first[cut(first, r.Column):] + "\n" + last[:cut(last, r.EndColumn)]
}

func TestLocate(t *testing.T) {
	text := strings.ReplaceAll(located, "<group>\n", "<group>\\n")
	text = strings.Replace(text, `{"x": "<group>`, "{\"x\":\n \"<group>", 1)
	iam, arn := "arn:aws:iam::111122223333:", inventory.Place{Policy: "arn:aws:codeartifact:eu-west-1:111122223333:domain/d"}
	want := map[inventory.Place]string{
		{Policy: iam + "user/é😀#inline/p"}:        `"<user>"`,
		{Policy: iam + "group/g#inline/q/r"}:      "{\"x\":\n \"<group>\\n\"}",
		{Policy: iam + "role/a/r#trust"}:          `"<trust>"`,
		{Policy: iam + "role/a/r#inline/p"}:       `"<role>"`,
		{Policy: iam + "policy/m", Version: "v2"}: `"<managed>"`,
		arn: `{"d": "<domain>"}`,
	}
	wanted := []inventory.Place{{Policy: "elsewhere"}}
	for p := range want {
		wanted = append(wanted, p)
	}
	for name, file := range map[string]string{
		"alone": text, "after a mark": "\ufeff" + text, "in a list of pages": "[{}," + text + "]", "before a mistake": text + "{]",
	} {
		got, err := source.Locate(opened(file), wanted)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texts := map[inventory.Place]string{}
		for p, r := range got {
			texts[p] = what(strings.TrimPrefix(file, "\ufeff"), r)
		}
		if diff := cmp.Diff(want, texts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func opened(text string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

func TestLocateFails(t *testing.T) {
	broken := errors.New("broken")
	if _, err := source.Locate(func() (io.ReadCloser, error) { return nil, broken }, nil); !errors.Is(err, broken) {
		t.Errorf("got %v of a file that cannot be opened", err)
	}
	if _, err := source.Locate(opened("\xff\xfe{\x00}\x00"), []inventory.Place{{}}); err == nil {
		t.Error("places are told in UTF-16")
	}
}
