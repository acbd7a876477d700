package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Every spelling of a document is one document, and none keeps the memory that the
// decoder uses again.
func TestSpellingsOfOneDocument(t *testing.T) {
	spellings := []string{
		`"%7B%22Statement%22%3A%20%5B%5D%7D"`, `"%7b%22Statement%22%3a%20%5b%5d%7d"`, `"{\"Statement\": []}"`, `"\u007b\"Statement\": []}"`,
	}
	var roles []string
	for i := range 400 { // longer than the decoder's buffer
		roles = append(roles, fmt.Sprintf(`{"Arn": "arn:aws:iam::111122223333:role/r%03d", "Path": "/p%d/", "RolePolicyList": [{"PolicyName": "n%d", "PolicyDocument": %s}],
			"AttachedManagedPolicies": [{"PolicyName": "m%d", "PolicyArn": "arn:aws:iam::111122223333:policy/m%d"}], "Tags": [{"Key": "k%d", "Value": "v%d"}]}`,
			i, i%7, i%7, spellings[i%len(spellings)], i%7, i%7, i%7, i%7))
	}
	reader := newReader(Options{})
	newFile(reader, target{path: "dump.json"}, strings.NewReader(`{"RoleDetailList": [`+strings.Join(roles, ", ")+`]}`)).read()
	slices.Sort(spellings)
	if kept := slices.Sorted(maps.Keys(reader.spellings.documents)); !slices.Equal(kept, spellings) {
		t.Errorf("kept %q", kept)
	}
	r := reader.result()
	account := r.Inventory.Accounts[0]
	for i, role := range account.Roles {
		inline, attached, tag := role.Inline[0], role.Attached[0], role.Tags[0]
		if want := fmt.Sprintf("r%03d /p%d/ n%d m%d policy/m%d k%d v%d", i, i%7, i%7, i%7, i%7, i%7, i%7); want !=
			strings.Join([]string{role.Name, role.Path, inline.Name, attached.Name, attached.ARN[strings.LastIndexByte(attached.ARN, ':')+1:], tag.Key, tag.Value}, " ") {
			t.Fatalf("role %d is %+v, want %s", i, role, want)
		}
		if inline.Document != account.Roles[0].Inline[0].Document || inline.Document.Text != `{"Statement": []}` {
			t.Fatalf("role %d has the document %q of its own", i, inline.Document.Text)
		}
	}
	if len(account.Roles) != 400 || r.Inventory.Inputs[0].Policies != 400 {
		t.Errorf("%d roles, %d policies", len(account.Roles), r.Inventory.Inputs[0].Policies)
	}
}

func TestSpellingsAreBounded(t *testing.T) {
	var s spellings
	d := inventory.NewDocument(`{"Statement": []}`)
	for i := range 100 {
		s.keep(fmt.Sprint(i)+strings.Repeat(" ", 1<<20), d)
	}
	if n := len(s.documents); n < 60 || n > 64 || s.of("99"+strings.Repeat(" ", 1<<20)) != nil {
		t.Errorf("%d spellings of 1 MiB are kept, want 63", n)
	}
	words := lexicon{}
	for i := range 2 * mostWords {
		if text := fmt.Sprint(i); words.keep(text) != text {
			t.Fatalf("%q is kept as another word", text)
		}
	}
	if len(words) != mostWords {
		t.Errorf("%d words are kept, want %d", len(words), mostWords)
	}
}

func TestSlabsDoNotGrowIntoEachOther(t *testing.T) {
	var s slab[int]
	a := append(s.list(2), 1, 2)
	b := append(s.list(2), 3, 4)
	_ = append(a, 5)
	if *s.one() = 6; !slices.Equal(b, []int{3, 4}) || !slices.Equal(a, []int{1, 2}) || s.list(0) != nil {
		t.Errorf("got %v and %v", a, b)
	}
	if list := s.list(1000); cap(list) != 1000 || len(list) != 0 {
		t.Errorf("a list of 1000 has room for %d", cap(list))
	}
}

// Lists that are spelt alike are shared, also where something falls out of them, and
// what is wrong in one is a gap of every entity that has it.
func TestListsAreShared(t *testing.T) {
	role := func(name string) string {
		return `{"Arn": "arn:aws:iam::111122223333:role/` + name + `", "Tags": [{"Key": "b"}, {"Key": "a"}],
			"AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::111122223333:policy/b"}, {"PolicyArn": "arn:aws:iam::111122223333:policy/a"}, {"PolicyArn": "arn:aws:iam::111122223333:policy/b"}],
			"RolePolicyList": [{"PolicyName": "p", "PolicyDocument": "{\"Statement\": []}"}, {"PolicyName": "p", "PolicyDocument": {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}}]}`
	}
	broken := func(name string) string {
		return `{"Arn": "arn:aws:iam::111122223333:role/` + name + `", "AttachedManagedPolicies": [{"PolicyName": "none"}]}`
	}
	text := `{"RoleDetailList": [` + role("one") + `,` + role("two") + `,` + role("three") + `,` + broken("x") + `,` + broken("y") + `]}`
	read := ReadFrom("d.json", strings.NewReader(text), Options{})
	roles := read.Inventory.Accounts[0].Roles
	for _, r := range roles[:3] {
		if len(r.Attached) != 2 || r.Attached[0].ARN > r.Attached[1].ARN || len(r.Tags) != 2 || r.Tags[0].Key != "a" || len(r.Inline) != 1 || r.Inline[0].Document == nil {
			t.Errorf("%s has %+v %+v %+v (expected each policy and tag once)", r.ARN, r.Attached, r.Tags, r.Inline)
		}
	}
	if &roles[0].Tags[0] != &roles[1].Tags[0] {
		t.Error("tags that are spelt alike have memory of their own")
	}
	if n := read.Inventory.Inputs[0].Policies; n != 6 {
		t.Errorf("%d policies were read, want 6", n)
	}
	count := map[string]int{}
	for _, g := range read.Inventory.Gaps {
		for _, about := range []string{"has no PolicyArn", "of this name differ"} {
			if strings.Contains(g.Where+g.Reason, about) {
				count[about]++
			}
		}
	}
	if count["has no PolicyArn"] != 2 || count["of this name differ"] != 3 {
		t.Errorf("gaps %v: want one for each role", read.Inventory.Gaps)
	}
}
