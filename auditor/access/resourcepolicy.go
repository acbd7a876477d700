package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// resourcePolicy is the policy of a domain or repository of the inventory.
type resourcePolicy struct {
	inventory.Policy
	owner         string // account in the resource's ARN: the domain's owner
	administrator string // account that administers the repository; else the owner
	within        literal
}

// territory is what the inventory knows of whose resources are whose, for the
// callers of one account.
type territory struct {
	// own holds where a caller's identity policies decide alone: the account's
	// resources, and repositories it administers in others' domains.
	own *test
	// elsewhere holds in other accounts' domains whose policies were read; nil
	// when there are none. There the resource policies have to allow too.
	elsewhere *test
}

// survey collects the resource policies of all accounts.
func (x *Access) survey(inv *inventory.Inventory) {
	for _, a := range inv.Accounts {
		administrators := map[string]string{}
		for _, r := range a.Repositories {
			administrators[r.ARN] = r.Administrator
		}
		for _, h := range x.members(a).Held {
			if h.Kind != inventory.DomainPolicy && h.Kind != inventory.RepositoryPolicy {
				continue
			}
			x.resourcePolicies = append(x.resourcePolicies, newResourcePolicy(h.Policy, administrators[h.ID]))
		}
	}
}

func newResourcePolicy(q inventory.Policy, administrator string) resourcePolicy {
	owner, _ := arn.Parse(q.ID)
	return resourcePolicy{
		Policy: q, owner: owner.Account, administrator: administrator,
		within: literal{&test{kind: texts, set: reachARNs(q.ID, q.Kind)}, true},
	}
}

// members are the principals of an account and its policies that matter, worked
// out once.
func (x *Access) members(a *inventory.Account) inventory.Roster {
	known, ok := x.membersOf[a]
	if !ok {
		known = a.Roster(func(k inventory.Kind, d *inventory.Document) bool { return a.Partial || x.matters(k, d) })
		x.membersOf[a] = known
	}
	return known
}

// matters reports whether a document says anything of what is asked here: of our
// actions, and in a trust policy of others than it is there for; of actions that
// seem to be ours and are none; or of what could not be read of it. Nearly no
// document of an account matters.
func (x *Access) matters(k inventory.Kind, d *inventory.Document) bool {
	of := x.mentionsOf(d)
	named := of.named
	if k == inventory.Trust {
		named = named.Minus(codeartifact.TrustActions())
	}
	return !named.IsEmpty() || of.misspelt || len(d.Parsed.Problems) > 0
}

// mentions are what the statements of a document say of our actions.
type mentions struct {
	named    codeartifact.ActionSet
	misspelt bool // some element seems to mean one and names none
}

// names returns the actions of ours that the statements of a document name.
func (x *Access) names(d *inventory.Document) codeartifact.ActionSet { return x.mentionsOf(d).named }

// mentionsOf is found out once for each document.
func (x *Access) mentionsOf(d *inventory.Document) mentions {
	known, ok := x.mentions[d]
	if !ok {
		for i := range d.Parsed.Statements {
			actions := d.Parsed.Statements[i].Actions
			_, possible := namedActions(actions)
			known.named = known.named.Or(possible)
			known.misspelt = known.misspelt || slices.ContainsFunc(policy.Values(actions), func(v policy.Value) bool { return seemsOurs(v.Text) })
		}
		x.mentions[d] = known
	}
	return known
}

