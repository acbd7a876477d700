package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// NeverMet is a statement under conditions that no request of its actions meets.
type NeverMet struct {
	Certainty
	Effect policy.Effect
	Cause  Cause
	// Condition are the conditions that no such request meets together, none of
	// them needless.
	Condition []Element
	// Key is the key of the first of them, Operator its operator, Values what it
	// compares with.
	Key, Operator string
	Values        []string
	// Intended is what its author evidently meant, Allowed its real decision:
	// another statement may decide it.
	Intended Request
	Allowed  bool
}

// Cause says why a condition tells no requests apart. The zero value is invalid.
type Cause uint8

// The causes. NeverCarried: the requests lack the key. Mistyped: no value is one
// of the operator's type. Past: the time is over. Excluded: conditions exclude each
// other. Elsewhere: the statement's resources have another Region or account.
// NoSuchValue: no request has such a value. EveryValue: every request has one that
// passes. EveryAddress: every address does, which requests without one lack.
const (
	_ Cause = iota
	NeverCarried
	Mistyped
	Past
	Excluded
	Elsewhere
	NoSuchValue
	EveryValue
	EveryAddress
)

// NeverMet returns the statements of the policy that mean our actions and whose
// conditions no request of their actions meets, whoever makes it. Of a statement
// that names actions of other services too it is asked whatever the action is. A
// Deny of what does not occur does no harm: one that is limited to values that AWS
// says no request has is left alone.
func (w *World) NeverMet(q *Policy) ([]NeverMet, error) {
	question := w.inertQuestion(aboutNeverMet, q)
	if !speaks(q.Kind) || w.access.settled(question) {
		return nil, nil
	}
	var out []NeverMet
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		if len(s.Conditions) == 0 {
			continue
		}
		l, ours := w.meaning(q, s)
		if !ours || q.leavesToTokens(s) {
			continue
		}
		n, err := l.neverMet()
		if err != nil {
			return nil, err
		}
		if n != nil {
			out = append(out, *n)
		}
	}
	if len(out) == 0 {
		w.access.settle(question)
	}
	return out, nil
}

// leavesToTokens reports whether DeadTokens judges the conditions of a statement.
func (q *Policy) leavesToTokens(s *policy.Statement) bool {
	if s.Effect != policy.Allow || q.Kind != inventory.Identity || len(q.Holders) == 0 && len(q.Bounds) > 0 {
		return false
	}
	return (&statement{parsed: s}).namesToken()
}

func (l lone) neverMet() (*NeverMet, error) {
	asked, conditions := l.asAsked()
	if !slices.ContainsFunc(conditions, followsResource) {
		asked = asked.anywhere()
	}
	if met, err := asked.meet(conditions); met || err != nil {
		return nil, err
	}
	meant, err := l.some(l.profile(nil))
	if err != nil {
		return nil, err
	}
	if meant == nil { // the resources are at fault; the conditions may be besides
		l, asked = l.anywhere(), asked.anywhere()
		if met, err := asked.meet(conditions); met || err != nil {
			return nil, err
		}
		if meant, err = l.some(l.profile(nil)); meant == nil || err != nil {
			return nil, err
		}
	}
	blamed := slices.Clone(conditions)
	// In an order that does not depend on how the statement is written, so that
	// the same conditions are left.
	slices.SortFunc(blamed, func(a, b policy.Condition) int { return strings.Compare(conditionText(a), conditionText(b)) })
	for i := len(blamed) - 1; i >= 0 && len(blamed) > 1; i-- {
		without := slices.Delete(slices.Clone(blamed), i, i+1)
		met, err := asked.meet(without)
		if err != nil {
			return nil, err
		}
		if !met {
			blamed = without
		}
	}
	n := &NeverMet{Certainty: Sure, Effect: l.parsed.Effect, Cause: Excluded}
	if l.parsed.Effect == policy.Deny && slices.ContainsFunc(blamed, limitedByDesign) {
		return nil, nil
	}
	if len(blamed) == 1 {
		if n.Cause, err = asked.causeOf(blamed[0]); err != nil {
			return nil, err
		}
	}
	if tagged := asked.freely(resourceTags(blamed)...); len(resourceTags(blamed)) > 0 {
		met, err := tagged.meet(blamed)
		if err != nil {
			return nil, err
		}
		if met {
			n.Certainty = Possible
		}
	}
	for _, c := range blamed {
		n.Condition = append(n.Condition, l.element(c))
	}
	first := blamed[0]
	n.Key, n.Operator, n.Values = nameOfKey(first.Key), first.Operator.Text, valuesOf(first)
	n.Intended, n.Allowed, err = l.intended(meant)
	return n, err
}

