package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Caller is whoever makes requests: a user or role that was read, the otherwise
// empty principal that a bare document is judged for, or a synthetic stranger.
// A group is never a caller. Callers are immutable.
type Caller struct {
	// ARN is shown in witnesses. For a bare document it is an example.
	ARN string
	// kind is what AWS's facts tell callers apart by.
	kind codeartifact.Caller
	// Account owns the caller; empty where it is not known.
	Account string
	// fixed holds the keys whose value the caller's identity settles, in lower
	// case, absence included.
	fixed map[string]value
	// free holds the keys that the caller's identity limits without settling.
	free map[string]*domain
	// tagged says that fixed holds all tags: a tag that is not there is absent.
	tagged bool
	// lacks reports keys that none of its requests carries; nil for none.
	lacks func(dim string) bool
	// stranger is set for callers of other accounts whose own policies allow
	// everything.
	stranger bool
	// home: the account is the owner's, so that a statement which names its root
	// gives it nothing that its own policies do not.
	home bool
	// session is the ARN of the one session that the caller is; empty for others.
	session string
}

const tagPrefix = "aws:principaltag/"

// fixedValue returns the value that the caller's identity gives a key, and
// whether it settles it.
func (c *Caller) fixedValue(dim string) (value, bool) {
	v, ok := c.fixed[dim]
	if !ok && (c.tagged && strings.HasPrefix(dim, tagPrefix) || c.lacks != nil && c.lacks(dim)) {
		return absent, true
	}
	return v, ok
}

// exampleAccount, exampleRegion: AWS's own documentation uses them, so nobody
// takes them for something that was read.
const (
	exampleAccount = "111122223333"
	exampleRegion  = "us-east-1"
	strangeAccount = "999999999999"
)

// principalCaller returns a user or role that was read. Whoever assumes a role
// chooses the session's name, and session tags override the role's own, so
// neither aws:userid nor tags of a role are settled.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (what aws:userid and aws:username are, by principal)
func principalCaller(account *inventory.Account, p *inventory.Principal) *Caller {
	c := &Caller{ARN: p.ARN, Account: account.ID, kind: codeartifact.UserCaller, fixed: map[string]value{
		"aws:principalarn":          present(p.ARN),
		"aws:principaltype":         present("User"),
		"aws:principalisawsservice": present("false"),
	}}
	if account.ID != "" {
		c.fixed["aws:principalaccount"] = present(account.ID)
	}
	if account.Organization != "" {
		c.fixed["aws:principalorgid"] = present(account.Organization)
	}
	if p.Role {
		c.kind = codeartifact.RoleCaller
		c.fixed["aws:principaltype"] = present("AssumedRole")
		c.fixed["aws:username"] = absent
		if p.ID != "" {
			c.free = map[string]*domain{"aws:userid": sessionOf(p.ID)}
		}
		return c
	}
	c.fixed["aws:username"] = present(p.Name)
	if p.ID != "" {
		c.fixed["aws:userid"] = present(p.ID)
	}
	c.tagged = true
	for _, t := range p.Tags {
		c.fixed[tagPrefix+strings.ToLower(t.Key)] = present(t.Value)
	}
	return c
}

// sessionOf is what aws:userid can be for a role with that unique id.
func sessionOf(id string) *domain {
	sessions := func() glob.Union { return glob.Union{glob.New().Text(id + ":").Many(glob.AnyChar).Pattern()} }
	return &domain{
		kind: texts, present: true, prefer: []string{id + ":session"},
		parts: []shapePart{{id + ":", sessions}}, control: codeartifact.BySession,
	}
}

// anyPrincipal returns the otherwise empty principal for which a document is
// judged on its own. Nothing but its account, where known, is settled.
func anyPrincipal(account string) *Caller {
	c := &Caller{Account: account, fixed: map[string]value{}}
	home := account
	if home == "" {
		home = exampleAccount
	} else {
		c.fixed["aws:principalaccount"] = present(account)
	}
	c.ARN = exampleCaller(home)
	c.free = map[string]*domain{"aws:principalarn": principalARNs(account, c.ARN, codeartifact.ByIdentity)}
	return c
}