// territoryOf returns the territory of an account's callers.
func (x *Access) territoryOf(inv *inventory.Inventory, account string) territory {
	if known, ok := x.territories[account]; ok {
		return known
	}
	own := glob.Union{
		glob.New().Text("arn:aws:codeartifact:").Many(glob.AnyChar.Without(":")).Text(":" + account + ":").Many(glob.AnyChar).Pattern(),
		glob.Literal(noResource), glob.Literal("*"), glob.Compile("arn:aws:iam:*"), glob.Compile("arn:aws:sts:*"),
	}
	var elsewhere glob.Union
	for _, a := range inv.Accounts {
		for _, r := range a.Repositories {
			if owner, err := arn.Parse(r.ARN); err == nil && owner.Account != account && r.Administrator == account {
				own = append(own, reachARNs(r.ARN, inventory.RepositoryPolicy)...)
			}
		}
		for _, d := range a.Domains {
			if owner, err := arn.Parse(d.ARN); err == nil && owner.Account != account {
				elsewhere = append(elsewhere, reachARNs(d.ARN, inventory.DomainPolicy)...)
			}
		}
	}
	t := territory{own: &test{kind: texts, set: own, home: account}}
	if elsewhere != nil {
		t.elsewhere = &test{kind: texts, set: elsewhere}
	}
	x.territories[account] = t
	return t
}

// located returns the statements of an identity policy with the resources that
// they decide by themselves: surely in the caller's own account, possibly in
// accounts of which nothing was read.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html
func (x *Access) located(s *source, t territory) *source {
	key := locatedKey{s.program, t.own}
	if known := x.locatedPrograms[key]; known != nil {
		return &source{x, s.policy, known}
	}
	program := &program{actions: s.program.actions}
	for _, st := range s.program.statements {
		if st.allow {
			narrow := *st
			narrow.sure = append(slices.Clone(st.sure), literal{t.own, true})
			if t.elsewhere != nil {
				narrow.maybe = append(slices.Clone(st.maybe), literal{t.elsewhere, false})
			}
			st = &narrow
		}
		program.statements = append(program.statements, st)
	}
	x.locatedPrograms[key] = program
	return &source{x, s.policy, program}
}

type locatedKey struct {
	program *program
	own     *test
}

// join adds what resource policies say of a principal: denials anywhere; grants
// that stand alone in its own account; grants that its identity policies have
// to match in others.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (x *Access) join(profile *Profile, p *inventory.Principal, account string, identity []part) {
	for i := range x.resourcePolicies {
		rp := &x.resourcePolicies[i]
		if !rp.concerns(p, account) && !x.doubts {
			continue
		}
		s := x.source(rp.Policy, profile.caller, reachOf(rp.Kind))
		for _, st := range s.program.statements {
			ways := waysToSpeakOf(st.parsed, p, account)
			if len(ways) > 1 && account != rp.owner && account != rp.administrator {
				ways = []principalMatch{slices.Max(ways)} // across accounts one is as good as another
			}
			for _, m := range ways {
				x.joinStatement(profile, rp, part{source: s, statement: st}, m, account, identity)
			}
		}
	}
}

// concerns reports whether any statement of the policy speaks of p.
func (rp *resourcePolicy) concerns(p *inventory.Principal, account string) bool {
	statements := rp.Document.Parsed.Statements
	for i := range statements {
		if waysToSpeakOf(&statements[i], p, account) != nil {
			return true
		}
	}
	return false
}

func (x *Access) joinStatement(profile *Profile, rp *resourcePolicy, st part, m principalMatch, account string, identity []part) {
	certain := st.certain && m != possibleMatch
	switch {
	case !st.allow:
		st.statement = x.limited(st.statement, rp, certain)
		profile.denies = append(profile.denies, st)
	case account == rp.owner || account == rp.administrator:
		if m == delegated {
			return // gives the account's principals nothing that their own policies do not
		}
		// Whether a resource policy alone suffices for the administrator's
		// account is not documented.
		st.statement = x.limited(st.statement, rp, certain && account == rp.owner)
		st.beyondBoundary, st.maybeBeyond = m == namedUser, m == openToAll || m == possibleMatch
		profile.allows = append(profile.allows, st)
	default:
		st.statement = x.limited(st.statement, rp, certain)
		for _, own := range identity {
			if own.actions.Meets(st.actions) {
				profile.allows = append(profile.allows, part{source: own.source, statement: x.both(own.statement, st.statement), with: &st})
			}
		}
	}
}

