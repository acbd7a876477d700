package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Newcomer says who, outside of those trusted, may assume a role. The zero value
// is invalid; the gravest comes first.
type Newcomer uint8

// The newcomers. AnyIdentity: of a provider that serves many customers, whoever
// they are. SomeIdentities: of such a provider those whose name fits a pattern,
// which others than the one meant can have too. UnknownProvider: any identity of a
// provider of which it is not known whom it serves.
const (
	_ Newcomer = iota
	AnyPrincipal
	AnyIdentity
	SomeIdentities
	OtherOrganization
	OtherAccount
	UnknownProvider
)

// Entry is a way into a role for somebody outside of those trusted.
type Entry struct {
	Certainty
	Newcomer
	// Who is the organization, the account or the issuer; empty for any principal.
	Who string
	// Narrowed: from some networks alone.
	Narrowed bool
	// By are the principal and action elements that let them in.
	By      []Element
	Witness Request
}

// TrustOf returns the trust policy of a role as a policy of its own, nil when it
// was not read.
func (w *World) TrustOf(p *Principal) *Policy {
	trust := p.Trust()
	if trust == nil {
		return nil
	}
	return &Policy{Held: inventory.Held{Policy: *trust, Holders: []string{p.ARN}}, alone: w.access.alone(*trust, w.account)}
}

// Entries returns the ways into a role for principals of accounts that are neither
// its own nor trusted nor in our organization, and for identities of an OpenID
// Connect provider of which no condition tells one customer from all others;
// gravest first. What a Deny or a resource control policy takes away is not
// counted. Service-linked roles have none: AWS alone assumes them.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (w *World) Entries(p *Principal) ([]Entry, error) {
	trust := p.Trust()
	if trust == nil || p.ServiceLinked {
		return nil, nil
	}
	t := &threshold{access: w.access, account: w.account, trust: *trust, role: p.ARN, budget: w.access.newBudget()}
	key := entryKey{trust.Document, trust.Account, ""}
	if len(t.controls()) > 0 {
		key.role = p.ARN // resource control policies may tell roles apart
	}
	known, ok := w.access.entries[key]
	if !ok {
		known.entries, known.err = t.entries()
		if w.access.entries == nil {
			w.access.entries = map[entryKey]entryAnswer{}
		}
		w.access.entries[key] = known
	}
	if known.err != nil {
		return nil, known.err
	}
	// The document may stand in many roles: it is this one's.
	out := slices.Clone(known.entries)
	for i := range out {
		out[i].Witness.Resource = p.ARN
		out[i].By = slices.Clone(out[i].By)
		for j := range out[i].By {
			out[i].By[j].Policy = *trust
		}
	}
	return out, nil
}

type entryKey struct {
	document *inventory.Document
	account  string
	role     string
}

type entryAnswer struct {
	entries []Entry
	err     error
}

// threshold is a role whose trust policy is asked whom it lets in.
type threshold struct {
	access  *Access
	account *inventory.Account
	trust   inventory.Policy
	role    string
	budget  *glob.Budget
}

// controls are the resource control policies over the account.
func (t *threshold) controls() []inventory.Guard {
	var out []inventory.Guard
	for _, level := range t.account.Guards {
		for _, g := range level {
			if g.Kind == inventory.RCP {
				out = append(out, g)
			}
		}
	}
	return out
}

// documents are those whose conditions decide: the trust policy and the resource
// control policies.
func (t *threshold) documents() []*inventory.Document {
	out := []*inventory.Document{t.trust.Document}
	for _, g := range t.controls() {
		out = append(out, g.Document)
	}
	return out
}

func (t *threshold) entries() ([]Entry, error) {
	var out []Entry
	for _, n := range t.newcomers() {
		if slices.ContainsFunc(out, func(have Entry) bool { return have.includes(n) }) {
			continue
		}
		e, err := t.entry(n)
		if err != nil {
			return nil, err
		}
		if e != nil && !slices.ContainsFunc(out, func(have Entry) bool {
			return have.Newcomer == AnyPrincipal && e.Narrowed && n.action == codeartifact.AssumeRole
		}) {
			out = append(out, *e)
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return int(a.Newcomer) - int(b.Newcomer) })
	return out, nil
}

