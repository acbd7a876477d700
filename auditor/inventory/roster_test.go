package inventory

import (
	"fmt"
	"slices"
	"testing"
)

// A roster of some policies is the roster of all without the others, and counts
// them all the same.
func TestRosterOfSome(t *testing.T) {
	var b Builder
	document := func(action string) *Document {
		return b.Intern(fmt.Sprintf(`{"Statement": [{"Effect": "Allow", "Action": %q, "Resource": "*"}]}`, action))
	}
	ours, theirs := document("codeartifact:*"), document("s3:*")
	managed := func(arn string, d *Document) *ManagedPolicy {
		return &ManagedPolicy{ARN: arn, Name: "m", Versions: []PolicyVersion{{ID: "v1", Default: true, Document: d}}}
	}
	const of = "arn:aws:iam::111122223333:"
	b.AddAccount(&Account{
		ID: "111122223333",
		Policies: []*ManagedPolicy{
			managed(of+"policy/ours", ours), managed(of+"policy/theirs", theirs), managed(of+"policy/idle", theirs),
			managed("arn:aws:iam::aws:policy/Held", theirs), managed("arn:aws:iam::aws:policy/Bounds", ours), managed("arn:aws:iam::aws:policy/Nobody", ours),
		},
		Groups: []*Group{{ARN: of + "group/g", Name: "g", Inline: []InlinePolicy{{"a", ours}, {"b", theirs}}, Attached: []Attachment{{ARN: of + "policy/ours"}}}},
		Users:  []*User{{ARN: of + "user/u", Name: "u", Groups: []string{"g"}, Boundary: of + "policy/theirs", Attached: []Attachment{{ARN: of + "policy/ours"}}}},
		Roles: []*Role{
			{ARN: of + "role/r", Name: "r", Trust: theirs, Boundary: "arn:aws:iam::aws:policy/Bounds", Attached: []Attachment{{ARN: "arn:aws:iam::aws:policy/Held"}}, Inline: []InlinePolicy{{"c", ours}}},
			{ARN: of + "role/q", Name: "q", Trust: ours, Inline: []InlinePolicy{{"c", theirs}}},
		},
		Domains: []*Domain{{ARN: "arn:aws:codeartifact:eu-west-1:111122223333:domain/d", Policy: theirs}},
	})
	a := b.Inventory().Accounts[0]
	all := a.Roster(everything)
	some := a.Roster(func(_ Kind, d *Document) bool { return d == ours })
	if all.Policies != len(all.Held) || all.Policies != 12 || all.Statements != 12 {
		t.Errorf("%d policies and %d statements are counted, %d policies listed", all.Policies, all.Statements, len(all.Held))
	}
	if some.Policies != all.Policies || some.Statements != all.Statements {
		t.Errorf("%d policies and %d statements are counted, of all %d and %d", some.Policies, some.Statements, all.Policies, all.Statements)
	}
	other := func(q Policy) bool { return q.Document != ours }
	all.Held = slices.DeleteFunc(all.Held, func(h Held) bool { return other(h.Policy) })
	for i := range all.Principals {
		p := &all.Principals[i]
		p.Policies = slices.DeleteFunc(p.Policies, other)
	}
	if got, want := described(some), described(all); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func described(r Roster) string {
	text := ""
	for _, h := range r.Held {
		text += fmt.Sprintln(h.Where(), h.Kind, h.Holders, h.Principals, h.Bounds)
	}
	for _, p := range r.Principals {
		text += fmt.Sprintln(p.ARN, whereOf(p.Policies), p.Trust() != nil, p.BoundaryARN, p.Boundary != nil)
	}
	return text
}
