package access_test

import (
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// canonicals returns the canonical forms of all elements of the statements of a
// document.
func canonicals(t *testing.T, text string) map[string]bool {
	t.Helper()
	document := inventory.NewDocument(text)
	all := map[string]bool{}
	for i := range document.Parsed.Statements {
		s := &document.Parsed.Statements[i]
		places := []policy.Place{s.Place}
		for _, v := range append(policy.Values(s.Actions), policy.Values(s.Resources)...) {
			places = append(places, v.Place)
		}
		for _, v := range policy.Principals(s.Principals) {
			places = append(places, v.Place)
		}
		for _, c := range s.Conditions {
			places = append(places, c.Place)
		}
		if values := policy.Values(s.Actions); len(values) > 1 {
			places = append(places, policy.Place{Start: values[0].Start, End: values[len(values)-1].End})
		}
		for _, place := range places {
			all[access.Element{Policy: inventory.Policy{Document: document}, Statement: s, Place: place}.Canonical()] = true
		}
	}
	return all
}

// TestCanonical: how a document is written changes no canonical form.
func TestCanonical(t *testing.T) {
	plain := canonicals(t, `{"Version": "2012-10-17", "Statement": {"Sid": "A", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "444455556666"]},
		"Action": ["codeartifact:ReadFromRepositry", "codeartifact:List*"], "NotResource": "arn:aws:codeartifact:*",
		"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-a", "o-b"]}, "Bool": {"aws:SecureTransport": "true"}}}}`)
	other := canonicals(t, `{"Statement": [{"Condition": {"Bool": {"aws:securetransport": [true]}, "StringEquals": {"aws:principalorgid": ["o-b", "o-a", "o-a"]}},
		"NotResource": ["arn:aws:codeartifact:**"], "Action": ["CODEARTIFACT:list**", "codeartifact:readfromrepositry"],
		"Principal": {"AWS": ["444455556666", "111122223333"]}, "Effect": "Allow"}], "Version": "2012-10-17"}`)
	differ := 0
	for form := range plain {
		if !other[form] {
			differ++ // the whole statement, which keeps its words
		}
	}
	if len(plain) != 9 || differ != 1 {
		t.Errorf("%d forms, of which %d are not found again:\n%v\n%v", len(plain), differ, plain, other)
	}
	denied := canonicals(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "codeartifact:List*", "Resource": "arn:aws:codeartifact:*"}}`)
	for form := range denied {
		if plain[form] {
			t.Errorf("Deny and Allow, or a form and its Not form, share %q", form)
		}
	}
}
