package access

import (
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// testNow is the time of every audit in here.
var testNow = time.Date(2026, 9, 26, 12, 0, 0, 0, time.UTC)

// testWorld is one principal with every policy that decides its requests, to be
// read by the engine and by the oracle.
type testWorld struct {
	caller   oracle.Principal
	identity []string
	boundary string // empty for none
	scps     [][]string
	resource []testPolicy
	actions  []string // words that the policies are written in

	documents inventory.Documents // so that both readers share what was parsed
}

// testPolicy is the policy of a domain or repository.
type testPolicy struct {
	holder string
	text   string
}

func (q testPolicy) kind() inventory.Kind {
	if parsed, _ := arn.Parse(q.holder); parsed.Type() == "repository" {
		return inventory.RepositoryPolicy
	}
	return inventory.DomainPolicy
}

func (w *testWorld) parsed(text string) *policy.Document { return w.documents.Intern(text).Parsed }

// oracle returns the world as the oracle reads it.
func (w *testWorld) oracle() oracle.World {
	out := oracle.World{Unread: true}
	for _, text := range w.identity {
		out.Identity = append(out.Identity, w.parsed(text))
	}
	if w.boundary != "" {
		out.Boundary = w.parsed(w.boundary)
	}
	for _, level := range w.scps {
		var here []*policy.Document
		for _, text := range level {
			here = append(here, w.parsed(text))
		}
		out.SCPs = append(out.SCPs, here)
	}
	for _, q := range w.resource {
		out.ResourcePolicies = append(out.ResourcePolicies, oracle.ResourcePolicy{Kind: q.kind(), Holder: q.holder, Document: w.parsed(q.text)})
	}
	return out
}

// account returns the world as an account of one user or role.
func (w *testWorld) account() *inventory.Account {
	caller, _ := arn.Parse(w.caller.ARN)
	a := &inventory.Account{ID: caller.Account, Organization: w.caller.Organization, Guards: [][]inventory.Guard{}}
	var inline []inventory.InlinePolicy
	for i, text := range w.identity {
		inline = append(inline, inventory.InlinePolicy{Name: fmt.Sprint("p", i), Document: w.documents.Intern(text)})
	}
	boundary := ""
	if w.boundary != "" {
		boundary = "arn:aws:iam::" + caller.Account + ":policy/boundary"
		a.Policies = []*inventory.ManagedPolicy{{
			ARN: boundary, Name: "boundary",
			Versions: []inventory.PolicyVersion{{ID: "v1", Default: true, Document: w.documents.Intern(w.boundary)}},
		}}
	}
	if caller.Type() == "role" {
		path := "/"
		if w.caller.ServiceLinked {
			path = "/aws-service-role/example.amazonaws.com/"
		}
		a.Roles = []*inventory.Role{{ARN: w.caller.ARN, Name: caller.Name(), ID: w.caller.ID, Path: path, Inline: inline, Boundary: boundary}}
	} else {
		var tags []inventory.Tag
		for key, value := range w.caller.Tags {
			tags = append(tags, inventory.Tag{Key: key, Value: value})
		}
		a.Users = []*inventory.User{{ARN: w.caller.ARN, Name: caller.Name(), ID: w.caller.ID, Inline: inline, Boundary: boundary, Tags: tags}}
	}
	for i, level := range w.scps {
		var here []inventory.Guard
		for j, text := range level {
			here = append(here, inventory.Guard{Name: fmt.Sprint("scp", i, "-", j), Kind: inventory.SCP, Document: w.documents.Intern(text)})
		}
		a.Guards = append(a.Guards, here)
	}
	w.holders(a)
	return a
}

// holders enters the domains and repositories of an account that have policies.
func (w *testWorld) holders(a *inventory.Account) {
	for _, q := range w.resource {
		if owner, _ := arn.Parse(q.holder); owner.Account != a.ID {
			continue
		}
		if q.kind() == inventory.RepositoryPolicy {
			a.Repositories = append(a.Repositories, &inventory.Repository{ARN: q.holder, Policy: w.documents.Intern(q.text)})
			continue
		}
		a.Domains = append(a.Domains, &inventory.Domain{ARN: q.holder, Policy: w.documents.Intern(q.text)})
	}
}

// inventory returns the world's account, and another one.
func (w *testWorld) inventory() *inventory.Inventory {
	other := &inventory.Account{ID: otherAccount, Guards: [][]inventory.Guard{}}
	w.holders(other)
	return &inventory.Inventory{Accounts: []*inventory.Account{w.account(), other}}
}

// resolve returns what the engine makes of the world's principal.
func (w *testWorld) resolve() *Profile {
	return Resolve(w.inventory(), Options{Now: testNow}).Worlds[0].Principals[0].Profile
}

// visited returns the account that owns the resources of the world's policies,
// with nobody in it.
func (w *testWorld) visited() *World {
	owner, _ := arn.Parse(w.resource[0].holder)
	a := &inventory.Account{ID: owner.Account, Organization: "o-a1b2c3d4e5", Guards: [][]inventory.Guard{}}
	w.holders(a)
	return Resolve(&inventory.Inventory{Accounts: []*inventory.Account{a}}, Options{Now: testNow}).Worlds[0]
}

// String shows the world for a failed test.
func (w *testWorld) String() string {
	out := fmt.Sprintf("caller %+v\n", w.caller)
	for _, text := range w.identity {
		out += "identity " + text + "\n"
	}
	if w.boundary != "" {
		out += "boundary " + w.boundary + "\n"
	}
	for i, level := range w.scps {
		for _, text := range level {
			out += fmt.Sprintf("scp, level %d: %s\n", i, text)
		}
	}
	for _, q := range w.resource {
		out += q.holder + " " + q.text + "\n"
	}
	return out
}
