package source

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

// everything is an inventory with each thing the format has.
const everything = `{"schema": "caudit/inventory/1", "account": "111122223333", "organization": "o-a1b2c3d4e5", "collected": "2026-09-26T01:02:03.5Z",
"iam": {
 "UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/a<b>", "UserName": "a", "UserId": "AIDA", "GroupList": ["g"], "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/p"},
   "UserPolicyList": [{"PolicyName": "in line", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Sid": "é <&> \u2028", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}], "Tags": [{"Key": "k", "Value": ""}]}],
 "GroupDetailList": [{"Arn": "arn:aws:iam::111122223333:group/g", "GroupName": "g", "GroupId": "AGPA", "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::111122223333:policy/p"}]}],
 "RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/t/r", "RoleName": "r", "RoleId": "AROA", "MaxSessionDuration": 7200, "AssumeRolePolicyDocument": "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22%2A%22%2C%22Action%22%3A%22sts:AssumeRole%22%7D%7D",
   "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}, {"Arn": "arn:aws:iam::111122223333:role/without"}],
 "Policies": [{"Arn": "arn:aws:iam::111122223333:policy/p", "PolicyName": "p", "DefaultVersionId": "v2", "AttachmentCount": 0, "PolicyVersionList": [
   {"VersionId": "v10", "Document": "{\"Statement\": {\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}}"}, {"VersionId": "v2", "Document": "{\n\t\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}\n"}]}]},
"domains": [{"arn": "arn:aws:codeartifact:eu-west-1:111122223333:domain/d", "policy": {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}}, {"arn": "arn:aws:codeartifact:eu-west-1:111122223333:domain/none", "policy": null}],
"repositories": [{"arn": "arn:aws:codeartifact:eu-west-1:444455556666:repository/d/r", "administrator": "111122223333", "policy": null}],
"guards": [[{"name": "FullAWSAccess", "kind": "scp", "policy": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}], []],
"scopes": [{"account": "111122223333", "region": "eu-west-1", "source": "codeartifact", "state": "blocked", "reason": "SCP"}]}
{"schema": "caudit/inventory/1", "account": "444455556666"}`

// Reading what was written gives the same accounts, and writing those the same
// bytes.
func TestInventoryRoundTrip(t *testing.T) {
	for name, text := range map[string]string{"everything": everything, "sample": string(events.Account)} {
		first := ReadFrom("a.json", strings.NewReader(text), Options{})
		if len(first.Errors)+len(first.Inventory.Gaps) > 0 {
			t.Fatalf("%s: %s", name, describe(first))
		}
		written := writtenAs(t, first.Inventory.Accounts)
		second := ReadFrom("a.json", bytes.NewReader(written), Options{})
		if diff := cmp.Diff(first.Inventory, second.Inventory, cmp.Comparer(func(a, b *policy.Document) bool { return a.Text == b.Text })); diff != "" {
			t.Errorf("%s: read again (-first +second):\n%s", name, diff)
		}
		if diff := cmp.Diff(string(written), string(writtenAs(t, second.Inventory.Accounts))); diff != "" {
			t.Errorf("%s: written again:\n%s", name, diff)
		}
	}
}

func writtenAs(t *testing.T, accounts []*inventory.Account) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := inventory.Write(&out, accounts); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Documents are written as the original decoded strings.
func TestInventoryKeepsTheTextOfDocuments(t *testing.T) {
	r := ReadFrom("a.json", strings.NewReader(everything), Options{})
	policies := r.Inventory.Accounts[0].Policies
	for _, text := range []string{policies[0].Versions[0].Document.Text, r.Inventory.Accounts[0].Roles[0].Trust.Text} {
		if !strings.HasPrefix(text, "{\n\t\"Statement\"") && !strings.HasPrefix(text, `{"Statement":{"Effect":"Allow","Principal":"*"`) {
			t.Errorf("document is %q", text)
		}
	}
	if written := string(writtenAs(t, r.Inventory.Accounts)); !strings.Contains(written, `"{\n\t\"Statement\": {\"Effect\": \"Allow\"`) || strings.Contains(written, `\u003c`) {
		t.Errorf("documents were rewritten:\n%s", written)
	}
}

