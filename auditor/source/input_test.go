package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

const identity = "{\n \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"codeartifact:*\", \"Resource\": \"*\"}}"

func wide(text string, big, mark bool) []byte {
	var out []byte
	if mark {
		text = "\ufeff" + text
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		if big {
			out = append(out, byte(unit>>8), byte(unit))
		} else {
			out = append(out, byte(unit), byte(unit>>8))
		}
	}
	return out
}

// Encodings that PowerShell and editors write.
func TestEncodings(t *testing.T) {
	dump := `{"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/zoë", "UserPolicyList": 1}]}`
	inventoryFile := `{"schema": "caudit/inventory/1", "account": "111122223333", "domains": 7}`
	for name, data := range map[string]struct {
		text []byte
		want string
	}{
		"policy with mark":         {[]byte("\ufeff" + identity), "input: p policy 1\nfile: p identity , 1 statements\n"},
		"policy in UTF-16LE":       {wide(identity, false, true), "input: p policy 1\nfile: p identity , 1 statements\n"},
		"policy in UTF-16BE":       {wide(identity, true, true), "input: p policy 1\nfile: p identity , 1 statements\n"},
		"bad policy in UTF-16LE":   {wide("{\n\"Statement\": oops}", false, true), "error: p:2:14: "},
		"bad policy with mark":     {[]byte("\ufeff{\n\"Statement\": oops}"), "error: p:2:14: "},
		"details with mark":        {[]byte("\ufeff" + dump), "gap: p:1:85: arn:aws:iam::111122223333:user/zoë: UserPolicyList is a number (expected a list)\n"},
		"details in UTF-16LE":      {wide(dump, false, true), "gap: p:1:85: arn:aws:iam::111122223333:user/zoë: UserPolicyList is a number (expected a list)\n"},
		"details in UTF-16BE":      {wide(dump, true, true), "gap: p:1:85: arn:aws:iam::111122223333:user/zoë: UserPolicyList is a number (expected a list)\n"},
		"inventory in UTF-16LE":    {wide(inventoryFile, false, true), "gap: p:1:72: domains is a number (expected a list)\n"},
		"UTF-16 without mark":      {wide(identity, false, false), "error: p:1:2: "},
		"UTF-16 cut in two":        {wide(identity, false, true)[:81], "error: p:"},
		"UTF-32":                   {[]byte("\xff\xfe\x00\x00{\x00\x00\x00"), "error: p:1:1: text is UTF-32 (expected UTF-8 or UTF-16)\n"},
		"invalid UTF-8 in policy":  {[]byte("{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:\xff\", \"Resource\": \"*\"}}"), "error: p:1:"},
		"invalid UTF-8 in details": {[]byte("{\"UserDetailList\": [{\"Arn\": \"arn:aws:iam::111122223333:user/a\"}, {\"Arn\": \"\xff\"}]}"), "gap: p:1:"},
		"binary":                   {[]byte("\x7fELF\x02\x01\x01\x00\x00"), "error: p:1:1: "},
	} {
		t.Run(name, func(t *testing.T) {
			got := describe(ReadFrom("p", bytes.NewReader(data.text), Options{}))
			if !strings.HasPrefix(got, data.want) {
				t.Errorf("got\n%s\nwant it to begin\n%s", got, data.want)
			}
		})
	}
}

func TestDeepNesting(t *testing.T) {
	deep := strings.Repeat("[", 5<<20)
	for name, text := range map[string]string{
		"a list":      deep,
		"objects":     strings.Repeat(`{"a":`, 1<<20),
		"a statement": `{"Statement": ` + deep,
	} {
		r := ReadFrom("deep.json", strings.NewReader(text), Options{})
		if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "levels") || r.Errors[0].Line != 1 {
			t.Errorf("%s: got errors %v", name, r.Errors)
		}
	}
	r := ReadFrom("deep.json", strings.NewReader(`{"RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/a"}, {"x": `+strings.Repeat("[", 500)+strings.Repeat("]", 500)+
		`}, {"Arn": "arn:aws:iam::111122223333:role/b"}]}`), Options{})
	if len(r.Inventory.Gaps) != 1 || len(r.Inventory.Accounts) != 1 || len(r.Inventory.Accounts[0].Roles) != 2 {
		t.Errorf("a role that is nothing but brackets costs more than itself: %s", describe(r))
	}
}

