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

// Guest is a caller that a resource policy speaks of: everyone, an organization,
// an account, one principal. It is synthetic, and its own policies allow
// everything; only of a principal that was read are boundary and guards known,
// and count.
type Guest struct {
	Kind GuestKind
	// Text names the guest: "*", an organization's id, an account's root ARN, a
	// principal as the policy writes it.
	Text string
	// Account is the guest's, empty for everyone and for organizations.
	Account string
	// Standing is what the guest is to the owner of the resource.
	Standing Standing
	// Profile is what the resource policy allows the guest, every Deny of it and
	// of its neighbours counted: also by statements that speak of others, such as
	// everyone, too.
	*Profile

	// names reports whether a statement lets in this guest in particular.
	names func(*policy.Statement) bool
	world *World
	of    *Policy
	// owners are the accounts at home in the resource.
	owners []string
}

// GuestKind is the sort of a guest. The zero value is invalid.
type GuestKind uint8

// The kinds. An AWS service (Principal "Service") is no guest: services are not
// known to call CodeArtifact as themselves, they assume roles. Nor is a federated
// principal, whose requests come from a role's session.
const (
	_ GuestKind = iota
	Everyone
	AnOrganization
	AnAccount
	OnePrincipal
)

// Standing is what a guest is to the owner of a resource. The zero value says that
// nothing is known to compare it with.
type Standing uint8

// The standings, from nearest to farthest. Ours: of our organization, and of no
// account that is nearer. Foreign: none of these, strangers among them.
const (
	_ Standing = iota
	Own
	Trusted
	Ours
	Foreign
)

// Guests returns the callers that the Allow statements of a domain or repository
// policy speak of, and those that its Deny statements leave out: everyone first,
// then organizations, accounts and principals in the order of their names; nil
// for other policies. An account may be named by a condition too: "Principal": "*"
// with aws:PrincipalAccount names one. The owner's account is a guest where everyone
// is let in; its root in a Principal element gives its principals nothing that
// their own policies do not.
func (w *World) Guests(q *Policy) []*Guest {
	if q.alone == nil || !q.alone.caller.stranger {
		return nil
	}
	if q.guests == nil {
		g := &guests{world: w, of: q, owners: w.owners(q)}
		g.collect()
		q.guests = append([]*Guest{}, g.list...)
	}
	return q.guests
}

// owners are the accounts at home in a resource: the domain's owner, and the
// repository's administrator.
func (w *World) owners(q *Policy) []string {
	var out []string
	if parsed, err := arn.Parse(q.ID); err == nil && parsed.Account != "" {
		out = append(out, parsed.Account)
	}
	if w.account.ID != "" && !slices.Contains(out, w.account.ID) {
		out = append(out, w.account.ID)
	}
	for _, r := range w.account.Repositories {
		if r.ARN == q.ID && r.Administrator != "" && !slices.Contains(out, r.Administrator) {
			out = append(out, r.Administrator)
		}
	}
	return out
}

// OwnerKnown reports whether it is known whose resource the policy is about.
func (g *Guest) OwnerKnown() bool { return len(g.owners) > 0 }

// guests collects the guests of one policy.
type guests struct {
	world  *World
	of     *Policy
	owners []string
	list   []*Guest
}

func (g *guests) collect() {
	open := false
	for i := range g.of.Document.Parsed.Statements {
		s := &g.of.Document.Parsed.Statements[i]
		_, not := s.Principals.(policy.AllButPrincipals)
		allow := s.Effect == policy.Allow
		open = open || allow && opens(s)
		if !not == allow { // a Deny lets in those that it leaves out
			list := policy.Principals(s.Principals)
			for _, p := range list {
				// Of whom NotPrincipal names it has to name the account too.
				if p.Type == policy.AWS && !(not && namesOneOf(list, p.Text)) {
					g.principal(p.Text, not)
				}
			}
		}
		for _, c := range s.Conditions {
			g.condition(c, opens(s))
		}
	}
	if open {
		g.everyone()
	}
	slices.SortStableFunc(g.list, func(a, b *Guest) int {
		if a.Kind != b.Kind {
			return int(a.Kind) - int(b.Kind)
		}
		return strings.Compare(a.Text, b.Text)
	})
}