// followsResource reports whether the resource of a request has a say in what a
// condition asks.
func followsResource(c policy.Condition) bool {
	key := strings.ToLower(c.Key)
	return followsFromResource(key) || strings.HasPrefix(key, "aws:resource")
}

// asAsked returns the statement with the requests that are asked about, and the
// conditions that are understood for them.
func (l lone) asAsked() (lone, []policy.Condition) {
	conditions := l.parsed.Conditions
	switch {
	case l.foreign:
		// Requests of other services carry what we do not know: of a key of
		// theirs nothing is asked, of others no more than the type.
		conditions = slices.DeleteFunc(slices.Clone(conditions), func(c policy.Condition) bool {
			_, listed := codeartifact.LookupKey(c.Key)
			return !listed
		})
		keys := make([]string, len(conditions))
		for i, c := range conditions {
			keys[i] = c.Key
		}
		l = l.anywhere().freely(keys...)
	case l.parsed.Effect == policy.Deny && l.actions.Meets(bearerToken): // no lifetime is too long to forbid
		l = l.freely(durationDim)
	}
	return l, conditions
}

// limitedByDesign reports whether a condition asks for a value that AWS fixes for
// all requests: a call without TLS, or by a service, which guardrails name although
// CodeArtifact gets none.
func limitedByDesign(c policy.Condition) bool {
	info, listed := codeartifact.LookupKey(c.Key)
	return listed && (info.Control(codeartifact.AnyCaller) == codeartifact.ByConstant || aboutServices(info))
}

// aboutServices reports whether only calls that AWS services make for resources of
// theirs carry the key.
func aboutServices(info *codeartifact.KeyInfo) bool {
	return strings.HasPrefix(info.Name, "aws:PrincipalService") ||
		info.Name == "aws:SourceAccount" || info.Name == "aws:SourceArn" || info.Name == "aws:SourceOwner" || strings.HasPrefix(info.Name, "aws:SourceOrg")
}

// meet reports whether some request that the statement speaks of could meet
// conditions.
func (l lone) meet(conditions []policy.Condition) (bool, error) {
	found, err := l.some(l.profile(conditions))
	return found != nil, err
}

// causeOf says why no request meets a single condition.
func (l lone) causeOf(c policy.Condition) (Cause, error) {
	carried, err := l.carried(c.Key)
	b := compileCondition(c, variables{version: l.policy.Document.Parsed.Version, caller: l.caller})
	switch t := b.maybe; {
	case err != nil:
		return 0, err
	case !carried:
		return NeverCarried, nil
	case t.kind == numbers && len(t.spans) == 0, t.kind == addresses && len(t.prefixes) == 0:
		return Mistyped, nil
	case c.Operator.Base == policy.Bool && !t.holdsFor("true") && !t.holdsFor("false"):
		return Mistyped, nil
	case t.dim == timeDim:
		return Past, nil
	case t.dim == regionDim || t.dim == accountDim:
		return Elsewhere, nil
	}
	return NoSuchValue, nil
}

// carried reports whether some request that the statement speaks of can carry a
// key.
func (l lone) carried(key string) (bool, error) {
	found, err := l.some(l.profile(nil), literal{&test{dim: dimensionOf(strings.ToLower(key)), kind: presence}, true})
	return found != nil, err
}

func (l lone) element(c policy.Condition) Element {
	return Element{Policy: l.policy.Policy, Statement: l.written, Place: c.Place}
}

// resourceTags returns the keys of conditions on a resource's tags. AWS documents
// that packages have none, and shows an example that tests a repository's in a call
// about packages.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/tag-based-access-control.html
func resourceTags(conditions []policy.Condition) []string {
	var keys []string
	for _, c := range conditions {
		if strings.HasPrefix(strings.ToLower(c.Key), "aws:resourcetag/") {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// valuesOf lists what a condition compares with.
func valuesOf(c policy.Condition) []string {
	texts := make([]string, len(c.Values))
	for i, v := range c.Values {
		texts[i] = v.Text
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// nameOfKey writes a key as AWS does; one that it does not have as it is written.
func nameOfKey(key string) string {
	if _, listed := codeartifact.LookupKey(key); listed {
		return keyName(strings.ToLower(key))
	}
	return key
}
