package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// SelfGrant is the power of a principal that uses CodeArtifact to give itself full
// access by a single change to an IAM policy that applies to it.
type SelfGrant struct {
	Certainty
	// Ways are the changes of which each is enough.
	Ways []SelfGrantWay
	// Domain is the pattern of the domains that the access is then confined to;
	// empty for all.
	Domain string
	// Narrowed: each of the changes can be made only under conditions that not
	// every caller can meet.
	Narrowed bool
	// UsedBy are the elements that allow it some use of CodeArtifact as it is, Uses
	// is a request that they do; without an action where another account has to
	// allow it too.
	UsedBy []Element
	Uses   Request
}

// SelfGrantWay is one change to an IAM policy.
type SelfGrantWay struct {
	// Change is the request that makes it.
	Change Request
	// By are the action elements that allow it.
	By []Element
	// With is the policy that is attached or put as boundary, or the version that
	// is set; empty where the content is free. InPlaceOf is the inline policy that
	// must not stay beside it.
	With, InPlaceOf string
	// Target says what is changed.
	Target SelfGrantTarget
}

// SelfGrantTarget is what a change is made to. The zero value is invalid.
type SelfGrantTarget uint8

// The targets.
const (
	_ SelfGrantTarget = iota
	OnItself
	OnItsGroup
	OnItsPolicy
	OnItsBoundary // the policy that is its permissions boundary
)

// SelfGrantActions are those by which principals change what applies to them.
func SelfGrantActions() codeartifact.ActionSet { return selfGrantActions }

var selfGrantActions = codeartifact.Actions(
	codeartifact.PutUserPolicy, codeartifact.PutRolePolicy, codeartifact.PutGroupPolicy,
	codeartifact.AttachUserPolicy, codeartifact.AttachRolePolicy, codeartifact.AttachGroupPolicy,
	codeartifact.CreatePolicyVersion, codeartifact.SetDefaultPolicyVersion,
	codeartifact.DeleteUserPermissionsBoundary, codeartifact.DeleteRolePermissionsBoundary,
	codeartifact.PutUserPermissionsBoundary, codeartifact.PutRolePermissionsBoundary,
)

// Names reports whether some Allow statement of the profile names one of actions.
// Without that nothing else needs to be asked about them.
func (p *Profile) Names(actions codeartifact.ActionSet) bool { return p.actions(maybe).Meets(actions) }

// SelfGrant returns how a user or role of the world can give itself full access by
// way of what some, out of its policies, allow it; nil when it cannot, or has full
// access already. Roles that AWS owns cannot be changed.
func (w *World) SelfGrant(p *Principal, some *Profile) (*SelfGrant, error) {
	if p.ServiceLinked || !some.Names(selfGrantActions) {
		return nil, nil
	}
	holder := &granting{
		access: w.access, account: w.account, who: p.Principal, some: some, whole: p.Profile, budget: some.steps(), read: true,
	}
	holder.groups, holder.attached = w.access.entity(w.account, p.Principal)
	return bothWaysOf(holder)
}

func bothWaysOf(g *granting) (*SelfGrant, error) {
	found, certainty, err := bothWays(func(m mode) (*SelfGrant, bool, error) {
		g.mode = m
		s, err := g.selfGrant()
		return s, s != nil, err
	})
	if found != nil {
		found.Certainty = certainty
	}
	return found, err
}

