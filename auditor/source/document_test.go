package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

// A document that stands as an object in a dump counts its lines and columns from
// its own beginning, however far the dump indents it.
func TestObjectsAreLaidOutAnew(t *testing.T) {
	const dump = `{"RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/%s",
                    "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Sid": "\u00e9",
                                "Effect": "Alow"
                            }
                        ]
                    }}]}]}`
	r := ReadFrom("dump.json", strings.NewReader(fmt.Sprintf(dump, "a")+strings.Join(strings.Fields(fmt.Sprintf(dump, "b")), " ")), Options{})
	roles := r.Inventory.Accounts[0].Roles
	want := "{\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Sid\": \"\\u00e9\",\n      \"Effect\": \"Alow\"\n    }\n  ]\n}"
	if diff := cmp.Diff(want, roles[0].Inline[0].Document.Text); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if roles[0].Inline[0].Document != roles[1].Inline[0].Document {
		t.Error("two layouts of one document are two documents")
	}
	if len(r.Inventory.Gaps) != 2 || r.Inventory.Gaps[0].Line != 6 || r.Inventory.Gaps[0].Column != 17 {
		t.Errorf("got gaps %+v, want one a role at line 6, column 17", r.Inventory.Gaps)
	}
}

// Indenting something deep would make it many times longer.
func TestLongObjectsAreLeftAlone(t *testing.T) {
	object := `{"Statement": [` + strings.Repeat(`[],`, longestLaidOut) + `[]]}`
	if got := laidOut(object); got != object {
		t.Errorf("an object of %d bytes became %d bytes", len(object), len(got))
	}
}

// The sample account as the API returns it, documents percent-encoded, says the
// same as the inventory.
func TestSampleAsAccountDetails(t *testing.T) {
	whole := ReadFrom("account.json", bytes.NewReader(events.Account), Options{})
	var written struct {
		IAM any `json:"iam"`
	}
	if err := json.Unmarshal(writtenAs(t, whole.Inventory.Accounts), &written); err != nil {
		t.Fatal(err)
	}
	encoded := encodeDocuments(written.IAM)
	if encoded != len(whole.Inventory.Accounts[0].Held())-5+3 {
		t.Errorf("%d documents were encoded", encoded) // all but five of CodeArtifact, and three latent versions
	}
	dump, err := json.Marshal(written.IAM)
	if err != nil {
		t.Fatal(err)
	}
	details := ReadFrom("account.json", bytes.NewReader(dump), Options{})
	if len(details.Errors)+len(details.Inventory.Gaps) > 0 {
		t.Fatal(describe(details))
	}
	whole.Inventory.Accounts[0].Domains, whole.Inventory.Accounts[0].Repositories = nil, nil
	text := func(r Result) (lines []string) {
		for _, h := range r.Inventory.Accounts[0].Held() {
			lines = append(lines, fmt.Sprint(h.Where(), h.Holders, h.Principals, h.Bounds, h.Document.Text))
		}
		return lines
	}
	if diff := cmp.Diff(text(whole), text(details)); diff != "" {
		t.Errorf("inventory and account details differ:\n%s", diff)
	}
}

// encodeDocuments percent-encodes every document below v and counts them.
func encodeDocuments(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			n += encodeDocuments(child)
		}
	case map[string]any:
		for name, child := range v {
			if text, ok := child.(string); ok && strings.HasSuffix(name, "Document") {
				v[name] = percentEncode(text)
				n++
				continue
			}
			n += encodeDocuments(child)
		}
	}
	return n
}

// percentEncode encodes all but the unreserved characters of RFC 3986.
func percentEncode(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		if b < 0x80 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", rune(b)) {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}