// includes reports whether an entry for some includes that for others: anybody are
// also those of a named account, and any identity is also one of a name that fits.
func (e *Entry) includes(n newcomer) bool {
	switch e.Newcomer {
	case AnyPrincipal:
		return !e.Narrowed && n.action == codeartifact.AssumeRole
	case AnyIdentity, OtherAccount:
		return !e.Narrowed && e.Who == n.who
	}
	return false
}

// newcomer is a synthetic caller that knocks at a role.
type newcomer struct {
	Newcomer
	who    string
	caller *Caller
	action codeartifact.Action
	// speaks returns a statement of the trust policy as far as it speaks of the
	// caller, nil when it does not.
	speaks func(*statement) *statement
	// lets reports whether a principal element is about the caller.
	lets func(policy.Principal) bool
	// with are what a request of such a caller is known not to carry.
	with []literal
	// possible: whether such a caller is a newcomer at all is not known.
	possible bool
}

// newcomers returns who might come in by the trust policy, none where it names
// only AWS services and its own account: nearly every trust policy does.
func (t *threshold) newcomers() []newcomer {
	var all []newcomer
	if t.opensTo(func(p policy.Principal) bool {
		return (p.Type == policy.AWS || p.Type == policy.Everyone) && !t.own(p.Text)
	}) {
		all = append(all, t.principals()...)
	}
	var issuers []string
	t.opensTo(func(p policy.Principal) bool {
		if issuer, ok := t.issuer(p); ok && !slices.Contains(issuers, issuer) {
			issuers = append(issuers, issuer)
		}
		return false
	})
	for _, issuer := range issuers {
		all = append(all, t.identities(issuer)...)
	}
	return all
}

// opensTo reports whether an Allow names a principal of some kind. One that names
// all but those it lists is open to every kind.
func (t *threshold) opensTo(kind func(policy.Principal) bool) bool {
	return slices.ContainsFunc(t.trust.Document.Parsed.Statements, func(s policy.Statement) bool {
		if s.Effect != policy.Allow {
			return false
		}
		_, others := s.Principals.(policy.AllButPrincipals)
		return slices.ContainsFunc(policy.Principals(s.Principals), kind) || others && kind(policy.Principal{Type: policy.Everyone, Text: "*"})
	})
}

// own reports whether a principal is of the role's own account.
func (t *threshold) own(text string) bool {
	parsed, err := arn.Parse(text)
	return text == t.account.ID || err == nil && parsed.Account == t.account.ID
}

// principals are the principals of AWS accounts that might come in: anybody; a
// member of each organization that the policy names and that is not ours; a
// principal of each account that it names and that nobody trusts.
func (t *threshold) principals() []newcomer {
	x, ours := t.access, t.access.organizationOf(t.account)
	named := x.named(t.trust, t.account)
	all := []newcomer{t.principal(AnyPrincipal, "", newStranger(ours, named))}
	if ours != "" {
		for _, other := range t.valuesOf("aws:principalorgid") {
			if other != ours && isOrganization(other) {
				all = append(all, t.principal(OtherOrganization, other, newMember(other, named)))
			}
		}
	}
	accounts := accountsIn(t.trust.Document.Text)
	slices.Sort(accounts)
	for _, account := range slices.Compact(accounts) {
		if t.trusts(account) {
			continue
		}
		outsider := newOutsider(account, "outsider")
		outsider.settleOrganization(ours)
		all = append(all, t.principal(OtherAccount, account, outsider))
		for _, name := range t.sessionsOf(account) {
			session := newGuest(name, account)
			session.settleOrganization(ours)
			all = append(all, t.principal(OtherAccount, account, session))
		}
	}
	return all
}

// trusts reports whether an account is one of those trusted: the role's own, one
// of the configuration, or one that was read and is in our organization.
func (t *threshold) trusts(account string) bool {
	ours := t.access.organizationOf(t.account)
	return account == t.account.ID || slices.Contains(t.access.trusted, account) ||
		ours != "" && slices.ContainsFunc(t.access.inventory.Accounts, func(a *inventory.Account) bool {
			return a.ID == account && a.Organization == ours
		})
}

