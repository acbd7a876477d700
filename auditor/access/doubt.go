package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// doubting returns the same inventory, read so that whatever was lost of a
// policy could allow or deny anything. A decision that it could change is then
// not sure by itself.
func (x *Access) doubting() *Access {
	y := *x
	y.doubts = true
	y.programs, y.locatedPrograms = map[programKey]*program{}, map[locatedKey]*program{}
	y.fulls, y.reaches, y.someones = map[string][]Full{}, map[wideKey][]Reach{}, map[string]*Caller{}
	y.resourcePolicies = slices.Clone(x.resourcePolicies)
	return &y
}

// doubt adds to a compiled document what its lost parts could be: a statement
// that may allow anything within reach, and one that may deny it.
func (p *program) doubt(d *inventory.Document, within reach) {
	lost := d.Lost()
	if len(lost) == 0 {
		return
	}
	for _, effect := range []policy.Effect{policy.Allow, policy.Deny} {
		p.statements = append(p.statements, &statement{
			parsed: lostStatement(lost[0], effect), allow: effect == policy.Allow, lost: true,
			actions: within.maybe, unsure: within.maybe,
		})
	}
	p.actions = p.actions.Or(within.maybe)
}

// lostStatement stands in the place of a problem and could speak of anyone.
func lostStatement(problem policy.Problem, effect policy.Effect) *policy.Statement {
	return &policy.Statement{
		Place: problem.Place, Index: problem.Statement, Effect: effect,
		Actions:    policy.Only{{Place: problem.Place, Text: "*"}},
		Principals: policy.OnlyPrincipals{{Place: problem.Place, Type: policy.Everyone, Text: "*"}},
	}
}

// unreadDocument is a document of which nothing was read.
func unreadDocument(reason string) *inventory.Document {
	return &inventory.Document{Parsed: &policy.Document{
		Version: policy.Version2012, Problems: []policy.Problem{{Message: reason, Statement: -1, Lost: true}},
	}}
}

// withUnread returns the principal with a policy of which nothing was read for
// each one that is attached, to it or to a group, and not in the account.
func withUnread(a *inventory.Account, p inventory.Principal) inventory.Principal {
	p.Policies = slices.Clone(p.Policies)
	unread := func(id, reason string) {
		if !slices.ContainsFunc(p.Policies, func(q inventory.Policy) bool { return q.ID == id }) {
			p.Policies = append(p.Policies, inventory.Policy{
				Kind: inventory.Identity, Name: arn.ARN{Resource: id}.Name(), ID: id, Account: a.ID, Document: unreadDocument(reason), Path: p.Path,
			})
		}
	}
	attached := func(list []inventory.Attachment) {
		for _, at := range list {
			if !inForce(a, at.ARN) {
				unread(at.ARN, "attached policy was not read: it may allow or deny anything")
			}
		}
	}
	for _, u := range a.Users {
		if u.ARN == p.ARN {
			attached(u.Attached)
		}
	}
	for _, r := range a.Roles {
		if r.ARN == p.ARN {
			attached(r.Attached)
		}
	}
	for _, name := range p.Groups {
		at := slices.IndexFunc(a.Groups, func(g *inventory.Group) bool { return g.Name == name })
		if at < 0 {
			unread("arn:aws:iam::"+a.ID+":group/"+name, "group was not read: its policies may allow or deny anything")
			continue
		}
		attached(a.Groups[at].Attached)
	}
	return p
}

// inForce reports whether the account holds the policy's version in force, or
// knows that AWS owns it and that it reaches nothing of ours.
func inForce(a *inventory.Account, policyARN string) bool {
	at := slices.IndexFunc(a.Policies, func(m *inventory.ManagedPolicy) bool { return m.ARN == policyARN })
	if at < 0 {
		return codeartifact.KnownManagedPolicy(policyARN)
	}
	return a.Policies[at].Default() != nil
}

// standing is what the inventory knows of the policies around a resource.
type standing struct {
	// assumed says what was not read and is taken to say nothing.
	assumed []string
	// missing says what was looked for and is not there.
	missing []string
}

// around finds out which policies of the domain and the repository were read, and
// adds to x, which is doubting, those that should have been and could not be.
func (x *Access) around(resource string) standing {
	parsed, err := arn.Parse(resource)
	at := slices.IndexFunc(x.inventory.Accounts, func(a *inventory.Account) bool { return a.ID == parsed.Account })
	if err != nil || at < 0 {
		return standing{}
	}
	a := x.inventory.Accounts[at]
	state := ""
	for _, s := range a.Scopes {
		if s.Source == "codeartifact" && (s.Account == "" || s.Account == a.ID) && (s.Region == parsed.Region || s.Region == "") {
			state = s.State
		}
	}
	var out standing
	domain, repository := relative(resource, codeartifact.Domain), relative(resource, codeartifact.Repository)
	note := func(what, id string, kind inventory.Kind, known, policied bool) {
		switch {
		case policied:
		case state == "denied" || state == "failed":
			x.resourcePolicies = append(x.resourcePolicies, newResourcePolicy(inventory.Policy{
				Kind: kind, Name: strings.TrimPrefix(id[strings.LastIndexByte(id, ':')+1:], what+"/"), ID: id, Holder: id, Account: a.ID,
				Document: unreadDocument("policy of the " + what + " was not read: it may allow or deny anything"), Path: a.Path,
			}, ""))
		case !known && state == "complete":
			out.missing = append(out.missing, what+" "+id+" is not among those that were read: it may not exist")
		case !known:
			out.assumed = append(out.assumed, "policy of "+what+" "+id+" was not read: taken to say nothing")
		}
	}
	d := slices.IndexFunc(a.Domains, func(d *inventory.Domain) bool { return d.ARN == domain })
	note("domain", domain, inventory.DomainPolicy, d >= 0, d >= 0 && a.Domains[d].Policy != nil)
	if repository != "" && d >= 0 {
		r := slices.IndexFunc(a.Repositories, func(r *inventory.Repository) bool { return r.ARN == repository })
		note("repository", repository, inventory.RepositoryPolicy, r >= 0, r >= 0 && a.Repositories[r].Policy != nil)
	}
	return out
}