// namesOneOf reports whether a list names a user, role or session of an account,
// which text is the root of.
func namesOneOf(list []policy.Principal, text string) bool {
	account := text
	if parsed, err := arn.Parse(text); err == nil && parsed.Resource == "root" {
		account = parsed.Account
	}
	return isAccount(account) && slices.ContainsFunc(list, func(p policy.Principal) bool {
		parsed, err := arn.Parse(p.Text)
		return err == nil && parsed.Account == account && parsed.Resource != "root"
	})
}

// opens reports whether a statement speaks of everyone: by a star, or by naming
// those it does not speak of.
func opens(s *policy.Statement) bool {
	_, not := s.Principals.(policy.AllButPrincipals)
	return not || slices.ContainsFunc(policy.Principals(s.Principals), everyone)
}

// everyone adds whom a star may mean: a stranger, a member of our organization, a
// principal of the owner's account.
func (g *guests) everyone() {
	x, w := g.world.access, g.world
	g.add(&Guest{Kind: Everyone, Text: "*", Standing: Foreign, Profile: g.of.alone, names: opens})
	if ours := w.Organization(); ours != "" {
		g.organization(ours, Ours)
	}
	if len(g.owners) > 0 {
		c := newOutsider(g.owners[0], "example")
		c.home = true
		g.add(&Guest{
			Kind: AnAccount, Text: arn.Root("aws", g.owners[0]), Account: g.owners[0], Standing: Own,
			Profile: x.outsider(g.of.Policy, w.account, c), names: opens,
		})
	}
}

// condition adds the organizations that a condition names, and of a statement about
// everyone the accounts.
func (g *guests) condition(c policy.Condition, open bool) {
	switch strings.ToLower(c.Key) {
	case "aws:principalorgid", "aws:principalorgpaths":
		for _, v := range c.Values {
			id, _, _ := strings.Cut(v.Text, "/")
			if isOrganization(id) && id != g.world.Organization() {
				standing := Foreign
				if g.world.Organization() == "" {
					standing = 0
				}
				g.organization(id, standing)
			}
		}
	case "aws:principalaccount", "aws:principalarn":
		for _, v := range c.Values {
			if !open {
				break
			}
			for _, account := range accountsIn(v.Text) {
				g.account(account, opens)
			}
		}
	}
}

