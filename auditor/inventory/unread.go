package inventory

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// complete adds to a the policies AWS owns that its principals use and that only
// another place holds: an input that did not say whose they are, or the published
// policies. An attached policy that nobody holds is a gap, like a group that is
// not there. A boundary that nobody holds is none: it could only narrow.
func (b *Builder) complete(a, unplaced *Account) {
	if a.Partial {
		return
	}
	b.missingGroups(a)
	held := map[string]*ManagedPolicy{}
	for _, p := range a.Policies {
		held[p.ARN] = p
	}
	uses := policyUses(a)
	for _, policyARN := range slices.Sorted(maps.Keys(uses)) {
		use := uses[policyARN]
		if p := held[policyARN]; p != nil {
			continue
		}
		p, known := b.elsewhere(policyARN, unplaced)
		switch {
		case p != nil:
			a.Policies = append(a.Policies, p)
		case !known && use.attached > 0:
			b.AddGap(Gap{Where: at(use.path, policyARN), Reason: "policy is not in the input (expected its document among the managed policies); " + use.String()})
		}
	}
	slices.SortFunc(a.Policies, func(p, q *ManagedPolicy) int { return cmp.Compare(p.ARN, q.ARN) })
}

// use says how an account uses a managed policy.
type use struct {
	attached int    // to how many users, groups and roles
	first    string // the first of them by ARN, and
	path     string // the input that holds it
}

func (u use) String() string {
	if u.attached == 1 {
		return "attached to " + u.first
	}
	return fmt.Sprintf("attached to %s and %d more", u.first, u.attached-1)
}

func policyUses(a *Account) map[string]*use {
	uses := map[string]*use{}
	used := func(policyARN string) *use {
		u := uses[policyARN]
		if u == nil {
			u = new(use)
			uses[policyARN] = u
		}
		return u
	}
	attach := func(holder, path string, list []Attachment) {
		for _, at := range list {
			u := used(at.ARN)
			if u.attached == 0 || holder < u.first {
				u.first, u.path = holder, path
			}
			u.attached++
		}
	}
	bound := func(boundary string) {
		if boundary != "" {
			used(boundary) // enters the policy if nobody attached it
		}
	}
	for _, u := range a.Users {
		attach(u.ARN, u.Input, u.Attached)
		bound(u.Boundary)
	}
	for _, g := range a.Groups {
		attach(g.ARN, g.Input, g.Attached)
	}
	for _, r := range a.Roles {
		attach(r.ARN, r.Input, r.Attached)
		bound(r.Boundary)
	}
	return uses
}

// elsewhere returns a policy AWS owns that no part of the account holds, nil when
// there is no document, and whether the policy is known.
func (b *Builder) elsewhere(policyARN string, unplaced *Account) (*ManagedPolicy, bool) {
	parsed, err := arn.Parse(policyARN)
	if err != nil || parsed.Account != "aws" {
		return nil, false
	}
	for _, p := range unplaced.Policies {
		if p.ARN == policyARN {
			return p, true
		}
	}
	published := b.Published
	if published == nil {
		published = publishedPolicy
	}
	version, document, known := published(policyARN)
	if document == "" {
		return nil, known
	}
	return &ManagedPolicy{
		ARN: policyARN, Name: parsed.Name(), Attachments: -1, Boundaries: -1, BuiltIn: true,
		Versions: []PolicyVersion{{ID: version, Default: true, Document: b.Intern(document)}},
	}, known
}

func (b *Builder) missingGroups(a *Account) {
	known := map[string]bool{}
	for _, g := range a.Groups {
		known[g.Name] = true
	}
	for _, u := range a.Users {
		for _, name := range u.Groups {
			if !known[name] {
				b.AddGap(Gap{Where: at(u.Input, u.ARN), Reason: fmt.Sprintf("group %q is not in the input (expected it among the groups); its policies were not judged", name)})
			}
		}
	}
}

// unread notes what of the account's documents could not be read, and the scopes
// that were not.
func (b *Builder) unread(a *Account) {
	for _, u := range a.Users {
		b.unreadInline(a.ID, u.ARN, u.Input, u.Inline)
	}
	for _, g := range a.Groups {
		b.unreadInline(a.ID, g.ARN, g.Input, g.Inline)
	}
	for _, r := range a.Roles {
		b.unreadInline(a.ID, r.ARN, r.Input, r.Inline)
		if r.Trust != nil && len(r.Trust.Parsed.Problems) > 0 {
			b.unreadIn(trustPolicy(a.ID, r))
		}
	}
	for _, p := range a.Policies {
		if p.Default() == nil {
			b.AddGap(Gap{Where: at(p.Input, p.ARN), Reason: "no version is the default (expected one, which is in force); the policy was not judged"})
		}
		for i := range p.Versions {
			b.unreadIn(policyVersion(a.ID, p, &p.Versions[i], Identity))
		}
	}
	for _, d := range a.Domains {
		if d.Policy != nil {
			b.unreadIn(domainPolicy(a.ID, d))
		}
	}
	for _, r := range a.Repositories {
		if r.Policy != nil {
			b.unreadIn(repositoryPolicy(a.ID, r))
		}
	}
	for _, level := range a.Guards {
		for _, g := range level {
			b.unreadIn(guardPolicy(a, g))
		}
	}
	for _, s := range a.Scopes {
		if !a.Assumed(s) && (s.State == "denied" || s.State == "failed") {
			b.AddGap(Gap{Where: s.where(), Reason: s.reason()})
		}
	}
}

// unreadInline makes a gap of each loss in the inline policies of one entity.
func (b *Builder) unreadInline(account, holder, path string, inline []InlinePolicy) {
	if slices.ContainsFunc(inline, func(p InlinePolicy) bool { return len(p.Document.Parsed.Problems) > 0 }) {
		b.unreadIn(inlinePolicies(account, holder, path, inline)...)
	}
}

// unreadIn makes a gap of each loss in the policies.
func (b *Builder) unreadIn(policies ...Policy) {
	for _, p := range policies {
		for _, lost := range p.Document.Lost() {
			b.AddGap(GapIn(p.Where(), p.Document, lost))
		}
	}
}

// GapIn returns the gap that a problem of a document is, the document standing
// where the words say.
func GapIn(where string, d *Document, problem policy.Problem) Gap {
	at := d.Parsed.Position(problem.Start)
	return Gap{Where: where, Reason: problem.Message, Line: at.Line, Column: at.Column}
}

// Assumed reports whether a scope that was denied is an assumption and no gap:
// control policies of the organization, and what other accounts keep to
// themselves, are theirs to show.
func (a *Account) Assumed(s Scope) bool {
	return s.State == "denied" && (s.Source == "organizations" || s.Account != a.ID)
}

// String says what the scope is of and how it was read:
// "account 111122223333: codeartifact in eu-west-1: denied: …".
func (s Scope) String() string { return s.where() + ": " + s.reason() }

func (s Scope) where() string {
	if s.Region == "" {
		return fmt.Sprintf("account %s: %s", s.Account, s.Source)
	}
	return fmt.Sprintf("account %s: %s in %s", s.Account, s.Source, s.Region)
}

func (s Scope) reason() string {
	if s.Reason == "" {
		return s.State
	}
	return s.State + ": " + s.Reason
}
