package inventory

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	account = "111122223333"
	allowed = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"}}`
	denied  = `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}`
	broken  = "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\"}, {\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}]}"
)

func iam(resource string) string { return "arn:aws:iam::" + account + ":" + resource }

func TestInternGivesOneDocumentForOneText(t *testing.T) {
	var documents Documents
	first, second, other := documents.Intern(allowed), documents.Intern(strings.Clone(allowed)), documents.Intern(denied)
	if first != second {
		t.Error("equal texts have two documents")
	}
	if first == other {
		t.Error("different texts share a document")
	}
	if len(first.Parsed.Statements) != 1 || first.Text != allowed {
		t.Errorf("document was not parsed: %+v", first)
	}
}

func TestDocumentThatDoesNotParseSaysWhere(t *testing.T) {
	d := NewDocument("{\"Statement\": [\n  oops]}")
	lost := d.Lost()
	if len(lost) != 1 || len(d.Parsed.Statements) != 0 {
		t.Fatalf("got %d losses and %d statements, want 1 and 0", len(lost), len(d.Parsed.Statements))
	}
	if at := d.Parsed.Position(lost[0].Start); at.Line != 2 || at.Column != 3 {
		t.Errorf("got place %v, want line 2, column 3", at)
	}
}

// parts is one account as three inputs tell it, in pieces that overlap.
func parts(b *Builder) []*Account {
	doc := b.Intern
	ci := func(input string) *Role {
		return &Role{
			ARN: iam("role/ci"), Name: "ci", Path: "/", Trust: doc(denied), Input: input,
			Inline:   []InlinePolicy{{"b", doc(denied)}, {"a", doc(allowed)}},
			Attached: []Attachment{{iam("policy/publish"), "publish"}, {"arn:aws:iam::aws:policy/ReadOnlyAccess", "ReadOnlyAccess"}},
			Tags:     []Tag{{"team", "build"}, {"env", "prod"}},
		}
	}
	return []*Account{
		{ID: account, Path: "page1.json", Roles: []*Role{ci("page1.json")}, Users: []*User{{
			ARN: iam("user/alice"), Name: "alice", Groups: []string{"dev", "ops"}, Boundary: iam("policy/limit"), Input: "page1.json",
			Attached: []Attachment{{iam("policy/publish"), "publish"}},
		}}},
		{ID: account, Path: "page2.json", Roles: []*Role{ci("page2.json")}, Groups: []*Group{
			{ARN: iam("group/ops"), Name: "ops", Input: "page2.json"},
			{ARN: iam("group/dev"), Name: "dev", Input: "page2.json", Attached: []Attachment{{iam("policy/publish"), "publish"}}, Inline: []InlinePolicy{{"g", doc(allowed)}}},
		}, Policies: []*ManagedPolicy{
			{ARN: iam("policy/publish"), Name: "publish", Input: "page2.json", Versions: []PolicyVersion{{"v10", true, doc(allowed)}, {"v9", false, doc(denied)}}},
			{ARN: iam("policy/limit"), Name: "limit", Input: "page2.json", Versions: []PolicyVersion{{"v1", true, doc(denied)}}},
		}},
		{
			ID: account, Path: "codeartifact.json", Organization: "o-a1b2c3d4e5", Collected: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
			Domains:      []*Domain{{ARN: "arn:aws:codeartifact:eu-west-1:111122223333:domain/team", Policy: doc(allowed), Input: "codeartifact.json"}},
			Repositories: []*Repository{{ARN: "arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app", Policy: doc(denied), Input: "codeartifact.json"}},
			Scopes:       []Scope{{Account: account, Region: "eu-west-1", Source: "codeartifact", State: "complete"}},
		},
		{ID: "444455556666", Path: "other.json"},
		{Path: "page3.json", Policies: []*ManagedPolicy{{
			ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess", Name: "ReadOnlyAccess", Input: "page3.json", Versions: []PolicyVersion{{"v100", true, doc(allowed)}},
		}}},
	}
}