// isOrganization reports whether text is the id of an organization.
//
// Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
func isOrganization(text string) bool {
	rest, found := strings.CutPrefix(text, "o-")
	return found && len(rest) >= 10 && len(rest) <= 32 && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

func (g *guests) organization(id string, standing Standing) {
	x := g.world.access
	g.add(&Guest{
		Kind: AnOrganization, Text: id, Standing: standing, names: opens,
		Profile: x.outsider(g.of.Policy, g.world.account, newMember(id, x.named(g.of.Policy, g.world.account))),
	})
}

// principal adds whom a value of a Principal element names, if it names anybody
// outside the owner's account, or one principal inside it. Whom a Deny leaves out
// is let in by what lets in everyone.
func (g *guests) principal(text string, leftOut bool) {
	also := func(s *policy.Statement) bool { return leftOut && opens(s) }
	if isAccount(text) {
		g.account(text, also)
		return
	}
	parsed, err := arn.Parse(text)
	if err != nil || !isAccount(parsed.Account) || parsed.Service != "iam" && parsed.Service != "sts" {
		return
	}
	kind, name, _ := strings.Cut(parsed.Resource, "/")
	switch {
	case parsed.Service == "iam" && parsed.Resource == "root":
		g.account(parsed.Account, also)
	case name == "" || strings.ContainsAny(text, "*?"):
		// names nobody
	case parsed.Service == "iam" && (kind == "user" || kind == "role"), parsed.Service == "sts" && (kind == "assumed-role" || kind == "federated-user"):
		g.one(text, parsed.Account, also)
	}
}

func isAccount(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789") == ""
}

// account adds an account other than the owner's. also says which statements let
// it in beside those that name it in their Principal element; nil for none.
func (g *guests) account(account string, also func(*policy.Statement) bool) {
	if slices.Contains(g.owners, account) {
		return
	}
	root := arn.Root("aws", account)
	names := func(s *policy.Statement) bool {
		return also(s) || namesPrincipal(s, account, root)
	}
	g.add(&Guest{
		Kind: AnAccount, Text: root, Account: account, Standing: g.standing(account),
		Profile: g.world.access.outsider(g.of.Policy, g.world.account, newOutsider(account, "outsider")), names: names,
	})
}

// one adds one principal.
func (g *guests) one(text, account string, also func(*policy.Statement) bool) {
	guest := &Guest{Kind: OnePrincipal, Text: text, Account: account, Standing: g.standing(account)}
	guest.names = func(s *policy.Statement) bool { return also(s) || namesPrincipal(s, text) }
	if i := slices.IndexFunc(g.world.Principals, func(p *Principal) bool { return p.ARN == text }); i >= 0 {
		guest.Profile = g.world.Principals[i].only(func(x part) bool { return x.source.policy.ID == g.of.ID && x.with == nil })
	} else {
		c := newGuest(text, account)
		c.home = guest.Standing == Own
		guest.Profile = g.world.access.outsider(g.of.Policy, g.world.account, c)
	}
	g.add(guest)
}

// namesPrincipal reports whether a Principal element lists one of texts.
func namesPrincipal(s *policy.Statement, texts ...string) bool {
	only, ok := s.Principals.(policy.OnlyPrincipals)
	return ok && slices.ContainsFunc(only, func(p policy.Principal) bool { return p.Type == policy.AWS && slices.Contains(texts, p.Text) })
}

// add enters a guest once. One that is named in two ways is let in by either.
func (g *guests) add(guest *Guest) {
	guest.world, guest.of, guest.owners = g.world, g.of, g.owners
	for _, have := range g.list {
		if have.Kind == guest.Kind && have.Text == guest.Text {
			first, second := have.names, guest.names
			have.names = func(s *policy.Statement) bool { return first(s) || second(s) }
			return
		}
	}
	g.list = append(g.list, guest)
}

// standing is what an account is to the owner.
func (g *guests) standing(account string) Standing {
	w := g.world
	ours := w.Organization()
	switch {
	case slices.Contains(g.owners, account):
		return Own
	case slices.Contains(w.access.trusted, account):
		return Trusted
	case ours != "" && slices.ContainsFunc(w.access.inventory.Accounts, func(a *inventory.Account) bool {
		return a.ID == account && a.Organization == ours
	}):
		return Ours
	case len(g.owners) == 0 && len(w.access.trusted) == 0 && ours == "":
		return 0
	}
	return Foreign
}

// newGuest returns the principal that a policy names: a user or role by its ARN, a
// session by the ARN of the session.
func newGuest(text, account string) *Caller {
	c := newOutsider(account, "guest")
	c.ARN = text
	parsed, _ := arn.Parse(text)
	kind, name, _ := strings.Cut(parsed.Resource, "/")
	c.kind = codeartifact.RoleCaller
	switch kind {
	case "user":
		c.kind = codeartifact.UserCaller
		c.fixed["aws:principalarn"] = present(text)
	case "role":
		c.fixed["aws:principalarn"] = present(text)
	case "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		c.session = text
		c.free["aws:principalarn"] = &domain{
			kind: texts, present: true, control: codeartifact.ByIdentity, prefer: []string{"arn:aws:iam::" + account + ":role/" + role},
			shape: glob.Union{
				glob.Literal("arn:aws:iam::" + account + ":role/" + role),
				glob.New().Text("arn:aws:iam::" + account + ":role/").Many(nameChars).Text("/" + role).Pattern(),
			},
		}
	default:
		c.session, c.kind = text, codeartifact.AnyCaller
		c.fixed["aws:principalarn"] = present(text)
	}
	return c
}