// inventorySchema compiles the published schema, closed: nothing may be written
// that it does not describe.
func inventorySchema(t *testing.T, closed bool) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile("../../docs/schema/inventory.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if closed {
		closeObjects(doc)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("inventory.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("inventory.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// closeObjects forbids undescribed properties wherever properties are described.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		for _, child := range node {
			closeObjects(child)
		}
		if _, described := node["properties"].(map[string]any); described {
			node["additionalProperties"] = false
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// valid holds each object of a stream against the schema.
func valid(schema *jsonschema.Schema, stream string) error {
	for object := range strings.SplitSeq(strings.TrimSpace(stream), "\n{\"schema\"") {
		if !strings.HasPrefix(object, "{") {
			object = `{"schema"` + object
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(object))
		if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil {
			return err
		}
	}
	return nil
}

func TestInventoryKeepsToTheSchema(t *testing.T) {
	closed, open := inventorySchema(t, true), inventorySchema(t, false)
	r := ReadFrom("a.json", strings.NewReader(everything), Options{})
	for _, account := range r.Inventory.Accounts {
		if err := valid(closed, string(writtenAs(t, []*inventory.Account{account}))); err != nil {
			t.Errorf("account %s: %v", account.ID, err)
		}
	}
	if err := valid(open, everything); err != nil {
		t.Errorf("the input itself: %v", err)
	}
	if err := valid(closed, string(events.Account)); err != nil {
		t.Errorf("the sample account: %v", err)
	}
}

// The schema must refuse what the format does not have, or it proves nothing.
func TestInventorySchemaRefuses(t *testing.T) {
	schema := inventorySchema(t, false)
	sample := string(events.Account)
	for name, change := range map[string][2]string{
		"another schema":             {`"caudit/inventory/1"`, `"caudit/inventory/2"`},
		"an account that is none":    {`"account": "111122223333"`, `"account": "1111"`},
		"an organization":            {`"o-a1b2c3d4e5"`, `"example"`},
		"a time":                     {`"2026-09-28T06:00:00Z"`, `"yesterday"`},
		"a user's ARN":               {`"Arn": "arn:aws:iam::111122223333:user/alice"`, `"Arn": "arn:aws:iam::111122223333:role/alice"`},
		"a user without ARN":         {`"Arn": "arn:aws:iam::111122223333:user/alice"`, `"ARN": "arn:aws:iam::111122223333:user/alice"`},
		"an inline policy":           {`"PolicyDocument"`, `"Document"`},
		"an unread domain policy":    {"\"policy\": {\n        \"Version\"", "\"polizy\": {\n        \"Version\""},
		"an unread repository":       {`"policy": null`, `"policies": null`},
		"a guard that grants":        {`"kind": "scp"`, `"kind": "identity"`},
		"a scope in no known state":  {`"state": "complete"`, `"state": "done"`},
		"a version that is a number": {`"VersionId": "v3"`, `"VersionId": 3`},
		"groups in one string":       {`"GroupList": ["developers"]`, `"GroupList": "developers"`},
	} {
		bad := strings.Replace(sample, change[0], change[1], 1)
		if bad == sample {
			t.Errorf("%s: %s does not occur in the sample", name, change[0])
		} else if err := valid(schema, bad); err == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
}

// The sample is the account that the demonstration and the README show.
func TestSampleAccount(t *testing.T) {
	r := ReadFrom("account.json", bytes.NewReader(events.Account), Options{})
	if len(r.Errors)+len(r.Inventory.Gaps) > 0 || len(r.Inventory.Accounts) != 1 {
		t.Fatalf("the sample account cannot be read whole: %s", describe(r))
	}
	a := r.Inventory.Accounts[0]
	if a.ID != "111122223333" || a.Organization != "o-a1b2c3d4e5" || len(a.Principals()) < 10 || len(a.Domains) != 2 || len(a.Guards) == 0 {
		t.Errorf("the sample account is %s of %s with %d principals, %d domains and %d levels of guards", a.ID, a.Organization, len(a.Principals()), len(a.Domains), len(a.Guards))
	}
	regions := map[string]bool{}
	for _, d := range a.Domains {
		regions[strings.Split(d.ARN, ":")[3]] = true
	}
	if !regions["eu-west-1"] || !regions["us-east-1"] {
		t.Errorf("the domains are in %v", regions)
	}
	for _, p := range a.Principals() {
		if p.BoundaryARN != "" && p.Boundary == nil {
			t.Errorf("%s: boundary %s is not in the sample", p.ARN, p.BoundaryARN)
		}
	}
	for _, h := range a.Held() {
		if len(h.Document.Parsed.Problems) > 0 {
			t.Errorf("%s: %v", h.Where(), h.Document.Parsed.Problems)
		}
		if h.Managed() && len(h.Holders)+len(h.Bounds) == 0 {
			t.Errorf("%s: attached to nobody", h.Where())
		}
	}
	if !slices.ContainsFunc(a.Policies, func(p *inventory.ManagedPolicy) bool { return len(p.Versions) > 2 }) {
		t.Error("no policy has old versions")
	}
}

// An account outside any organization has no guards; that is not the same as
// guards that nobody read.
func TestNoGuardsAreNotUnreadGuards(t *testing.T) {
	for text, read := range map[string]bool{
		`{"schema": "caudit/inventory/1", "account": "111122223333", "guards": []}`: true,
		`{"schema": "caudit/inventory/1", "account": "111122223333"}`:               false,
	} {
		first := ReadFrom("f", strings.NewReader(text), Options{}).Inventory.Accounts
		var again strings.Builder
		if err := inventory.Write(&again, first); err != nil {
			t.Fatal(err)
		}
		second := ReadFrom("f", strings.NewReader(again.String()), Options{}).Inventory.Accounts
		if (first[0].Guards != nil) != read || (second[0].Guards != nil) != read {
			t.Errorf("%s: guards read: %v, and again %v", text, first[0].Guards != nil, second[0].Guards != nil)
		}
	}
}