func TestInventoryDoesNotDependOnOrder(t *testing.T) {
	build := func(seed uint64) *Inventory {
		random := rand.New(rand.NewPCG(seed, 0))
		b := new(Builder)
		list := parts(b)
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, part := range list {
			random.Shuffle(len(part.Groups), func(i, j int) { part.Groups[i], part.Groups[j] = part.Groups[j], part.Groups[i] })
			b.AddAccount(part)
		}
		for _, i := range random.Perm(3) {
			b.AddFile(&File{Path: fmt.Sprintf("%d.json", i), Kind: Identity, Document: b.Intern(broken)})
			b.AddInput(Input{Path: fmt.Sprintf("%d.json", i), Kind: "policy", Policies: 1})
		}
		return b.Inventory()
	}
	want := build(0)
	if len(want.Accounts) != 2 || len(want.Files) != 3 || len(want.Gaps) != 3 {
		t.Fatalf("got %d accounts, %d files, gaps %v; want 2, 3 and one gap a file", len(want.Accounts), len(want.Files), want.Gaps)
	}
	for seed := range uint64(50) {
		if diff := cmp.Diff(describe(want), describe(build(seed))); diff != "" {
			t.Fatalf("order %d gives another inventory:\n%s", seed, diff)
		}
	}
}

// describe is an inventory with its documents as text.
func describe(inv *Inventory) any {
	type described struct {
		Accounts, Held []string
		Principals     []string
		Files          []string
		Inputs         []Input
		Gaps           []Gap
	}
	d := described{Inputs: inv.Inputs, Gaps: inv.Gaps}
	for _, a := range inv.Accounts {
		var text bytes.Buffer
		if err := Write(&text, []*Account{a}); err != nil {
			panic(err)
		}
		d.Accounts = append(d.Accounts, a.Path+" "+text.String())
		for _, h := range a.Held() {
			d.Held = append(d.Held, fmt.Sprintf("%s %v %v %v", h.Where(), h.Holders, h.Principals, h.Bounds))
		}
		for _, p := range a.Principals() {
			d.Principals = append(d.Principals, fmt.Sprintf("%s %v", p.ARN, whereOf(p.Policies)))
		}
	}
	for _, f := range inv.Files {
		d.Files = append(d.Files, f.Path)
	}
	return d
}

func whereOf(policies []Policy) []string {
	var where []string
	for _, p := range policies {
		where = append(where, p.Where())
	}
	return where
}

