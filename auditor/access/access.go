// Package access resolves an inventory: who can do what, as sets of requests,
// with the statements that prove it.
//
// A statement is a product of one set per dimension of a request: its actions,
// its resources, one set of values for each condition key. What a caller may do
// is a union of such products less a union of such products, intersected with
// each guard. Two questions are decided exactly on these sets: is there a
// request in them, and which is the simplest; and do they cover all of some
// kind. What is not known is bounded: every answer says whether it is sure or
// only possible. See docs/decisions/0001-access-as-sets.md.
package access

import (
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Options are what access depends on beside the inventory.
type Options struct {
	Now          time.Time
	Organization string   // ours, o-…; empty when not given
	Trusted      []string // account ids that are no strangers
	// Budget is the number of steps that the questions about one profile may take; 0 for
	// the default. Over it, the question ends in a gap.
	Budget int
}

// defaultBudget lets every policy of AWS's own and of realistic size be decided
// and stops a hostile one within a few seconds.
const defaultBudget = 2_000_000

// Access is a resolved inventory.
type Access struct {
	// Worlds are what is judged on its own: each account, each bare file.
	Worlds []*World

	now          time.Time
	organization string
	trusted      []string
	budget       int

	// What was read, for witnesses and as candidates: Regions that have the
	// service, those of known domains first; known ARNs and names.
	regions     []string
	known       map[codeartifact.ResourceType][]string
	domainNames []string
	preferred   map[string][]string

	arns *arnMemory

	// doubts reads what was lost of documents as statements that could say
	// anything; see doubting.
	doubts bool

	inventory          *inventory.Inventory
	resourcePolicies   []resourcePolicy
	membersOf          map[*inventory.Account]inventory.Roster
	territories        map[string]territory
	someones           map[string]*Caller
	whoevers           map[string]*Caller
	lively             map[inertQuestion]bool
	nothings           map[string]*Profile
	mentions           map[*inventory.Document]mentions
	programs           map[programKey]*program
	shapes             map[shapeKey]glob.Union
	fulls              map[string][]Full  // by Profile.Key
	holdings           map[string]holding // by Profile.Key
	candidates         map[*inventory.Account][]candidate
	publishedDocuments map[string]*inventory.Document // by ARN
	reaches            map[wideKey][]Reach
	locatedPrograms    map[locatedKey]*program
	limits             map[limitKey]*statement
	budgets            map[string]*glob.Budget // by Profile.Key
	purses             map[*inventory.Document]*glob.Budget
	pairs              map[[2]*statement]*statement
	trials             *Access // see trial
	entries            map[entryKey]entryAnswer
}

// World is one account or one bare file: what is judged without looking
// elsewhere.
type World struct {
	Account string // empty for a bare file
	// Bare says that the world is a single document of which nobody knows whom
	// it applies to, Partial that it is the document of a change event.
	Bare, Partial bool
	// Principals are all users and roles, by ARN; of their policies only those
	// that matter.
	Principals []*Principal
	// Allowed are those of them whom some statement allows something. Nearly all
	// are allowed nothing: who asks about everybody's requests asks about these.
	Allowed []*Principal
	// Policies are those that matter, in the order of their ids: that name an
	// action of ours, or of which something could not be read.
	Policies []*Policy
	// Read counts all policies that were read, and Statements theirs.
	Read, Statements int

	access  *Access
	account *inventory.Account // of a bare file, what is known of its owner
}

// Organization is the organization of the account or of the configuration,
// empty when neither is known.
func (w *World) Organization() string {
	if w.access.organization != "" {
		return w.access.organization
	}
	return w.account.Organization
}

// Principal is a user or role with what decides its requests.
type Principal struct {
	*inventory.Principal
	*Profile
}

// Policy is one policy of a world.
type Policy struct {
	inventory.Held
	// Reaches are the users and roles it applies to as an identity policy.
	Reaches []*Principal
	// alone is what the document allows by itself: an identity policy to one
	// otherwise empty principal, a resource policy to a stranger.
	alone *Profile
	// guests are those of a resource policy, once they were asked for.
	guests []*Guest
	// open are the statements that let in strangers, once that was asked for.
	open map[*policy.Statement]bool
}

// Alone returns what the document allows by itself to one otherwise empty
// principal; of a resource policy, to a stranger.
func (q *Policy) Alone() *Profile { return q.alone }

// Identity returns what the principal's requests would be if only its identity
// policies allowed it anything. Every Deny and guard stays.
func (p *Principal) Identity() *Profile { return p.only(part.fromIdentity) }

// OnlyBy returns what the principal's requests would be if q were the only
// policy that allows it anything. Every Deny and guard stays.
func (p *Principal) OnlyBy(q *Policy) *Profile {
	return p.only(func(x part) bool { return x.fromIdentity() && x.source.policy.ID == q.ID })
}

// Resolve works out what the inventory permits. It never fails: what could not
// be decided becomes a gap when it is asked for.
func Resolve(inv *inventory.Inventory, opt Options) *Access {
	x := &Access{
		now: opt.Now, arns: newARNMemory(), organization: opt.Organization, trusted: opt.Trusted, budget: opt.Budget,
		known: map[codeartifact.ResourceType][]string{}, preferred: documented, inventory: inv,
		membersOf: map[*inventory.Account]inventory.Roster{}, territories: map[string]territory{},
		someones: map[string]*Caller{}, nothings: map[string]*Profile{}, mentions: map[*inventory.Document]mentions{},
		programs: map[programKey]*program{}, shapes: map[shapeKey]glob.Union{}, fulls: map[string][]Full{}, holdings: map[string]holding{}, candidates: map[*inventory.Account][]candidate{}, publishedDocuments: map[string]*inventory.Document{}, reaches: map[wideKey][]Reach{}, locatedPrograms: map[locatedKey]*program{}, limits: map[limitKey]*statement{}, budgets: map[string]*glob.Budget{}, purses: map[*inventory.Document]*glob.Budget{}, pairs: map[[2]*statement]*statement{},
	}
	if x.budget == 0 {
		x.budget = defaultBudget
	}
	x.learn(inv)
	x.survey(inv)
	for _, a := range inv.Accounts {
		x.Worlds = append(x.Worlds, x.account(a))
	}
	for _, f := range inv.Files {
		x.Worlds = append(x.Worlds, x.file(f))
	}
	return x
}

// Assumptions returns what was taken for granted because it was not read, each
// once, sorted. All of it could only narrow what is permitted.
func (x *Access) Assumptions() []string {
	var all []string
	for _, w := range x.Worlds {
		for _, s := range w.account.Scopes {
			if w.account.Assumed(s) {
				all = append(all, s.String())
			}
		}
		all = append(all, w.unsaid()...)
		for _, p := range w.Principals {
			all = append(all, p.Profile.Assumptions...)
		}
		for _, q := range w.Policies {
			all = append(all, q.alone.Assumptions...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// learn remembers the domains and repositories of the inventory.
func (x *Access) learn(inv *inventory.Inventory) {
	var regions []string
	enter := func(t codeartifact.ResourceType, text string) {
		parsed, err := arn.Parse(text)
		if err != nil {
			return
		}
		regions = append(regions, parsed.Region)
		x.known[t] = append(x.known[t], text)
		start, name := cutResource(text)
		switch t {
		case codeartifact.Domain:
			x.domainNames = append(x.domainNames, name)
			x.known[codeartifact.PackageGroup] = append(x.known[codeartifact.PackageGroup], start+"package-group/"+name+"/npm/%2a")
		case codeartifact.Repository:
			x.known[codeartifact.Package] = append(x.known[codeartifact.Package], start+"package/"+name+"/npm//example-package")
		}
	}
	for _, a := range inv.Accounts {
		for _, d := range a.Domains {
			enter(codeartifact.Domain, d.ARN)
		}
		for _, r := range a.Repositories {
			enter(codeartifact.Repository, r.ARN)
		}
	}
	x.domainNames = append(x.domainNames, "example")
	x.regions = serviceRegions
	if len(regions) > 0 {
		slices.Sort(regions)
		x.regions = inOrder(append(slices.Compact(regions), serviceRegions...))
	}
}

// serviceRegions are the Regions that have the service, the one that examples
// use first.
var serviceRegions = inOrder(append([]string{exampleRegion}, codeartifact.Regions()...))

// inOrder keeps of a list the Regions that have the service, each once.
func inOrder(list []string) []string {
	var out []string
	for _, r := range list {
		if codeartifact.HasRegion(r) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// account resolves one account.
func (x *Access) account(a *inventory.Account) *World {
	w := &World{Account: a.ID, Partial: a.Partial, access: x, account: a}
	of := x.members(a)
	w.Read, w.Statements = of.Policies, of.Statements
	all := make([]Principal, len(of.Principals))
	w.Principals = make([]*Principal, len(all))
	for i := range all {
		p := &of.Principals[i]
		all[i] = Principal{Principal: p, Profile: x.principal(a, p)}
		w.Principals[i] = &all[i]
		if !all[i].AllowsNothing() {
			w.Allowed = append(w.Allowed, &all[i])
		}
	}
	for _, h := range of.Held {
		p := &Policy{Held: h, alone: x.alone(h.Policy, a)}
		if h.Kind == inventory.Identity {
			for _, principal := range h.Principals {
				p.Reaches = append(p.Reaches, w.principal(principal))
			}
		}
		w.Policies = append(w.Policies, p)
	}
	return w
}

// file resolves one bare document.
func (x *Access) file(f *inventory.File) *World {
	owner := &inventory.Account{ID: f.Owner}
	w := &World{Bare: true, access: x, account: owner, Read: 1, Statements: len(f.Document.Parsed.Statements)}
	if q := f.Policy(); x.matters(q.Kind, q.Document) {
		w.Policies = []*Policy{{Held: inventory.Held{Policy: q}, alone: x.alone(q, owner)}}
	}
	return w
}

// idle reports whether no policy that was read allows a principal any action of
// ours. Nearly all principals of an account are idle, and share one profile.
func (x *Access) idle(a *inventory.Account, p *inventory.Principal) bool {
	for i := range p.Policies {
		if !x.empty(p.Policies[i].Document) {
			return false
		}
	}
	return !slices.ContainsFunc(x.resourcePolicies, func(rp resourcePolicy) bool { return rp.concerns(p, a.ID) })
}

// empty reports whether no statement of an identity policy names an action of ours.
func (x *Access) empty(d *inventory.Document) bool {
	return x.names(d).IsEmpty()
}

// principal puts together what decides the requests of one user or role.
func (x *Access) principal(a *inventory.Account, p *inventory.Principal) *Profile {
	if x.idle(a, p) {
		return x.nothing(a.ID)
	}
	return x.principalAs(a, p, principalCaller(a, p))
}

// principalAs does it for a caller of whom more may be known.
func (x *Access) principalAs(a *inventory.Account, p *inventory.Principal, c *Caller) *Profile {
	profile := &Profile{access: x, caller: c, purse: x.newPurse()}
	var identity []part
	for _, q := range p.Policies {
		s := x.source(q, profile.caller, everyAction)
		for _, st := range s.program.statements {
			if st.allow {
				identity = append(identity, part{source: s, statement: st})
			}
		}
		if a.ID != "" {
			s = x.located(s, x.territoryOf(x.inventory, a.ID))
		}
		profile.add(s, &profile.allows)
	}
	x.join(profile, p, a.ID, identity)
	if a.Partial {
		profile.assume(partialAssumption(a))
	}
	x.bound(profile, p)
	x.guard(profile, a, p)
	return profile
}

// bound adds the permissions boundary: it must allow a request too.
func (x *Access) bound(profile *Profile, p *inventory.Principal) {
	if p.Boundary == nil {
		if p.BoundaryARN != "" {
			profile.assume("permissions boundary " + p.BoundaryARN + " was not read: taken to allow everything")
		}
		return
	}
	var layer []part
	profile.add(x.source(*p.Boundary, profile.caller, everyAction), &layer)
	profile.layers, profile.bounded = append(profile.layers, layer), true
}

// guard adds the SCPs of each level: at every level one must allow a request.
// They do not reach service-linked roles.
//
// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
func (x *Access) guard(profile *Profile, a *inventory.Account, p *inventory.Principal) {
	if p.ServiceLinked {
		return
	}
	if a.Guards == nil && !a.Partial {
		profile.assume("account " + a.ID + ": organization policies (SCPs) were not read: taken to allow everything")
	}
	for _, level := range a.Guards {
		var layer []part
		scps := 0
		for _, g := range level {
			if g.Kind != inventory.SCP {
				continue
			}
			scps++
			q := inventory.Policy{Kind: inventory.SCP, Name: g.Name, ID: g.Name, Account: a.ID, Document: g.Document}
			profile.add(x.source(q, profile.caller, everyAction), &layer)
		}
		if scps > 0 {
			profile.layers = append(profile.layers, layer)
		}
	}
}

func partialAssumption(a *inventory.Account) string {
	return "account " + a.ID + ": only the document of the change was read: other policies and guards are not known"
}

// alone returns what one policy allows by itself.
func (x *Access) alone(q inventory.Policy, a *inventory.Account) *Profile {
	switch q.Kind {
	case inventory.DomainPolicy, inventory.RepositoryPolicy, inventory.DomainOrRepository:
		return x.strangers(q, a)
	}
	if !a.Partial && x.empty(q.Document) {
		return x.nothing(a.ID)
	}
	profile := &Profile{access: x, caller: x.anyone(a.ID), purse: x.purse(q.Document)}
	if a.Partial {
		profile.assume(partialAssumption(a))
	}
	profile.add(x.source(q, profile.caller, everyAction), &profile.allows)
	return profile
}

// nothing returns the profile that allows nothing, made once for an account.
func (x *Access) nothing(account string) *Profile {
	if x.nothings[account] == nil {
		x.nothings[account] = &Profile{access: x, caller: x.anyone(account), key: "nothing"}
	}
	return x.nothings[account]
}

// anyone returns the otherwise empty principal of an account, made once.
func (x *Access) anyone(account string) *Caller {
	if account == "" {
		return someone
	}
	if x.someones[account] == nil {
		x.someones[account] = anyPrincipal(account)
	}
	return x.someones[account]
}

// someone is an otherwise empty principal of an account that is not known.
var someone = anyPrincipal("")

// programKey identifies a compiled document. Documents without variables are
// the same for every caller.
type programKey struct {
	document *inventory.Document
	kind     inventory.Kind
	caller   *Caller
	within   reach
}

// source compiles the document of a policy, or finds it compiled.
func (x *Access) source(q inventory.Policy, c *Caller, within reach) *source {
	shared := programKey{q.Document, q.Kind, nil, within}
	if known := x.programs[shared]; known != nil {
		return &source{x, q, known}
	}
	own := programKey{q.Document, q.Kind, c, within}
	if known := x.programs[own]; known != nil {
		return &source{x, q, known}
	}
	compiled, dependent := compile(q.Document, q.Kind, c, within)
	if x.doubts {
		compiled.doubt(q.Document, within)
	}
	if dependent {
		x.programs[own] = compiled
	} else {
		x.programs[shared] = compiled
	}
	return &source{x, q, compiled}
}

func (p *Profile) assume(text string) { p.Assumptions = append(p.Assumptions, text) }

// steps is the budget of a profile: all questions about profiles that are decided
// alike share it, so that a hostile document costs it once and not once a question.
func (p *Profile) steps() *glob.Budget {
	b := p.access.budgets[p.Key()]
	if b == nil {
		b = p.access.newBudget()
		b.Purse = p.purse
		p.access.budgets[p.Key()] = b
	}
	return b
}

// purseful is how many budgets a document or a principal may spend in all: every
// rule asks about it in views of its own, and so does every guest of a policy.
const purseful = 4

func (x *Access) newPurse() *glob.Budget { return &glob.Budget{Left: purseful * x.budget} }

// purse is what all questions about one document by itself may spend.
func (x *Access) purse(d *inventory.Document) *glob.Budget {
	if x.purses[d] == nil {
		x.purses[d] = x.newPurse()
	}
	return x.purses[d]
}

// newBudget is the number of steps for one profile.
func (x *Access) newBudget() *glob.Budget { return &glob.Budget{Left: x.budget} }
