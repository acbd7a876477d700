package policy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestParseReadsEveryElement(t *testing.T) {
	data, err := os.ReadFile("testdata/accept/every-element.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Version != Version2012 || doc.ID != "all" {
		t.Errorf("got version %s, id %q", doc.Version, doc.ID)
	}
	var b strings.Builder
	for _, s := range doc.Statements {
		fmt.Fprintf(&b, "%d %q %s\n", s.Index, s.Sid, s.Effect)
		fmt.Fprintf(&b, "  %T", s.Principals)
		for _, p := range Principals(s.Principals) {
			fmt.Fprintf(&b, " %s=%s", p.Type, p.Text)
		}
		fmt.Fprintf(&b, "\n  %T", s.Actions)
		for _, v := range Values(s.Actions) {
			fmt.Fprintf(&b, " %s", v.Text)
		}
		fmt.Fprintf(&b, "\n  %T", s.Resources)
		for _, v := range Values(s.Resources) {
			fmt.Fprintf(&b, " %s", v.Text)
		}
		for _, c := range s.Conditions {
			fmt.Fprintf(&b, "\n  %d %s %v %s", c.Operator.Quantifier, c.Operator.Base, c.Operator.IfExists, c.Key)
			for _, v := range c.Values {
				fmt.Fprintf(&b, " %q", v.Text)
			}
		}
		b.WriteString("\n")
	}
	want := `0 "One" Allow
  policy.OnlyPrincipals *=*
  policy.Only codeartifact:ReadFromRepository
  policy.Only *
1 "2" Deny
  policy.AllButPrincipals AWS=arn:aws:iam::111122223333:root AWS=444455556666 Service=codebuild.amazonaws.com Federated=token.actions.githubusercontent.com CanonicalUser=79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be
  policy.AllBut codeartifact:Get* codeartifact:List*
  policy.AllBut arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app
2 "" Allow
  <nil>
  policy.Only sts:GetServiceBearerToken
  policy.Only *
  0 StringEquals false sts:AWSServiceName "codeartifact.amazonaws.com"
  0 StringEquals false aws:PrincipalOrgID "o-a1b2c3d4e5" "o-f6g7h8i9j0"
  0 NumericLessThanEquals false sts:DurationSeconds "3600"
  0 Bool false aws:SecureTransport "true"
  2 StringLike true aws:TagKeys "team" "7" "false"
  0 Null false aws:PrincipalTag/team "false"
3 "" Allow
  policy.OnlyPrincipals AWS=*
  policy.Only sts:AssumeRole
  <nil>
4 "" Allow
  <nil>
  policy.Only *
  policy.Only arn:aws:codeartifact:* arn:aws:codeartifact:${aws:RequestedRegion}:111122223333:domain/größe
"\
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

const simple = "{\"Statement\": {\"Effect\": \"Allow\",\n\"Action\": \"a:größe😀\"}}"

func TestParseDecodes(t *testing.T) {
	for name, data := range map[string][]byte{
		"UTF-8":          []byte(simple),
		"UTF-8 with BOM": []byte("\ufeff" + simple),
		"UTF-16 LE":      utf16Of(simple, binary.LittleEndian),
		"UTF-16 BE":      utf16Of(simple, binary.BigEndian),
	} {
		doc, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if doc.Text != simple || len(doc.Statements) != 1 || len(doc.Problems) != 0 {
			t.Errorf("%s: got %q, %d statements, problems %v", name, doc.Text, len(doc.Statements), doc.Problems)
		}
		action := Values(doc.Statements[0].Actions)[0]
		if got := doc.Position(action.End); action.Text != "a:größe😀" || got != (Position{2, 21}) {
			t.Errorf("%s: got %q ending at %v", name, action.Text, got)
		}
	}
}

func utf16Of(text string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, unit := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func TestParseRefusesBytesThatAreNoText(t *testing.T) {
	for _, test := range []struct{ data, want string }{
		{"{\"Id\": \"é\",\n \"Sid\xff\": 1}", "2:6: invalid UTF-8"},
		{"{\xff}", "1:2: unexpected byte 0xff (expected a name in double quotes or '}')"},
		{"\xff\xfe{\x00\n\x00\x00\xd8", "1:1: half a surrogate pair, 0xd800, in UTF-16 (expected both halves)"},
		{"\xff\xfe{\x00}", "1:1: half a UTF-16 character at the end of the text (expected an even number of bytes)"},
		{"\xff\xfe\x00\x00{\x00\x00\x00", "1:1: text is UTF-32 (expected UTF-8 or UTF-16)"},
		{"\x1f\x8b\x08\x00", `1:1: unexpected '\x1f' (expected a JSON value)`},
		{"{\x00\"\x00S\x00", `1:2: unexpected '\x00' (expected a name in double quotes or '}')`}, // UTF-16 without its mark
	} {
		doc, err := Parse([]byte(test.data))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || err.Error() != test.want {
			t.Errorf("parse %q: got %v, %v, want %s", test.data, doc, err, test.want)
		}
	}
}

func TestParseReadsLargeDocuments(t *testing.T) {
	statement := `{"Effect": "Allow", "Action": ["a:` + strings.Repeat("b", 900) + `"], "Resource": "*"}`
	const n = 2000
	text := `{"Statement": [` + strings.Repeat(statement+",\n", n-1) + statement + `]}`
	doc, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Statements) != n || len(doc.Problems) != 0 {
		t.Errorf("got %d statements, %d problems in %d bytes", len(doc.Statements), len(doc.Problems), len(text))
	}
	_, err = Parse([]byte(`{"Statement": []}` + strings.Repeat(" ", MaxSize)))
	if want := fmt.Sprintf("1:%d: document is too long (expected at most 16 MiB)", MaxSize+1); fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	doc, err := Parse([]byte(`{"Statement": [` + strings.Repeat("0,", 5000) + `{"Effect": "Allow", "Action": "a:b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	last := doc.Problems[len(doc.Problems)-1]
	if len(doc.Problems) != maxProblems+1 || !last.Lost || last.Statement != -1 || !strings.HasPrefix(last.Message, "too many problems") {
		t.Errorf("got %d problems, the last %+v", len(doc.Problems), last)
	}
	if len(doc.Statements) != 1 || doc.Statements[0].Index != 5000 {
		t.Errorf("the statement that can be read is gone: %+v", doc.Statements)
	}
	long := strings.Repeat("€", 1000)
	doc, err = Parse([]byte(`{"Statement": {"` + long + `": 1}}`))
	if err != nil {
		t.Fatal(err)
	}
	if m := doc.Problems[0].Message; len(m) > 300 || !strings.Contains(m, strings.Repeat("€", 26)+"…") {
		t.Errorf("message is %q", m)
	}
}

func TestLegacyDuplicates(t *testing.T) {
	doc, err := Parse([]byte(`{"Statement": {"Effect": "Deny", "Action": "a:1", "Resource": ["x"], "Effect": "Allow", "Action": ["a:2", "a:3"], "Resource": "y"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "Version": "2008-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "a:1",
        "a:2",
        "a:3"
      ],
      "Resource": [
        "x",
        "y"
      ]
    }
  ]
}
`
	if got := string(doc.Print()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLastEffectHolds(t *testing.T) {
	for text, want := range map[string]Effect{
		`"Effect": "Deny", "Effect": "Allow"`:                   Allow,
		`"Effect": "Allow", "Effect": "Deny"`:                   Deny,
		`"Effect": "Deny", "Effect": "Allow", "Effect": "Deny"`: Deny,
	} {
		doc, err := Parse([]byte(`{"Statement": {` + text + `, "Action": "a:b"}}`))
		if err != nil || len(doc.Statements) != 1 || doc.Statements[0].Effect != want {
			t.Errorf("%s: got %+v, %v, want %s", text, doc, err, want)
		}
	}
}

func TestNoStatements(t *testing.T) {
	doc, err := Parse([]byte(`{"Statement": []}`))
	if err != nil || len(doc.Statements) != 0 || len(doc.Problems) != 0 {
		t.Errorf("got %+v, %v", doc, err)
	}
}