func TestPoliciesThatApply(t *testing.T) {
	b := new(Builder)
	for _, part := range parts(b) {
		b.AddAccount(part)
	}
	a := b.Inventory().Accounts[0]
	principals := a.Principals()
	got := map[string][]string{}
	for _, p := range principals {
		got[p.Name] = whereOf(p.Policies)
	}
	want := map[string][]string{
		"ci": {
			`page1.json: arn:aws:iam::111122223333:role/ci inline policy "a"`,
			`page1.json: arn:aws:iam::111122223333:role/ci inline policy "b"`,
			`page2.json: arn:aws:iam::111122223333:policy/publish version v10`,
			`page3.json: arn:aws:iam::aws:policy/ReadOnlyAccess version v100`,
		},
		"alice": {
			`page2.json: arn:aws:iam::111122223333:policy/publish version v10`,
			`page2.json: arn:aws:iam::111122223333:group/dev inline policy "g"`,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	ci, alice := principals[0], principals[1]
	if !ci.Role || ci.Trust() == nil || ci.Trust().Where() != "page1.json: arn:aws:iam::111122223333:role/ci trust policy" || ci.Boundary != nil {
		t.Errorf("role is %+v", ci)
	}
	if alice.Role || alice.Boundary == nil || alice.Boundary.Kind != Boundary || alice.Boundary.Document.Text != denied {
		t.Errorf("boundary of the user is %+v", alice.Boundary)
	}
	if !ci.Policies[3].AWSOwned() || ci.Policies[2].AWSOwned() || !ci.Policies[2].Managed() || !ci.Policies[0].Inline() || ci.Policies[3].Account != account {
		t.Errorf("policies are not told apart: %+v", ci.Policies)
	}
}

func TestHeld(t *testing.T) {
	b := new(Builder)
	for _, part := range parts(b) {
		b.AddAccount(part)
	}
	a := b.Inventory().Accounts[0]
	a.Policies = append(a.Policies, &ManagedPolicy{ARN: "arn:aws:iam::aws:policy/AdministratorAccess", Versions: []PolicyVersion{{"v1", true, b.Intern(allowed)}}})

	type entry struct {
		ID, Kind                    string
		Holders, Principals, Bounds []string
	}
	var got []entry
	for _, h := range a.Held() {
		got = append(got, entry{h.ID, h.Kind.String(), h.Holders, h.Principals, h.Bounds})
	}
	alice, ci, dev := iam("user/alice"), iam("role/ci"), iam("group/dev")
	want := []entry{
		{ID: "arn:aws:codeartifact:eu-west-1:111122223333:domain/team", Kind: "domain"},
		{ID: "arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app", Kind: "repository"},
		{ID: dev + "#inline/g", Kind: "identity", Holders: []string{dev}, Principals: []string{alice}},
		{ID: iam("policy/limit"), Kind: "identity", Bounds: []string{alice}},
		{ID: iam("policy/publish"), Kind: "identity", Holders: []string{dev, ci, alice}, Principals: []string{ci, alice}},
		{ID: ci + "#inline/a", Kind: "identity", Holders: []string{ci}, Principals: []string{ci}},
		{ID: ci + "#inline/b", Kind: "identity", Holders: []string{ci}, Principals: []string{ci}},
		{ID: ci + "#trust", Kind: "trust", Holders: []string{ci}},
		{ID: "arn:aws:iam::aws:policy/ReadOnlyAccess", Kind: "identity", Holders: []string{ci}, Principals: []string{ci}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("held policies (-want +got):\n%s", diff)
	}
}

func TestIdenticalRepeatsAreNoGap(t *testing.T) {
	spaced := strings.ReplaceAll(allowed, " ", "\n")
	role := func(b *Builder, input, text string, groups ...string) *Account {
		return &Account{
			ID: account, Path: input,
			Users:    []*User{{ARN: iam("user/u"), Name: "u", Groups: groups, Input: input}},
			Groups:   []*Group{{ARN: iam("group/a"), Name: "a", Input: input}, {ARN: iam("group/b"), Name: "b", Input: input}},
			Roles:    []*Role{{ARN: iam("role/r"), Name: "r", Input: input, Inline: []InlinePolicy{{"p", b.Intern(text)}}}},
			Policies: []*ManagedPolicy{{ARN: iam("policy/p"), Input: input, Attachments: len(input), Versions: []PolicyVersion{{"v1", true, b.Intern(text)}}}},
		}
	}
	b := new(Builder)
	b.AddAccount(role(b, "2.json", spaced, "b", "a"))
	b.AddAccount(role(b, "long-name.json", allowed, "a", "b"))
	inv := b.Inventory()
	if len(inv.Gaps) != 0 {
		t.Errorf("copies of one entity are gaps: %v", inv.Gaps)
	}
	if len(inv.Accounts[0].Roles) != 1 || inv.Accounts[0].Path != "2.json" {
		t.Errorf("got %d roles in %s, want 1 in 2.json", len(inv.Accounts[0].Roles), inv.Accounts[0].Path)
	}
}

// Each case adds to one account something that cannot be judged.
func TestGaps(t *testing.T) {
	for _, test := range []struct {
		name string
		add  func(b *Builder, a *Account)
		want []Gap
	}{
		{"two versions of a role in two inputs", func(b *Builder, a *Account) {
			a.Roles = []*Role{{ARN: iam("role/r"), Input: "a.json", Inline: []InlinePolicy{{"p", b.Intern(allowed)}}}}
			b.AddAccount(&Account{ID: account, Path: "b.json", Roles: []*Role{{ARN: iam("role/r"), Input: "b.json"}}})
		}, []Gap{{Where: "a.json, b.json: " + iam("role/r"), Reason: `2 versions of this role differ (expected one); only the one in "a.json" is judged`}}},
		{"the newer version is kept", func(b *Builder, a *Account) {
			a.Roles = []*Role{{ARN: iam("role/r"), Input: "a.json", Inline: []InlinePolicy{{"p", b.Intern(allowed)}}}}
			b.AddAccount(&Account{ID: account, Path: "b.json", Roles: []*Role{{ARN: iam("role/r"), Input: "b.json"}}, Collected: time.Unix(1, 0)})
		}, []Gap{{Where: "a.json, b.json: " + iam("role/r"), Reason: `2 versions of this role differ (expected one); only the one in "b.json" is judged`}}},
		{"two inline policies under one name", func(b *Builder, a *Account) {
			a.Groups = []*Group{{ARN: iam("group/g"), Input: "a.json", Inline: []InlinePolicy{{"p", b.Intern(allowed)}, {"p", b.Intern(denied)}, {"p", b.Intern(denied)}}}}
		}, []Gap{{Where: "a.json: " + iam("group/g") + ` inline policy "p"`, Reason: "two inline policies of this name differ (expected one); only the first is judged"}}},
		{"a lost statement", func(b *Builder, a *Account) {
			a.Roles = []*Role{{ARN: iam("role/r"), Input: "a.json", Trust: b.Intern(broken)}}
		}, []Gap{{Where: "a.json: " + iam("role/r") + " trust policy", Line: 2, Column: 16}}},
		{"a group that is not there", func(b *Builder, a *Account) {
			a.Users = []*User{{ARN: iam("user/u"), Input: "a.json", Groups: []string{"gone"}}}
		}, []Gap{{Where: "a.json: " + iam("user/u"), Reason: `group "gone" is not in the input (expected it among the groups); its policies were not judged`}}},
		{"an attached policy that is not there", func(b *Builder, a *Account) {
			gone := []Attachment{{iam("policy/gone"), "gone"}}
			a.Users = []*User{{ARN: iam("user/u"), Input: "a.json", Attached: gone}}
			a.Roles = []*Role{{ARN: iam("role/s"), Input: "a.json", Attached: gone}, {ARN: iam("role/r"), Input: "a.json", Attached: gone}}
		}, []Gap{{Where: "a.json: " + iam("policy/gone"), Reason: "policy is not in the input (expected its document among the managed policies); attached to " + iam("role/r") + " and 2 more"}}},
		{"an AWS policy that nobody knows", func(b *Builder, a *Account) {
			a.Roles = []*Role{{ARN: iam("role/s"), Input: "a.json", Attached: []Attachment{{"arn:aws:iam::aws:policy/New", "New"}}}}
		}, []Gap{{Where: "a.json: arn:aws:iam::aws:policy/New", Reason: "policy is not in the input (expected its document among the managed policies); attached to " + iam("role/s")}}},
		{"AWS policies that are published", func(b *Builder, a *Account) {
			a.Roles = []*Role{{ARN: iam("role/s"), Input: "a.json", Attached: []Attachment{{"arn:aws:iam::aws:policy/Known", "Known"}, {"arn:aws:iam::aws:policy/Elsewhere", "Elsewhere"}}}}
		}, nil},
		{"a boundary that is not there is no gap", func(b *Builder, a *Account) {
			a.Users = []*User{{ARN: iam("user/u"), Input: "a.json", Boundary: iam("policy/gone")}}
		}, nil},
		{"a policy without default version", func(b *Builder, a *Account) {
			a.Policies = []*ManagedPolicy{{ARN: iam("policy/p"), Input: "a.json", Versions: []PolicyVersion{{"v1", false, b.Intern(allowed)}}}}
		}, []Gap{{Where: "a.json: " + iam("policy/p"), Reason: "no version is the default (expected one, which is in force); the policy was not judged"}}},
		{"a scope that was denied", func(b *Builder, a *Account) {
			a.Scopes = []Scope{{Account: account, Region: "eu-west-1", Source: "codeartifact", State: "denied", Reason: "AccessDenied"}, {Account: account, Source: "iam", State: "complete"}}
		}, []Gap{{Where: "account 111122223333: codeartifact in eu-west-1", Reason: "denied: AccessDenied"}}},
		{"a scope that another input completes", func(b *Builder, a *Account) {
			a.Scopes = []Scope{{Account: account, Source: "iam", State: "failed"}, {Account: account, Region: "sa-east-1", Source: "codeartifact", State: "blocked"}}
			b.AddAccount(&Account{ID: account, Path: "b.json", Scopes: []Scope{{Account: account, Source: "iam", State: "complete"}}})
		}, nil},
		{"two organizations", func(b *Builder, a *Account) {
			a.Organization = "o-1"
			b.AddAccount(&Account{ID: account, Path: "b.json", Organization: "o-2"})
		}, []Gap{{Where: "a.json, b.json: account 111122223333", Reason: `inputs differ about organization (expected the same); only what "a.json" says is used`}}},
		{"two sets of guards", func(b *Builder, a *Account) {
			a.Guards = [][]Guard{{{"FullAWSAccess", SCP, b.Intern(allowed)}}}
			b.AddAccount(&Account{ID: account, Path: "b.json", Guards: [][]Guard{{}}})
			b.AddAccount(&Account{ID: account, Path: "c.json"})
		}, []Gap{{Where: "a.json, b.json: account 111122223333", Reason: `inputs differ about the guards (expected the same); only what "a.json" says is used`}}},
		{"an event knows nothing of attachments", func(b *Builder, a *Account) {
			a.Partial = true
			a.Users = []*User{{ARN: iam("user/u"), Groups: []string{"gone"}, Attached: []Attachment{{iam("policy/gone"), "gone"}}}}
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &Builder{Published: func(policyARN string) (version, document string, known bool) {
				switch policyARN {
				case "arn:aws:iam::aws:policy/Known":
					return "v1", allowed, true
				case "arn:aws:iam::aws:policy/Elsewhere":
					return "", "", true
				}
				return "", "", false
			}}
			a := &Account{ID: account, Path: "a.json"}
			test.add(b, a)
			b.AddAccount(a)
			got := b.Inventory().Gaps
			for i := range got {
				if i < len(test.want) && test.want[i].Reason == "" && got[i].Reason != "" {
					got[i].Reason = "" // the wording is the policy package's
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPublishedPolicyApplies(t *testing.T) {
	b := &Builder{Published: func(string) (version, document string, known bool) { return "v7", allowed, true }}
	b.AddAccount(&Account{ID: account, Roles: []*Role{{
		ARN: iam("role/r"), Attached: []Attachment{{"arn:aws:iam::aws:policy/job-function/Known", "Known"}}, Boundary: "arn:aws:iam::aws:policy/Limit",
	}}})
	inv := b.Inventory()
	p := inv.Accounts[0].Principals()[0]
	if len(p.Policies) != 1 || p.Policies[0].Document.Text != allowed || p.Policies[0].ID != "arn:aws:iam::aws:policy/job-function/Known" || p.Policies[0].Name != "Known" || p.Policies[0].Version != "v7" {
		t.Errorf("the published policy does not apply: %+v", p.Policies)
	}
	if p.Boundary == nil || p.Boundary.Document.Text != allowed {
		t.Errorf("the published policy does not bound: %+v", p.Boundary)
	}
	var text bytes.Buffer
	if err := Write(&text, inv.Accounts); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "codeartifact:*") {
		t.Errorf("a fact built in was written as if it had been read:\n%s", text.String())
	}
}

func TestFactsBuiltInAnswerForPoliciesAWSOwns(t *testing.T) {
	b := new(Builder)
	b.AddAccount(&Account{ID: account, Roles: []*Role{{ARN: iam("role/r"), Attached: []Attachment{
		{"arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess", "AWSCodeArtifactAdminAccess"},
		{"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "AWSLambdaBasicExecutionRole"},
		{"arn:aws:iam::aws:policy/NotAPolicyOfAWS", "NotAPolicyOfAWS"},
	}}}})
	inv := b.Inventory()
	policies := inv.Accounts[0].Principals()[0].Policies
	if len(policies) != 1 || policies[0].Name != "AWSCodeArtifactAdminAccess" || !strings.Contains(policies[0].Document.Text, "codeartifact:*") {
		t.Errorf("policies that apply: %v", whereOf(policies))
	}
	if len(inv.Gaps) != 1 || inv.Gaps[0].Where != "arn:aws:iam::aws:policy/NotAPolicyOfAWS" {
		t.Errorf("got gaps %v, want one, for the policy that nobody knows", inv.Gaps)
	}
}

func TestServiceLinked(t *testing.T) {
	for path, want := range map[string]bool{"/aws-service-role/ecs.amazonaws.com/": true, "/": false, "": false, "/aws-service-role/": false, "/team/aws-service-role/x/": false} {
		a := &Account{ID: account, Roles: []*Role{{ARN: iam("role/r"), Path: path}}}
		if got := a.Principals()[0].ServiceLinked; got != want {
			t.Errorf("path %q: got %t, want %t", path, got, want)
		}
	}
}

func TestParseKind(t *testing.T) {
	var words []string
	for k := Kind(0); k < 20; k++ {
		if parsed, ok := ParseKind(k.String()); ok {
			if parsed != k {
				t.Errorf("%q is %v", k.String(), parsed)
			}
			words = append(words, k.String())
		}
	}
	want := []string{"identity", "domain", "repository", "trust", "boundary", "scp", "rcp", "session", "endpoint"}
	if !slices.Equal(words, want) {
		t.Errorf("kinds a user may name: got %v, want %v", words, want)
	}
}
