package access

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// comparisons are the operators that a key of ours can be compared by.
var comparisons = func() []policy.BaseOperator {
	var all []policy.BaseOperator
	for base := policy.StringEquals; base <= policy.ARNNotLike; base++ {
		if base != policy.BinaryEquals {
			all = append(all, base)
		}
	}
	return all
}()

// keysFor are the keys that an operator suits, but for those that no request of
// the universe carries.
func keysFor(base policy.BaseOperator) []*universeKey {
	var out []*universeKey
	for i := range universeKeys {
		k := &universeKeys[i]
		for _, b := range k.bases {
			if b == base && k.name != "aws:referer" && k.name != "s3:prefix" {
				out = append(out, k)
			}
		}
	}
	return out
}

// smallWorld draws a world in which little stands in the way of one condition,
// so that it decides: every operator as often as any other.
func (r chance) smallWorld() (*testWorld, universeAction) {
	base := pickOf(r, comparisons)
	key := pickOf(r, keysFor(base))
	a := r.actionWith(key)
	w := &testWorld{caller: pickOf(r, universeCallers), actions: []string{a.name}}
	statements := []any{r.smallStatement("Allow", a, base, key)}
	if r.oneIn(3) {
		base = pickOf(r, comparisons)
		statements = append(statements, r.smallStatement("Deny", a, base, pickOf(r, keysFor(base))))
	}
	w.identity = []string{marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})}
	guard := func() string {
		s := r.smallStatement("Allow", a, base, key)
		if r.oneIn(2) {
			delete(s, "Condition")
		}
		return marshal(map[string]any{"Version": "2012-10-17", "Statement": s})
	}
	if r.oneIn(10) {
		w.boundary = guard()
	}
	if r.oneIn(10) {
		w.scps = [][]string{{guard()}}
	}
	return w, a
}

// actionWith draws an action whose requests can carry the key.
func (r chance) actionWith(key *universeKey) universeAction {
	for {
		a := pickOf(r, universeActions)
		switch {
		case a.name == createRepository:
		case strings.HasPrefix(key.name, "sts:"):
			if a.name == "sts:GetServiceBearerToken" {
				return a
			}
		case key.name == "aws:TagKeys":
			if a.name == "codeartifact:TagResource" {
				return a
			}
		case key.name == "aws:ResourceTag/env":
			if a.resources[0] != "*" && !strings.Contains(a.name, "Publish") {
				return a
			}
		default:
			return a
		}
	}
}

// smallStatement draws a statement on an action with one condition.
func (r chance) smallStatement(effect string, a universeAction, base policy.BaseOperator, key *universeKey) map[string]any {
	s := map[string]any{"Effect": effect, "Action": pickOf(r, []string{a.name, a.name, "*", strings.ToLower(a.name), a.name[:len(a.name)-3] + "*"}), "Resource": r.smallResource(a)}
	if r.oneIn(10) {
		delete(s, "Action")
		s["NotAction"] = pickOf(r, []any{"iam:*", []string{"s3:*", "codeartifact:Put*"}, a.name})
	}
	if r.oneIn(10) {
		delete(s, "Resource")
		s["NotResource"] = pickOf(r, []string{"arn:aws:s3:::*", a.resources[0], r.smallResource(a)})
	}
	s["Condition"] = r.smallCondition(base, key)
	return s
}

// smallResource draws a pattern that some of the action's resources match.
func (r chance) smallResource(a universeAction) string {
	if a.resources[0] == "*" || !r.oneIn(2) {
		return "*"
	}
	resource := pickOf(r, a.resources)
	cut := strings.LastIndexByte(resource, '/')
	return pickOf(r, []string{
		resource, resource[:cut] + "/*", resource[:len(resource)-1] + "?", "arn:aws:codeartifact:*",
		resource[:cut] + "/${aws:PrincipalTag/none, '" + resource[cut+1:] + "'}", resource[:cut] + "/${aws:PrincipalTag/none}*",
	})
}

func (r chance) smallCondition(base policy.BaseOperator, key *universeKey) map[string]map[string][]string {
	operator, values := base.String(), some(r, key.policies, 2)
	switch {
	case r.oneIn(16):
		operator, values = "Null", []string{pickOf(r, []string{"true", "false"})}
	case r.oneIn(5):
		operator += "IfExists"
	}
	if key.multi || r.oneIn(6) {
		operator = pickOf(r, []string{"ForAllValues:", "ForAnyValue:"}) + operator
	}
	return map[string]map[string][]string{operator: {key.name: values}}
}
