package source

import (
	"fmt"
	"maps"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// pages is what was recognised in one file.
type pages struct {
	parts       []*inventory.Account
	unplaced    []*inventory.ManagedPolicy // policies AWS owns, of pages that hold no account
	gaps        []inventory.Gap
	policies    int
	details     int  // pages of account details
	inventories int  // objects that are inventories
	more        bool // the last page of account details says that another follows
}

func (f *pages) recognised() bool { return f.details+f.inventories > 0 }

// empty reports whether no entity was read.
func (f *pages) empty() bool { return len(f.parts) == 0 && len(f.unplaced) == 0 }

func (f *pages) kind() string {
	if f.inventories > 0 {
		return "inventory"
	}
	return "account"
}

// add keeps a page.
func (f *pages) add(p *page) {
	if p.schema == inventory.Schema {
		f.inventories++
		p.placed()
	} else {
		f.details++
		f.more = p.more
	}
	f.gaps = append(f.gaps, p.gaps...)
	f.policies += p.policies
	if len(p.accounts) == 0 {
		f.unplaced = append(f.unplaced, p.owned...)
	}
	for _, id := range slices.Sorted(maps.Keys(p.accounts)) {
		part := p.accounts[id]
		part.Policies = append(part.Policies, p.owned...)
		f.parts = append(f.parts, part)
	}
}

// placed gives what an inventory says beside account details to its account.
func (p *page) placed() {
	known := arn.IsAccountID(p.account)
	if p.account != "" && !known {
		p.gaps = append(p.gaps, inventory.Gap{Where: p.path, Reason: fmt.Sprintf("account is %q (expected 12 digits)", p.account)})
	}
	for _, d := range p.domains {
		part := p.part(p.owner(d.ARN))
		part.Domains = append(part.Domains, d)
	}
	for _, r := range p.repositories {
		part := p.part(p.owner(r.ARN))
		part.Repositories = append(part.Repositories, r)
	}
	if !known {
		return
	}
	part := p.part(p.account)
	part.Organization, part.Collected, part.Guards, part.Scopes = p.organization, p.collected, p.guards, p.scopes
	for i := range part.Scopes {
		if part.Scopes[i].Account == "" {
			part.Scopes[i].Account = p.account
		}
	}
}

// owner returns the account a domain or repository belongs to: the one that the
// inventory is of, which may administer repositories of others' domains, else the
// one in the ARN, which was checked when it was read.
func (p *page) owner(resource string) string {
	if arn.IsAccountID(p.account) {
		return p.account
	}
	parsed, _ := arn.Parse(resource)
	return parsed.Account
}

// part returns what the page holds of an account.
func (p *page) part(account string) *inventory.Account {
	if p.accounts[account] == nil {
		p.accounts[account] = &inventory.Account{ID: account}
	}
	return p.accounts[account]
}

// whole returns the accounts of the file. The policies AWS owns on a page without
// an account are those of every account in the file.
func (f *pages) whole() []*inventory.Account {
	if len(f.unplaced) == 0 {
		return f.parts
	}
	ids := f.ids()
	if len(ids) == 0 {
		ids = []string{""}
	}
	parts := f.parts
	for _, id := range ids {
		parts = append(parts, &inventory.Account{ID: id, Policies: f.unplaced})
	}
	return parts
}

// ids returns the accounts in the file, sorted.
func (f *pages) ids() []string {
	var ids []string
	for _, part := range f.parts {
		ids = append(ids, part.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ending is how the account details of one file end.
type ending struct {
	path     string
	accounts []string
	more     bool
}

// missingPages makes a gap of each file whose last page says that another follows,
// unless another file holds the last page of the same account. A page without an
// account holds policies AWS owns and may be the last of any.
func (r *reader) missingPages() {
	for _, e := range r.endings {
		if e.more && !slices.ContainsFunc(r.endings, e.endedBy) {
			r.builder.AddGap(inventory.Gap{Where: e.path, Reason: "the last page says that more follow (expected all pages of the account details)"})
		}
	}
}

func (e ending) endedBy(other ending) bool {
	if other.more || other.path == e.path {
		return false
	}
	return len(other.accounts) == 0 || slices.ContainsFunc(other.accounts, func(id string) bool { return slices.Contains(e.accounts, id) })
}
