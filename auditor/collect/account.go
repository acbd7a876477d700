// Package collect reads AWS accounts into inventories. It asks for little,
// through interfaces of the few calls it makes, and changes nothing: every call
// it can make reads, and none obtains a token.
//
// Whatever goes wrong ends in the inventory: each part of an account, its IAM,
// its CodeArtifact in one Region, its organization, is a scope that says how
// completely it was read and why not.
package collect

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Clients are whom an Account asks, with the credentials of one account.
type Clients struct {
	IAM IAMClient
	// CodeArtifact returns the client of a Region.
	CodeArtifact func(region string) CodeArtifactClient
	// Organization reads the organization of an account; nil where it is not asked.
	Organization OrganizationReader
}

// OrganizationReader reads what the organization lets an account do; see package
// organization. saw is told of each page.
type OrganizationReader interface {
	Read(ctx context.Context, account string, saw func(call string, entities int)) (Organization, *Failure)
}

// Organization is what an account is part of. Guards are nil where they could
// not be read, and empty where there are none.
type Organization struct {
	ID     string
	Guards [][]inventory.Guard
}

// Options say what of an account is read.
type Options struct {
	// Regions are those whose CodeArtifact is read; nil for all that have it.
	Regions []string
	// Now tells when reading began.
	Now func() time.Time
	// Watch, if set, is told of every page that has been read. It is called by
	// one goroutine at a time.
	Watch func(Progress)
}

// Progress is what has been read by a call of one page.
type Progress struct {
	Account, Region, Source string
	Call                    string // the API operation
	Entities                int    // on this page
}

// Account reads the account whose credentials its clients have.
type Account struct {
	clients Clients
	options Options

	watching sync.Mutex
}

// New returns a reader of one account.
func New(c Clients, opt Options) *Account {
	if opt.Regions == nil {
		opt.Regions = codeartifact.Regions()
	}
	return &Account{clients: c, options: opt}
}

// The sources of scopes.
const (
	sourceIAM           = "iam"
	sourceCodeArtifact  = "codeartifact"
	sourceOrganizations = "organizations"
)

// part is what reading one scope came to.
type part struct {
	inventory.Account
	failures failures
	scope    inventory.Scope
}

// Read returns the inventory of the account. It reads IAM, each Region and the
// organization beside each other; what could not be read is said by the scopes.
// The error means that nothing can be said of the account at all: the
// credentials are another account's, or the context ended.
func (a *Account) Read(ctx context.Context, account string) (*inventory.Inventory, error) {
	began := a.options.Now().UTC()
	var users part
	regions := make([]part, len(a.options.Regions))
	var organization part
	var foreign error

	var reading sync.WaitGroup
	reading.Go(func() { users, foreign = a.readIAM(ctx, account) })
	busy := make(chan struct{}, regionsAtOnce)
	for i, region := range a.options.Regions {
		reading.Go(func() {
			busy <- struct{}{}
			defer func() { <-busy }()
			regions[i] = a.readRegion(ctx, account, region)
		})
	}
	if a.clients.Organization != nil {
		reading.Go(func() { organization = a.readOrganization(ctx, account) })
	}
	reading.Wait()
	if foreign != nil {
		return nil, fmt.Errorf("account %s: %w", account, foreign)
	}

	whole := &inventory.Account{ID: account, Collected: began}
	whole.Users, whole.Groups, whole.Roles, whole.Policies = users.Users, users.Groups, users.Roles, users.Policies
	whole.Organization, whole.Guards = organization.Organization, organization.Guards
	credentialsWork := users.failures.state() == complete
	for i := range regions {
		r := &regions[i]
		credentialsWork = credentialsWork || r.failures.state() == complete
		whole.Domains = append(whole.Domains, r.Domains...)
		whole.Repositories = append(whole.Repositories, r.Repositories...)
	}
	for _, p := range slices.Concat([]part{users, organization}, regions) {
		whole.Scopes = append(whole.Scopes, p.Scopes...)
		if p.scope.Source != "" {
			p.scope.Account = account
			p.scope.State, p.scope.Reason = p.failures.judge(credentialsWork)
			whole.Scopes = append(whole.Scopes, p.scope)
		}
	}
	return a.inventory(whole), nil
}

// regionsAtOnce is how many Regions are read beside each other.
const regionsAtOnce = 6

// inventory puts the account into an inventory of its own.
func (a *Account) inventory(whole *inventory.Account) *inventory.Inventory {
	var b inventory.Builder
	b.AddAccount(whole)
	b.AddInput(inventory.Input{Path: "account " + whole.ID, Kind: "live", Policies: documents(whole)})
	return b.Inventory()
}

// documents counts the policy documents of an account.
func documents(a *inventory.Account) int {
	n := 0
	for _, u := range a.Users {
		n += len(u.Inline)
	}
	for _, g := range a.Groups {
		n += len(g.Inline)
	}
	for _, r := range a.Roles {
		n += len(r.Inline)
		if r.Trust != nil {
			n++
		}
	}
	for _, p := range a.Policies {
		n += len(p.Versions)
	}
	for _, d := range a.Domains {
		if d.Policy != nil {
			n++
		}
	}
	for _, r := range a.Repositories {
		if r.Policy != nil {
			n++
		}
	}
	for _, level := range a.Guards {
		n += len(level)
	}
	return n
}

// readOrganization reads the organization. What the account may not see of it is
// denied, and then assumed to allow everything: it could only narrow.
func (a *Account) readOrganization(ctx context.Context, account string) part {
	out := part{scope: inventory.Scope{Source: sourceOrganizations}}
	found, failure := a.clients.Organization.Read(ctx, account, func(call string, entities int) {
		a.saw(Progress{Account: account, Source: sourceOrganizations, Call: call, Entities: entities})
	})
	out.Organization, out.Guards = found.ID, found.Guards
	if failure != nil {
		out.failures.add(failure.Call, failure.Of, failure.Err)
	}
	return out
}

// saw tells the watcher of a page.
func (a *Account) saw(p Progress) {
	if a.options.Watch == nil {
		return
	}
	a.watching.Lock()
	defer a.watching.Unlock()
	a.options.Watch(p)
}