// SelfGrantOf returns how whoever holds an identity policy, and nothing else, can
// give itself full access. It is sure only where it is so for every user and role,
// whatever its name and path, and possible where it is so for some that the policy
// does not name: nobody knows who will hold it.
func (w *World) SelfGrantOf(q *Policy) (*SelfGrant, error) {
	if !q.alone.Names(selfGrantActions) {
		return nil, nil
	}
	accounts := []string{w.account.ID}
	if w.account.ID == "" {
		accounts = append(accountsIn(q.Document.Text), exampleAccount)
		slices.Sort(accounts)
		accounts = slices.Compact(accounts)
		accounts = accounts[:min(len(accounts), mostAccounts)]
	}
	var possible *SelfGrant
	for _, account := range accounts {
		certain := true
		var first *SelfGrant
		for _, holder := range w.anyHolders(q, account) {
			b := q.alone.steps()
			holder.budget, holder.mode = b, sure
			found, err := holder.selfGrant()
			if err != nil {
				return nil, err
			}
			if found == nil || found.Uses.Action == codeartifact.NoAction {
				certain = false
				holder.suppose()
				if found, err = bothWaysOf(holder); err != nil {
					return nil, err
				}
			}
			if first == nil && found != nil {
				first = found
				first.Certainty = Possible
			}
		}
		if certain {
			first.Certainty = Sure
			return first, nil
		}
		if possible == nil {
			possible = first
		}
	}
	return possible, nil
}

// mostAccounts is how many of the accounts that a bare file names are taken for
// that of its holder.
const mostAccounts = 3

// anyHolders are users and roles that stand for whoever may hold the policy; of a
// group's policy only its members do.
func (w *World) anyHolders(q *Policy, account string) []*granting {
	var out []*granting
	ofGroup := strings.Contains(q.Holder, ":group/")
	home := &inventory.Account{ID: account, Organization: w.account.Organization}
	for _, path := range []string{"", "any/path/"} {
		for _, kind := range []string{"user", "role"} {
			if kind == "role" && ofGroup {
				continue
			}
			p := &inventory.Principal{ARN: "arn:aws:iam::" + account + ":" + kind + "/" + path + "whoever-holds-it", Name: "whoever-holds-it", Role: kind == "role"}
			c := principalCaller(home, p)
			c.tagged = false
			profile := &Profile{access: w.access, caller: c}
			profile.add(w.access.source(q.Policy, c, everyAction), &profile.allows)
			g := &granting{access: w.access, account: home, who: p, some: profile, whole: profile}
			if ofGroup {
				g.groups = []string{q.Holder}
			}
			if q.Managed() && !q.AWSOwned() {
				g.attached = []string{q.ID}
			}
			out = append(out, g)
		}
	}
	return out
}

// suppose gives a holder of whom nothing is known a group, and a policy of the
// account.
func (g *granting) suppose() {
	if g.groups == nil && !g.who.Role {
		g.groups = []string{"arn:aws:iam::" + g.account.ID + ":group/its-group"}
	}
	if g.attached == nil {
		g.attached = []string{"arn:aws:iam::" + g.account.ID + ":policy/attached-to-it"}
	}
}

// entity returns the ARNs of the groups that a user is in, and those of the
// customer managed policies that are attached to it or them, or to a role.
func (x *Access) entity(a *inventory.Account, p *inventory.Principal) (groups, attached []string) {
	enter := func(list []inventory.Attachment) {
		for _, at := range list {
			if !codeartifact.IsManagedPolicyARN(at.ARN) && !slices.Contains(attached, at.ARN) {
				attached = append(attached, at.ARN)
			}
		}
	}
	byARN := func(arn string) func(r *inventory.Role) bool {
		return func(r *inventory.Role) bool { return r.ARN == arn }
	}
	if i := slices.IndexFunc(a.Roles, byARN(p.ARN)); p.Role && i >= 0 {
		enter(a.Roles[i].Attached)
	}
	if i := slices.IndexFunc(a.Users, func(u *inventory.User) bool { return u.ARN == p.ARN }); !p.Role && i >= 0 {
		enter(a.Users[i].Attached)
	}
	for _, g := range a.Groups {
		if slices.Contains(p.Groups, g.Name) {
			groups = append(groups, g.ARN)
			enter(g.Attached)
		}
	}
	return groups, attached
}

