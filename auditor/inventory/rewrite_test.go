package inventory

import (
	"slices"
	"testing"
)

func TestRewriteReachesEveryDocument(t *testing.T) {
	old, fresh := NewDocument(`{"Statement": []}`), NewDocument(`{"Version": "2012-10-17", "Statement": []}`)
	const role, user, group = "arn:aws:iam::111122223333:role/ci", "arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:group/staff"
	const managed, domain, repository = "arn:aws:iam::111122223333:policy/p", "arn:aws:codeartifact:eu-west-1:111122223333:domain/d", "arn:aws:codeartifact:eu-west-1:111122223333:repository/d/r"
	inline := func() []InlinePolicy { return []InlinePolicy{{"p", old}} }
	inv := &Inventory{
		Files: []*File{{Path: "a.json", Document: old}},
		Accounts: []*Account{{
			ID:           "111122223333",
			Users:        []*User{{ARN: user, Inline: inline()}},
			Groups:       []*Group{{ARN: group, Inline: inline()}},
			Roles:        []*Role{{ARN: role, Inline: inline(), Trust: old}, {ARN: role + "2"}},
			Policies:     []*ManagedPolicy{{ARN: managed, Versions: []PolicyVersion{{ID: "v1", Document: old}, {ID: "v2", Default: true, Document: old}}}},
			Domains:      []*Domain{{ARN: domain, Policy: old}, {ARN: domain + "2"}},
			Repositories: []*Repository{{ARN: repository, Policy: old}},
		}},
	}
	places := func(inv *Inventory) (seen []Place, changed int) {
		inv.Rewrite(func(at Place, d *Document) *Document {
			seen = append(seen, at)
			if d == fresh {
				changed++
			}
			return d
		})
		return seen, changed
	}
	want := []Place{
		{Policy: "a.json"},
		{Policy: user + "#inline/p"},
		{Policy: group + "#inline/p"},
		{Policy: role + "#inline/p"},
		{Policy: role + "#trust"},
		{managed, "v1"},
		{managed, "v2"},
		{Policy: domain},
		{Policy: repository},
	}
	if got, _ := places(inv); !slices.Equal(got, want) {
		t.Errorf("places %q, want %q", got, want)
	}
	again := inv.Rewrite(func(Place, *Document) *Document { return fresh })
	if _, changed := places(again); changed != len(want) {
		t.Errorf("%d documents are written anew, want %d", changed, len(want))
	}
	if _, changed := places(inv); changed != 0 {
		t.Errorf("%d documents of the inventory itself changed", changed)
	}
	for _, h := range inv.Accounts[0].Held() {
		if !slices.Contains(want, Place{h.ID, h.Version}) {
			t.Errorf("%s is held and is no place", h.ID)
		}
	}
}