func TestLongDocuments(t *testing.T) {
	statement := `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},`
	text := `{"Statement": [` + strings.Repeat(statement, 1<<20/len(statement)) + statement[:len(statement)-1] + `]}`
	r := ReadFrom("long.json", strings.NewReader(text), Options{})
	if len(r.Errors) > 0 || len(r.Inventory.Files) != 1 || len(r.Inventory.Files[0].Document.Parsed.Statements) != 1<<20/len(statement)+1 {
		t.Errorf("a policy of 1 MiB: %s", describe(r))
	}
	r = ReadFrom("long.json", strings.NewReader(`{"Statement": "`+strings.Repeat("a", policy.MaxSize)+`"}`), Options{})
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "too long") {
		t.Errorf("a policy that is longer than any: %v", r.Errors)
	}
}

func TestStandardInput(t *testing.T) {
	r := Read(Options{Paths: []string{"-", "-"}, Stdin: strings.NewReader(identity)})
	if got, want := describe(r), "input: - policy 1\nfile: - identity , 1 statements\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r := Read(Options{Paths: []string{"-"}}); len(r.Errors) != 1 || r.Errors[0].Path != "-" {
		t.Errorf("no standard input: got errors %v", r.Errors)
	}
}

// A failing disk is not the end of a file.
func TestReadingFails(t *testing.T) {
	broken := errors.New("input/output error")
	for name, text := range map[string]string{
		"before anything": "", "in a policy": `{"Statement": `, "in an unknown object": `{"a": 1, `, "in the first user": `{"UserDetailList": [`,
	} {
		r := ReadFrom("f", io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), Options{})
		if len(r.Errors) != 1 || !errors.Is(r.Errors[0], broken) || len(r.Inventory.Inputs) != 0 {
			t.Errorf("%s: got %s", name, describe(r))
		}
	}
	r := ReadFrom("f", io.MultiReader(strings.NewReader(`{"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/a"}`), iotest.ErrReader(broken)), Options{})
	if len(r.Errors) != 0 || len(r.Inventory.Gaps) != 1 || !strings.Contains(r.Inventory.Gaps[0].Reason, "input/output error; what follows was not read") || len(r.Inventory.Accounts) != 1 {
		t.Errorf("after a user: got %s", describe(r))
	}
}

func TestPathsAreRelativeToTheWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"work/p/a.json", "work/b.json", "elsewhere/c.json"} {
		write(t, filepath.Join(dir, name), []byte(identity))
	}
	r := Read(Options{Dir: filepath.Join(dir, "work"), Paths: []string{filepath.Join(dir, "work/p"), "./b.json", "../elsewhere", "p/../p/./a.json"}})
	var got []string
	for _, f := range r.Inventory.Files {
		got = append(got, f.Path)
	}
	if want := []string{"../elsewhere/c.json", "b.json", "p/a.json"}; !slices.Equal(got, want) || len(r.Errors) > 0 {
		t.Errorf("got %v and errors %v, want %v", got, r.Errors, want)
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tree/z-real.json"), []byte(identity))
	write(t, filepath.Join(dir, "tree/..data/policy.json"), []byte(identity))
	write(t, filepath.Join(dir, "outside/policy.json"), []byte(identity))
	for link, target := range map[string]string{
		"tree/a-copy.json":        "z-real.json",
		"tree/policy.json":        "..data/policy.json",
		"tree/outside.json":       "../outside/policy.json",
		"tree/outside-again.json": "../outside/policy.json",
		"tree/loop":               ".",
		"tree/outside-dir":        "../outside",
		"tree/gone.json":          "nowhere",
		"tree/itself":             "itself",
		"linked":                  "tree",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	r := Read(Options{Dir: dir, Paths: []string{"linked"}})
	var got []string
	for _, f := range r.Inventory.Files {
		got = append(got, f.Path)
	}
	want := []string{"linked/..data/policy.json", "linked/outside-again.json", "linked/z-real.json"}
	if !slices.Equal(got, want) || len(r.Inventory.Gaps) > 0 || len(r.Errors) > 0 {
		t.Errorf("got %v, gaps %v, errors %v; want %v", got, r.Inventory.Gaps, r.Errors, want)
	}
	r = Read(Options{Dir: dir, Paths: []string{"tree/itself", "tree/gone.json", "tree/z-real.json/x"}})
	if len(r.Errors) != 3 {
		t.Errorf("named links that lead nowhere: got errors %v", r.Errors)
	}
}

// What may not be read is an error where it was named and a gap where it was
// found.
func TestUnreadable(t *testing.T) {
	denied := func() (io.ReadCloser, error) {
		return nil, &fs.PathError{Op: "open", Path: "/x/secret.json", Err: fs.ErrPermission}
	}
	r := newReader(Options{})
	r.read(target{"secret.json", true, denied})
	r.read(target{"found.json", false, denied})
	got := describe(r.result())
	if want := "error: secret.json: permission denied\ngap: found.json:0:0: permission denied\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	r = new(reader)
	if files := r.walk(filepath.Join(t.TempDir(), "gone")); len(files) != 0 || len(r.result().Errors) != 1 {
		t.Errorf("a named directory that cannot be listed: got %v and %s", files, describe(r.result()))
	}
	var below []string
	r = new(reader)
	r.list(filepath.Join(t.TempDir(), "gone"), &below, &below)
	if len(below) != 0 || len(r.result().Inventory.Gaps) != 1 {
		t.Errorf("a directory below it that cannot be listed: got %v and %s", below, describe(r.result()))
	}
}

// A binary that happens to hold the word is no policy; a text cut anywhere is one.
func TestWordInFilesThatAreNoJSON(t *testing.T) {
	filler := strings.Repeat("x", 100_000)
	for name, test := range map[string]struct {
		text string
		gap  bool
	}{
		"at the end of a long text": {"text " + filler + ` "Statement"`, true},
		"in a binary":               {"\x7fELF\x00" + filler + `"Statement"`, false},
		"in a small binary":         {"\x7fELF\x00" + `"Statement"`, false},
		"behind another value":      {`{"a": 1} {"Statement": []}`, true},
		"in UTF-16":                 {string(wide(`x "Statement"`, false, true)), true},
		"not there":                 {"text 'Statement'" + filler, false},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "f"), []byte(test.text))
		r := Read(Options{Dir: dir, Paths: []string{"."}})
		if (len(r.Inventory.Gaps) > 0) != test.gap || len(r.Errors) > 0 {
			t.Errorf("%s: got gaps %v, errors %v", name, r.Inventory.Gaps, r.Errors)
		}
	}
	for cut := range 200 {
		w := new(watch)
		text := strings.Repeat("y", 190) + `"Statement"`
		for _, piece := range []string{text[:cut], text[cut:]} {
			w.see([]byte(piece))
		}
		if !w.statement {
			t.Fatalf("the word is not seen when it comes in pieces of %d and %d bytes", cut, len(text)-cut)
		}
	}
}

func TestConfiguredKinds(t *testing.T) {
	kindOf := func(path string) (inventory.Kind, bool) { return inventory.SCP, strings.HasPrefix(path, "scps/") }
	dir := t.TempDir()
	write(t, filepath.Join(dir, "scps/a.json"), []byte(identity))
	write(t, filepath.Join(dir, "b.json"), []byte(identity))
	for kind, want := range map[inventory.Kind]string{
		0:                 "file: b.json identity , 1 statements\nfile: scps/a.json scp , 1 statements\n",
		inventory.Session: "file: b.json session , 1 statements\nfile: scps/a.json session , 1 statements\n",
	} {
		got := describe(Read(Options{Dir: dir, Paths: []string{"."}, KindOf: kindOf, Kind: kind}))
		if !strings.HasSuffix(got, want) {
			t.Errorf("with kind %v got\n%s\nwant\n%s", kind, got, want)
		}
	}
}

