package policy

import "testing"

func canonicalOf(t *testing.T, text string) string {
	t.Helper()
	doc, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return doc.Canonical()
}

func TestCanonicalIgnores(t *testing.T) {
	const plain = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "A", "Effect": "Allow", "Principal": {"AWS": ["1", "2"], "Service": "s"}, "Action": ["a:b", "a:c"], "Resource": "*"},
		{"Effect": "Deny", "NotAction": "a:d", "NotResource": ["r"], "Condition": {"StringEquals": {"k:1": ["x", "y"], "k:2": "z"}, "Bool": {"k:3": true}}}]}`
	want := canonicalOf(t, plain)
	for name, text := range map[string]string{
		"everything at once": `{"Statement":[{"NotResource":"r","Condition":{"Bool":{"k:3":["true"]},"StringEquals":{"k:2":["z"],"k:1":["y","x","y"]}},"Effect":"Deny","NotAction":["a:d"],"Sid":"Other"},
			{"Action":["a:c","a:b"],"Resource":["*","*"],"Principal":{"Service":["s"],"AWS":["2","1"]},"Effect":"Allow"}],"Id":"i","Version":"2012-10-17"}`,
		"a statement said twice": plain[:len(plain)-2] + `, {"Effect": "Allow", "Principal": {"AWS": ["1", "2"], "Service": "s"}, "Action": ["a:b", "a:c"], "Resource": "*"}]}`,
	} {
		if got := canonicalOf(t, text); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	if a, b := canonicalOf(t, `{"Statement": {"Effect": "Allow", "Action": "a:b"}}`), canonicalOf(t, `{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b"}]}`); a != b {
		t.Errorf("no version and the old one differ:\n%s\n%s", a, b)
	}
}

func TestCanonicalTellsApart(t *testing.T) {
	texts := []string{
		`{"Statement": []}`,
		`{"Version": "2012-10-17", "Statement": []}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b"}}`,
		`{"Statement": {"Effect": "Deny", "Action": "a:b"}}`,
		`{"Statement": {"Effect": "Allow", "NotAction": "a:b"}}`,
		`{"Statement": {"Effect": "Allow", "Action": []}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": []}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*"}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "NotResource": "*"}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Principal": "*"}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Principal": {"AWS": "*"}}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "NotPrincipal": {"AWS": "*"}}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Principal": {"Service": "*"}}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Condition": {"Bool": {"k": "true"}}}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Condition": {"BoolIfExists": {"k": "true"}}}}`,
		`{"Statement": {"Effect": "Allow", "Action": ["a:b\"]", "c"]}}`,
		`{"Statement": [{"Effect": "Allow", "Action": "a:b"}, {"Effect": "Allow"}]}`,
		`{"Statement": [{"Effect": "Allow", "Action": "a:b"}, {"Effect": "Deny"}]}`,
	}
	seen := map[string]string{}
	for _, text := range texts {
		c := canonicalOf(t, text)
		if other, ok := seen[c]; ok {
			t.Errorf("the same canonical form:\n%s\n%s", text, other)
		}
		seen[c] = text
	}
}

func TestCanonicalLeavesTheDocumentAlone(t *testing.T) {
	doc, err := Parse([]byte(`{"Statement": {"Sid": "S", "Effect": "Allow", "Action": ["b", "a", "b"], "Resource": ["z", "y"],
		"Principal": {"Service": ["q", "p"], "AWS": "1"}, "Condition": {"StringLike": {"k": ["n", "m"]}, "Bool": {"j": "true"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	before := string(doc.Print())
	_ = doc.Canonical()
	if after := string(doc.Print()); after != before {
		t.Errorf("got\n%s\nwant\n%s", after, before)
	}
}