// exampleCaller is shown where whoever calls is not known.
func exampleCaller(account string) string { return "arn:aws:iam::" + account + ":role/example" }

// principalARNs is what aws:PrincipalArn can be for a user or role of an account.
func principalARNs(account, prefer string, control codeartifact.Control) *domain {
	d := &domain{kind: texts, present: true, control: control, prefer: []string{prefer}}
	for _, kind := range []string{"role", "user"} {
		b := glob.New().Text("arn:aws:iam::")
		if account == "" {
			b.Times(12, glob.Digits)
		} else {
			b.Text(account)
		}
		d.shape = append(d.shape, b.Text(":"+kind+"/").One(nameChars).Many(nameChars).Pattern())
	}
	return d
}

// newOutsider returns a synthetic principal of an account: any user or role of
// it, whose own policies allow everything.
func newOutsider(account, name string) *Caller {
	c := &Caller{
		ARN: "arn:aws:iam::" + account + ":role/" + name, Account: account, stranger: true,
		fixed: map[string]value{
			"aws:principalaccount":      present(account),
			"aws:principalisawsservice": present("false"),
		},
	}
	c.free = map[string]*domain{"aws:principalarn": principalARNs(account, c.ARN, codeartifact.ByCaller)}
	return c
}

// newStranger returns a principal of an account that nobody has named: neither
// the owner's, nor trusted, nor in the organization, nor in named. It is in an
// organization that nobody has named either, or in none.
func newStranger(organization string, named []string) *Caller {
	c := newOutsider(unnamed(named), "stranger")
	other := strangeOrganization
	if organization == other {
		other = "o-zzzzzzzzzy"
	}
	c.free["aws:principalorgid"] = &domain{
		kind: texts, absent: true, present: true, control: codeartifact.ByIdentity, prefer: []string{other},
		shape: glob.Union{glob.Literal(other)},
	}
	c.free["aws:principalorgpaths"] = pathsOf(other)
	c.free["aws:principalorgpaths"].absent = true
	return c
}

// newMember returns a principal of an account of the organization that nobody has
// named.
func newMember(organization string, named []string) *Caller {
	c := newOutsider(unnamed(named), "member")
	c.fixed["aws:principalorgid"] = present(organization)
	c.free["aws:principalorgpaths"] = pathsOf(organization)
	return c
}

// unnamed returns an account that is not in named.
func unnamed(named []string) string {
	account := strangeAccount
	for n := 999999999998; slices.Contains(named, account); n-- {
		account = strconv.Itoa(n)
	}
	return account
}

// pathsOf is what aws:PrincipalOrgPaths can be in an organization.
func pathsOf(organization string) *domain {
	return &domain{
		kind: texts, many: true, present: true, control: codeartifact.ByIdentity, prefer: []string{organization + "/r-zzzz/"},
		shape: glob.Union{glob.New().Text(organization + "/r-").Many(glob.Lower.Or(glob.Digits).Or(glob.Chars("/-"))).Pattern()},
	}
}

// visits settles what requests to the resources of an account carry of it. Which
// organization it is in need not be known: a stranger is in another one.
func (c *Caller) visits(organization, account string) {
	if organization == "" {
		organization = exampleOrganization
	}
	c.fixed["aws:resourceorgid"] = present(organization)
	if account == "" {
		account = exampleAccount // whoever it is, a stranger's account is another
	}
	c.fixed[accountDim] = present(account)
}

const exampleOrganization = "o-a1b2c3d4e5"

const strangeOrganization = "o-zzzzzzzzzz"

// nameChars are the characters of IAM names and paths.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var nameChars = glob.Chars("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-/")
