package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// BlockedCall is a statement whose condition is about the hidden token request,
// and so keeps the CodeArtifact actions that stand beside it from ever being
// allowed.
type BlockedCall struct {
	By        []Element // the action elements that name codeartifact actions
	Condition []Element // the conditions that their requests never meet
	Actions   codeartifact.ActionSet
	Intended  Request // what the statement's author evidently meant
	// Allowed is its real decision: another statement may allow it.
	Allowed bool
}

// BlockedCalls returns the Allow statements of an identity policy that name
// actions of CodeArtifact, by their service, under a condition on a key of STS
// that requests for them never carry and that is not met without it.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_awsservicename
func (q *Policy) BlockedCalls() ([]BlockedCall, error) {
	var out []BlockedCall
	for _, x := range q.alone.allows {
		if !x.conditional() {
			continue
		}
		named := slices.DeleteFunc(x.elements(codeartifact.CodeArtifactActions()), func(v policy.Value) bool {
			return !namesService(v.Text, "codeartifact")
		})
		blocking := q.alone.neverCarried(x)
		if len(named) == 0 || len(blocking) == 0 {
			continue
		}
		c := BlockedCall{}
		for _, v := range named {
			actions := codeartifact.MatchActions(v.Text)
			c.Actions = c.Actions.Or(actions)
			c.By = append(c.By, Element{Policy: x.source.policy, Statement: x.parsed, Place: v.Place, Actions: actions})
		}
		for _, b := range blocking {
			c.Condition = append(c.Condition, Element{Policy: x.source.policy, Statement: x.parsed, Place: b.Place})
		}
		meant, err := q.alone.forResourcesOf(x).telling(c.Actions)
		if err != nil {
			return nil, err
		}
		if meant == nil {
			continue // its resources keep it from allowing anything already
		}
		if c.Intended, c.Allowed, err = q.decideLike(meant); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// neverCarried returns the conditions of a statement on keys of STS that no
// request for a CodeArtifact action carries, and that fail without their key.
func (p *Profile) neverCarried(x part) []policy.Condition {
	var out []policy.Condition
	for _, c := range x.parsed.Conditions {
		if !namesService(c.Key, "sts") {
			continue
		}
		info, listed := codeartifact.LookupKey(c.Key)
		if listed && slices.ContainsFunc(slices.Collect(codeartifact.CodeArtifactActions().All()), func(a codeartifact.Action) bool {
			return info.Presence(a) != codeartifact.Never
		}) {
			continue
		}
		t := compileCondition(c, variables{version: x.source.policy.Document.Parsed.Version, caller: p.caller}).maybe
		if t != nil && !t.holds(absent) {
			out = append(out, c)
		}
	}
	return out
}

// telling returns a request of one of actions that the profile may allow: for an
// authorization token where it can be, else of the gravest action.
func (p *Profile) telling(actions codeartifact.ActionSet) (*Found, error) {
	first := codeartifact.Actions(codeartifact.GetAuthorizationToken)
	for _, some := range []codeartifact.ActionSet{actions.And(first), actions.Minus(first)} {
		if found, err := p.find(question{mode: maybe, actions: some}, p.steps()); found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// decideLike decides a request by a principal that the policy applies to: the
// first for whom it is denied, else the first; by itself where it applies to
// nobody.
func (q *Policy) decideLike(meant *Found) (r Request, allowed bool, err error) {
	profiles := []*Profile{q.alone}
	if len(q.Reaches) > 0 {
		profiles = nil
	}
	for _, p := range q.Reaches {
		profiles = append(profiles, p.Profile)
	}
	var first *Request
	for _, p := range profiles {
		found, err := p.findLike(meant)
		if err != nil {
			return Request{}, false, err
		}
		if found == nil {
			return Request{Caller: p.caller.ARN, Action: meant.Action, Resource: meant.Resource, Context: map[string][]string{}}, false, nil
		}
		if first == nil {
			first = p.requestOrNil(found)
		}
	}
	return *first, true, nil
}

// findLike returns a request of the same action on the same resource that the
// profile may allow, nil when there is none.
func (p *Profile) findLike(f *Found) (*Found, error) {
	q := question{mode: maybe, actions: codeartifact.Actions(f.Action)}
	if parsed, err := arn.Parse(f.Resource); err == nil {
		q.at = &home{parsed.Region, parsed.Account}
		q.with = []literal{{&test{kind: texts, set: glob.Union{glob.Literal(f.Resource)}}, true}}
	}
	return p.find(q, p.steps())
}

// NamesOutright reports whether an Allow of the policy names one of actions by its
// whole name.
func (q *Policy) NamesOutright(actions codeartifact.ActionSet) bool {
	return slices.ContainsFunc(q.alone.allows, func(x part) bool {
		return slices.ContainsFunc(x.elements(actions), func(v policy.Value) bool { return !strings.ContainsAny(v.Text, "*?") })
	})
}
