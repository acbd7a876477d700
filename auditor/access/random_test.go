package access

import (
	"encoding/json"
	"math/rand/v2"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// chance draws random policies over the universe.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 0x0a11ce))} }

func (r chance) oneIn(n int) bool { return r.IntN(n) == 0 }

func pickOf[T any](r chance, from []T) T { return from[r.IntN(len(from))] }

// some draws between one and most different members.
func some[T comparable](r chance, from []T, most int) []T {
	var out []T
	for range 1 + r.IntN(most) {
		if x := pickOf(r, from); !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// vocabulary is what the policies of one world are written in. Few words, so
// that statements meet.
type vocabulary struct {
	actions, resources []string
	keys               []*universeKey
	// strange also writes what AWS does not document: operators that do not suit
	// the type of their key, malformed values, unknown operators and keys.
	strange bool
}

func (r chance) vocabulary() vocabulary {
	v := vocabulary{actions: some(r, actionPatterns, 4), resources: append(some(r, resourcePatterns, 4), "*"), strange: r.oneIn(4)}
	for range r.IntN(4) {
		key := r.key()
		v.keys = append(v.keys, key)
		switch { // the requests that carry it
		case key.name[:4] == "sts:":
			v.actions = append(v.actions, "sts:GetServiceBearerToken", "sts:*")
		case key.name == "aws:TagKeys":
			v.actions = append(v.actions, "codeartifact:TagResource")
		}
	}
	return v
}

// key draws a key. Those that alone stand for a family of operators come up more
// often, so that every operator gets its share.
func (r chance) key() *universeKey {
	if r.oneIn(3) {
		return keyByName[pickOf(r, []string{"sts:durationseconds", "aws:currenttime", "aws:principalarn"})]
	}
	return &universeKeys[r.IntN(len(universeKeys))]
}

// world draws a caller with policies.
func (r chance) world() *testWorld {
	v := r.vocabulary()
	w := &testWorld{caller: pickOf(r, universeCallers), actions: v.actions}
	for range 1 + r.IntN(2) {
		w.identity = append(w.identity, r.document(v, 3, 4, false))
	}
	if r.oneIn(4) {
		w.boundary = r.document(v, 2, 4, false)
	}
	if r.oneIn(4) {
		for range 1 + r.IntN(2) {
			level := []string{r.document(v, 2, 3, false)}
			if r.oneIn(3) {
				level = append(level, r.document(v, 1, 4, false))
			}
			w.scps = append(w.scps, level)
		}
	}
	if r.oneIn(3) {
		for _, holder := range []string{ownPlace + "domain/team", ownPlace + "repository/team/app", otherPlace + "domain/team"} {
			if r.oneIn(2) {
				w.resource = append(w.resource, testPolicy{holder, r.document(v, 2, 3, true)})
			}
		}
	}
	return w
}

// document draws a policy of up to most statements, one in denies of which are
// Deny.
func (r chance) document(v vocabulary, most, denies int, principals bool) string {
	d := map[string]any{"Version": "2012-10-17"}
	if r.oneIn(10) {
		d["Version"] = "2008-10-17"
	}
	var list []any
	for range 1 + r.IntN(most) {
		list = append(list, r.statement(v, denies, principals))
	}
	d["Statement"] = list
	return marshal(d)
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (r chance) statement(v vocabulary, denies int, principals bool) map[string]any {
	s := map[string]any{"Effect": "Allow"}
	if r.oneIn(denies) {
		s["Effect"] = "Deny"
	}
	action, resource := "Action", "Resource"
	if r.oneIn(6) {
		action = "NotAction"
	}
	if r.oneIn(6) {
		resource = "NotResource"
	}
	s[action], s[resource] = some(r, v.actions, 3), some(r, v.resources, 2)
	if principals {
		r.principal(s)
	}
	conditions := map[string]map[string][]string{}
	if len(v.keys) > 0 && !r.oneIn(3) {
		for range 1 + r.IntN(2) {
			r.condition(v, conditions)
		}
	}
	if len(conditions) > 0 {
		s["Condition"] = conditions
	}
	return s
}

// condition enters one condition into a block.
func (r chance) condition(v vocabulary, into map[string]map[string][]string) {
	key := pickOf(r, v.keys)
	base := pickOf(r, key.bases)
	values := some(r, key.policies, 2)
	name := key.name
	if r.oneIn(8) {
		name = upper(name)
	}
	operator := base.String()
	switch {
	case r.oneIn(8):
		operator, values = "Null", []string{pickOf(r, []string{"true", "false"})}
	case v.strange && r.oneIn(4):
		operator, name, values = r.strange(key, values)
	case r.oneIn(6):
		operator += "IfExists"
	}
	if key.multi || r.oneIn(8) {
		if !v.strange || !r.oneIn(6) {
			operator = pickOf(r, []string{"ForAllValues:", "ForAnyValue:"}) + operator
		}
	}
	if into[operator] == nil {
		into[operator] = map[string][]string{}
	}
	for other := range into[operator] {
		if upper(other) == upper(name) {
			return // the same key twice under one operator is refused
		}
	}
	into[operator][name] = values
}

// strange returns a condition of which AWS does not say what it does.
func (r chance) strange(key *universeKey, values []string) (operator, name string, now []string) {
	switch r.IntN(5) {
	case 0:
		return (policy.StringEquals + policy.BaseOperator(r.IntN(int(policy.ARNNotLike)))).String(), key.name, values
	case 1:
		return pickOf(r, key.bases).String(), key.name, []string{"?!"}
	case 2:
		return "StringMatches", key.name, values
	case 3:
		return "StringEquals", "aws:BrandNewKey", values
	}
	return pickOf(r, []string{"ArnLike", "ArnNotLike"}), "aws:PrincipalArn", []string{pickOf(r, []string{"*", "arn:aws:iam::*"})}
}

func upper(name string) string {
	out := []byte(name)
	for i, c := range out {
		if 'a' <= c && c <= 'z' {
			out[i] = c - 'a' + 'A'
		}
	}
	return string(out)
}

// principal draws whom a statement of a resource policy is about.
func (r chance) principal(s map[string]any) {
	name := "Principal"
	if r.oneIn(8) {
		name = "NotPrincipal"
	}
	s[name] = pickOf(r, []any{
		"*",
		map[string]any{"AWS": "*"},
		map[string]any{"AWS": []string{otherAccount, "*"}},
		map[string]any{"AWS": ownAccount},
		map[string]any{"AWS": "arn:aws:iam::111122223333:root"},
		map[string]any{"AWS": otherAccount},
		map[string]any{"AWS": "arn:aws:iam::111122223333:user/ann"},
		map[string]any{"AWS": "arn:aws:iam::111122223333:role/build"},
		map[string]any{"AWS": []string{"arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/ann"}},
		map[string]any{"AWS": "AROAEXAMPLEBUILD"},
		map[string]any{"AWS": "arn:aws:iam::444455556666:role/ci"},
		map[string]any{"AWS": []string{"arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:user/bob"}},
		map[string]any{"Service": "codebuild.amazonaws.com"},
	})
}