// limitKey identifies a statement within the reach of a resource policy.
type limitKey struct {
	statement *statement
	policy    *resourcePolicy
	certain   bool
}

// limited returns a statement within the reach of its resource policy, made once,
// so that principals of whom it says the same share it.
func (x *Access) limited(st *statement, rp *resourcePolicy, certain bool) *statement {
	key := limitKey{st, rp, certain}
	known := x.limits[key]
	if known == nil {
		limited := *st
		limited.sure = append(slices.Clone(st.sure), rp.within)
		limited.maybe = append(slices.Clone(st.maybe), rp.within)
		limited.certain = certain
		known = &limited
		x.limits[key] = known
	}
	return known
}

// both returns what two statements allow together, made once.
func (x *Access) both(own, other *statement) *statement {
	key := [2]*statement{own, other}
	known := x.pairs[key]
	if known == nil {
		together := *other
		together.actions = own.actions.And(other.actions)
		together.unsure = own.unsure.Or(other.unsure).And(together.actions)
		together.sure, together.maybe = slices.Concat(own.sure, other.sure), slices.Concat(own.maybe, other.maybe)
		together.certain = own.certain && other.certain
		known = &together
		x.pairs[key] = known
	}
	return known
}

// principalMatch says how a Principal or NotPrincipal element speaks of a user
// or role.
type principalMatch uint8

const (
	noMatch       principalMatch = iota
	possibleMatch                // AWS does not say, or it depends on the session
	delegated                    // through its account
	namedRole                    // a role by name
	openToAll                    // whether boundaries limit the grant, AWS does not say
	namedUser                    // a user by name: boundaries do not limit the grant
)

// waysToSpeakOf returns the ways in which a statement of a resource policy speaks
// of p, each once; none when it does not.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func waysToSpeakOf(s *policy.Statement, p *inventory.Principal, account string) []principalMatch {
	var ways []principalMatch
	add := func(m principalMatch) {
		if m != noMatch && !slices.Contains(ways, m) {
			ways = append(ways, m)
		}
	}
	switch c := s.Principals.(type) {
	case policy.OnlyPrincipals:
		for _, x := range c {
			add(speaksOf(x, p, account))
		}
	case policy.AllButPrincipals:
		m := speaksOfOthers(c, p, account)
		if s.Effect == policy.Deny && p.BoundaryARN != "" {
			m = openToAll // hits whoever has a boundary, whatever it lists
		}
		add(m)
	}
	return ways
}

// speaksOfOthers decides how a NotPrincipal element speaks of p. Who is exempt
// has to be listed with its account, a role with its session too; of one without
// the others AWS does not say.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
// and, for boundaries, https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func speaksOfOthers(c policy.AllButPrincipals, p *inventory.Principal, account string) principalMatch {
	var ways []principalMatch
	for _, x := range c {
		ways = append(ways, speaksOf(x, p, account))
	}
	listed := slices.Max(append(ways, noMatch))
	switch {
	case listed == noMatch:
		return openToAll
	case slices.Contains(ways, openToAll), slices.Contains(ways, namedUser) && slices.Contains(ways, delegated):
		return noMatch
	}
	return possibleMatch
}

// speaksOf decides how one value speaks of p.
func speaksOf(x policy.Principal, p *inventory.Principal, account string) principalMatch {
	switch {
	case everyone(x):
		return openToAll
	case x.Type != policy.AWS:
		return noMatch
	case x.Text == account || strings.HasSuffix(x.Text, "::"+account+":root"):
		return delegated
	case x.Text == p.ARN || p.ID != "" && x.Text == p.ID:
		if p.Role {
			return namedRole
		}
		return namedUser
	case p.Role && strings.HasPrefix(x.Text, "arn:aws:sts::"+account+":assumed-role/"+p.Name+"/"):
		return possibleMatch // sessions of that name alone
	}
	return noMatch
}