// granting is a principal that is asked whether it can give itself full access.
type granting struct {
	access  *Access
	account *inventory.Account
	who     *inventory.Principal
	// groups are the ARNs of its groups, attached those of the account's policies
	// that are attached to it or them.
	groups, attached []string
	// some is what its requests are taken to be allowed by, whole all it may do.
	some, whole *Profile
	read        bool // it was read, with its tags and boundary
	mode        mode
	budget      *glob.Budget
	have        reachOfFull
	ways        []SelfGrantWay
	narrowed    bool
	gained      *Full
}

// reachOfFull says how far full access goes.
type reachOfFull uint8

const (
	nowhere reachOfFull = iota
	inDomain
	inAll
)

func (g *granting) selfGrant() (*SelfGrant, error) {
	if !g.some.actions(g.mode).Meets(selfGrantActions) {
		return nil, nil
	}
	g.ways, g.narrowed, g.gained = nil, true, nil
	if some, err := g.changesSomething(); !some || err != nil {
		return nil, err // before what takes longer
	}
	uses, own, err := g.uses()
	if uses == nil || err != nil {
		return nil, err
	}
	given, err := g.whole.Full()
	if err != nil {
		return nil, err
	}
	if g.have = farthest(given, maybe); g.have == inAll {
		return nil, nil // there is nothing to gain
	}
	for _, ask := range []func() error{g.onItself, g.onGroups, g.onPolicies} {
		if err := ask(); err != nil {
			return nil, err
		}
	}
	if len(g.ways) == 0 {
		return nil, nil
	}
	out := &SelfGrant{
		Ways: g.ways, Domain: g.gained.Pattern, Narrowed: g.narrowed,
		UsedBy: elementsOf([]part{uses.by}, codeartifact.Actions(uses.Action)),
	}
	if own {
		out.Uses = g.some.request(uses)
	}
	return out, nil
}

// changesSomething reports whether any change to what applies to it is allowed,
// whatever it comes to.
func (g *granting) changesSomething() (bool, error) {
	ask := func(resource string, actions ...codeartifact.Action) (bool, error) {
		for _, a := range actions {
			if found, _, err := g.request(a, resource, nil, boundaryDim); found != nil || err != nil {
				return found != nil, err
			}
		}
		return false, nil
	}
	itself := []codeartifact.Action{
		codeartifact.PutUserPolicy, codeartifact.AttachUserPolicy, codeartifact.PutUserPermissionsBoundary, codeartifact.DeleteUserPermissionsBoundary,
	}
	if g.who.Role {
		itself = []codeartifact.Action{
			codeartifact.PutRolePolicy, codeartifact.AttachRolePolicy, codeartifact.PutRolePermissionsBoundary, codeartifact.DeleteRolePermissionsBoundary,
		}
	}
	if some, err := ask(g.who.ARN, itself...); some || err != nil {
		return some, err
	}
	for _, group := range g.groups {
		if some, err := ask(group, codeartifact.PutGroupPolicy, codeartifact.AttachGroupPolicy); some || err != nil {
			return some, err
		}
	}
	for _, id := range append(slices.Clone(g.attached), g.who.BoundaryARN) {
		if some, err := ask(id, codeartifact.CreatePolicyVersion, codeartifact.SetDefaultPolicyVersion); some || err != nil {
			return some, err
		}
	}
	return false, nil
}

// uses looks for a request to CodeArtifact that is allowed; of a holder whose
// account is not known, rather one within it.
func (g *granting) uses() (found *Found, own bool, err error) {
	q := question{mode: g.mode, actions: codeartifact.CodeArtifactActions()}
	if !g.read {
		q.with = []literal{{g.access.territoryOf(g.access.inventory, g.account.ID).own, true}}
		if found, err = g.some.find(q, g.budget); found != nil || err != nil {
			return found, true, err
		}
		q.with = nil
	}
	found, err = g.some.find(q, g.budget)
	return found, g.read, err
}

func farthest(list []Full, m mode) reachOfFull {
	most := nowhere
	for _, f := range list {
		switch {
		case m == sure && f.Certainty != Sure:
		case f.Domain == "":
			most = inAll
		default:
			most = max(most, inDomain)
		}
	}
	return most
}