// The sample account in pieces: every order of its pages is one inventory.
func TestOrderOfPages(t *testing.T) {
	var sample struct {
		IAM map[string][]json.RawMessage `json:"iam"`
	}
	if err := json.Unmarshal(events.Account, &sample); err != nil {
		t.Fatal(err)
	}
	var pages []string
	for list, entities := range sample.IAM {
		for i, entity := range entities {
			// Every third entity stands on two pages, as when a sweep is repeated.
			for range 1 + i%3/2 {
				pages = append(pages, fmt.Sprintf(`{%q: [%s], "IsTruncated": false}`, list, entity))
			}
		}
	}
	slices.Sort(pages)
	want := ""
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		random.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		r := ReadFrom("pages.json", strings.NewReader(strings.Join(pages, "\n")), Options{})
		var text bytes.Buffer
		if err := inventory.Write(&text, r.Inventory.Accounts); err != nil {
			t.Fatal(err)
		}
		got := describe(r) + text.String()
		if want == "" {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %d gives another inventory:\n%s", seed, diff)
		}
		if len(r.Errors) > 0 || len(r.Inventory.Gaps) > 0 || len(r.Inventory.Accounts) != 1 {
			t.Fatalf("order %d: %s", seed, got)
		}
	}
}

// Wherever a file is cut, what was read stays and the cut is not silent.
func TestEveryCut(t *testing.T) {
	dump := `{"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/a"}, {"Arn": "arn:aws:iam::111122223333:user/b"}], "RoleDetailList": []}`
	last := 0
	for cut := 1; cut < len(dump); cut++ {
		r := ReadFrom("dump.json", strings.NewReader(dump[:cut]), Options{})
		users := 0
		for _, a := range r.Inventory.Accounts {
			users += len(a.Users)
		}
		if len(r.Errors)+len(r.Inventory.Gaps) != 1 || users < last {
			t.Fatalf("cut behind %s: got %d users, %s", dump[:cut], users, describe(r))
		}
		last = users
	}
	if last != 2 {
		t.Errorf("the whole file has %d users, want 2", last)
	}
}

// A policy document is kept whole until it is parsed; account details are not.
func TestAccountDetailsAreNotKept(t *testing.T) {
	r := newReader(Options{})
	f := newFile(r, target{path: "dump.json"}, strings.NewReader(`{"RoleDetailList": [`+strings.Repeat(`{"Arn": "arn:aws:iam::111122223333:role/r"},`, 100_000)+`{}]}`))
	f.read()
	if len(f.watch.kept) != 0 || cap(f.watch.kept) != 0 {
		t.Errorf("%d bytes of account details were kept", len(f.watch.kept))
	}
	if len(f.pages.parts[0].Roles) != 100_000 {
		t.Errorf("got %d roles, want 100000", len(f.pages.parts[0].Roles))
	}
}

// One member of the wrong kind costs itself.
func TestMembersOfTheWrongKind(t *testing.T) {
	for text, want := range map[string]string{
		`{"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/a"}], "Statement": 1, "GroupDetailList": [{"Arn": "arn:aws:iam::111122223333:group/b"}]}`: "input: f account 0\n" +
			"account: \"111122223333\" \n  principal: arn:aws:iam::111122223333:user/a\n",
		`{"schema": "caudit/inventory/1", "domains": {"a": [{}]}, "iam": ["x"], "account": "111122223333", "organization": "o-a1b2c3d4e5"}`: "gap: f:1:45: domains is an object (expected a list)\n" +
			"gap: f:1:65: iam is a list (expected an object with account details)\ninput: f inventory 0\naccount: \"111122223333\" o-a1b2c3d4e5\n",
		`{"schema": "caudit/inventory/1", "account": "12", "collected": "soon", "iam": null, "guards": null}`: "gap: f:0:0: account is \"12\" (expected 12 digits)\n" +
			"gap: f:1:64: collected is \"soon\" (expected a time as in RFC 3339)\ninput: f inventory 0\n",
	} {
		if diff := cmp.Diff(want, describe(ReadFrom("f", strings.NewReader(text), Options{}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// What holds nothing is passed over in a folder without being opened. The files of
// /proc say that they hold nothing, and reading /proc/kmsg waits for the next message.
func TestFilesThatHoldNothingAreNotOpened(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "empty.json"), nil)
	write(t, filepath.Join(dir, "policy.json"), []byte(identity))
	r := &reader{}
	if got := r.walk(dir); !slices.Equal(got, []string{filepath.Join(dir, "policy.json")}) {
		t.Errorf("would open %q", got)
	}
	if inv := r.builder.Inventory(); inv.Foreign != 1 {
		t.Errorf("%d files passed over", inv.Foreign)
	}
}