// principal is a synthetic caller that statements speak of as of any other.
func (t *threshold) principal(n Newcomer, who string, c *Caller) newcomer {
	return newcomer{
		Newcomer: n, who: who, caller: c, action: codeartifact.AssumeRole, speaks: c.spokenOf,
		lets: func(p policy.Principal) bool {
			return everyone(p) || p.Type == policy.AWS && (p.Text == c.Account || strings.Contains(p.Text, "::"+c.Account+":"))
		},
	}
}

// sessionsOf returns the role sessions of an account that the policy names.
func (t *threshold) sessionsOf(account string) []string {
	var out []string
	t.opensTo(func(p policy.Principal) bool {
		rest, ok := strings.CutPrefix(p.Text, "arn:aws:sts::"+account+":assumed-role/")
		if role, session, some := strings.Cut(rest, "/"); p.Type == policy.AWS && ok && some && role != "" && session != "" {
			out = append(out, p.Text)
		}
		return false
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// settleOrganization leaves of the organizations that a caller may be in those
// that are not ours; where ours is not known, one that nobody has named.
func (c *Caller) settleOrganization(ours string) {
	stranger := newStranger(ours, nil)
	c.free["aws:principalorgid"], c.free["aws:principalorgpaths"] = stranger.free["aws:principalorgid"], stranger.free["aws:principalorgpaths"]
}

// eachCondition calls visit for every condition on a key, in any of the documents
// that decide.
func (t *threshold) eachCondition(key string, visit func(policy.Condition)) {
	for _, d := range t.documents() {
		for i := range d.Parsed.Statements {
			for _, c := range d.Parsed.Statements[i].Conditions {
				if strings.EqualFold(c.Key, key) {
					visit(c)
				}
			}
		}
	}
}

// valuesOf returns what conditions compare a key with, sorted, each once.
func (t *threshold) valuesOf(key string) []string {
	var out []string
	t.eachCondition(key, func(c policy.Condition) {
		for _, v := range c.Values {
			out = append(out, v.Text)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// entry returns how a newcomer comes in, nil when it does not: from wherever it
// is, else from some network.
func (t *threshold) entry(n newcomer) (*Entry, error) {
	var from [2][]*Profile
	for _, extras := range t.extras() {
		p := t.profile(n, extras)
		if p.AllowsNothing() {
			continue
		}
		d := distance{nobody: n.Newcomer == AnyPrincipal || n.Newcomer == OtherOrganization}
		narrowed := p.away(d)
		d.outside = true
		from[0], from[1] = append(from[0], p.away(d)), append(from[1], narrowed)
	}
	e, certainty, err := bothWays(func(m mode) (*Entry, bool, error) {
		for i, profiles := range from {
			for _, p := range profiles {
				e, err := t.find(n, p, m)
				if e != nil {
					e.Narrowed = i == 1
				}
				if e != nil || err != nil {
					return e, e != nil, err
				}
			}
		}
		return nil, false, nil
	})
	if e == nil || err != nil {
		return nil, err
	}
	if e.Certainty = certainty; n.possible {
		e.Certainty = Possible
	}
	return e, nil
}

// extra is an action that a call to assume a role is one of as well when it
// carries certain keys: who may not do that cannot bring them.
type extra struct {
	action codeartifact.Action
	needs  func(dim string) bool
}

// extras are those of which conditions ask, in every combination, none first.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func (t *threshold) extras() [][]extra {
	all := [][]extra{nil}
	for _, x := range sessionExtras {
		asked := false
		for _, d := range t.documents() {
			for _, s := range d.Parsed.Statements {
				asked = asked || slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool { return x.needs(strings.ToLower(c.Key)) })
			}
		}
		if !asked {
			continue
		}
		for _, have := range slices.Clone(all) {
			all = append(all, append(slices.Clone(have), x))
		}
	}
	return all
}

var sessionExtras = []extra{
	{codeartifact.TagSession, func(dim string) bool {
		return strings.HasPrefix(dim, "aws:requesttag/") || dim == "aws:tagkeys" || dim == "sts:transitivetagkeys"
	}},
	{codeartifact.SetSourceIdentity, func(dim string) bool { return dim == "sts:sourceidentity" }},
}

// profile is what the trust policy allows a newcomer whose call is one for the
// extras too: an Allow of each has to cover it, and a Deny of any stops it.
func (t *threshold) profile(n newcomer, extras []extra) *Profile {
	c, lacks := *n.caller, n.caller.lacks
	c.fixed = maps.Clone(c.fixed)
	c.visits(t.access.organizationOf(t.account), t.account.ID)
	c.lacks = func(dim string) bool {
		for _, x := range sessionExtras {
			if x.needs(dim) {
				return !slices.ContainsFunc(extras, func(have extra) bool { return have.action == x.action })
			}
		}
		return lacks != nil && lacks(dim)
	}
	profile := &Profile{access: t.access, caller: &c, reach: []literal{{&test{kind: texts, set: glob.Union{glob.Literal(t.role)}}, true}}}
	s := t.access.source(t.trust, &c, reach{codeartifact.TrustActions(), codeartifact.TrustActions()})
	compiled := *s.program
	compiled.statements = nil
	for _, st := range s.program.statements {
		if st = n.speaks(st); st != nil {
			compiled.statements = append(compiled.statements, st)
		}
	}
	var allows []part
	profile.add(&source{t.access, t.trust, &compiled}, &allows)
	profile.denies = append(profile.denies, t.access.controls(t.account, &c)...)
	profile.allows = slices.DeleteFunc(slices.Clone(allows), func(x part) bool { return !x.actions.Has(n.action) })
	for _, x := range extras {
		profile.allows = together(profile.allows, allows, n.action, x.action)
		for i := range profile.denies {
			profile.denies[i].statement = profile.denies[i].standingFor(n.action, x.action)
		}
	}
	return profile
}

// together returns what each of two actions is allowed by, as one.
func together(first, second []part, a, extra codeartifact.Action) []part {
	var out []part
	for _, x := range first {
		for _, y := range second {
			if !y.actions.Has(extra) {
				continue
			}
			both := *x.statement
			both.sure, both.maybe = slices.Concat(x.sure, y.sure), slices.Concat(x.maybe, y.maybe)
			both.certain = x.certain && y.certain
			if y.unsure.Has(extra) {
				both.unsure = both.unsure.Add(a)
			}
			out = append(out, part{source: x.source, statement: &both})
		}
	}
	return out
}

// standingFor returns the statement as one about a too, if it is about extra.
func (s *statement) standingFor(a, extra codeartifact.Action) *statement {
	if !s.actions.Has(extra) || s.names(a, sure) {
		return s
	}
	also := *s
	also.actions = s.actions.Add(a)
	if also.unsure = s.unsure.Minus(codeartifact.Actions(a)); s.unsure.Has(extra) {
		also.unsure = also.unsure.Add(a)
	}
	return &also
}

// find looks for a request of a newcomer to assume the role, and for every
// statement that allows one.
func (t *threshold) find(n newcomer, p *Profile, m mode) (*Entry, error) {
	var e *Entry
	for _, x := range p.allows {
		found, err := p.find(question{mode: m, actions: codeartifact.Actions(n.action), by: x.same, with: n.with}, t.budget)
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		if e == nil {
			e = &Entry{Newcomer: n.Newcomer, Who: n.who, Witness: p.request(found)}
		}
		for _, principal := range policy.Principals(x.parsed.Principals) {
			if _, others := x.parsed.Principals.(policy.AllButPrincipals); others || n.lets(principal) {
				e.By = append(e.By, Element{Policy: t.trust, Statement: x.parsed, Place: principal.Place})
			}
		}
		e.By = append(e.By, elementsOf([]part{x}, codeartifact.Actions(n.action))...)
	}
	return e, nil
}

// Exercised returns a request for each of actions of which the profile allows one,
// gravest first, and how sure the least sure of them is.
func (p *Profile) Exercised(actions codeartifact.ActionSet) ([]Request, Certainty, error) {
	var out []Request
	least := Sure
	for _, a := range gravestFirst(actions.And(p.actions(maybe))) {
		r, certainty, err := p.May(codeartifact.Actions(a))
		if err != nil {
			return nil, 0, err
		}
		if r != nil {
			out, least = append(out, *r), min(least, certainty)
		}
	}
	return out, least, nil
}
