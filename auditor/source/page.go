package source

import (
	"fmt"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// page is one object of a file: a page of account details, an inventory, or, as
// long as nothing decides, anything else. Its members are read as they come, since
// what decides may come last, and are kept only if the page is recognised.
type page struct {
	*file
	details  bool // it has a list that only account details have
	versions bool // its Policies have versions, as in account details
	schema   string
	schemaLine,
	schemaColumn int
	answer *answer

	account      string
	organization string
	collected    time.Time
	domains      []*inventory.Domain
	repositories []*inventory.Repository
	guards       [][]inventory.Guard
	scopes       []inventory.Scope

	accounts map[string]*inventory.Account // entities by the account in their ARNs
	owned    []*inventory.ManagedPolicy    // policies AWS owns
	more     bool                          // another page follows
	policies int
	gaps     []inventory.Gap
}

func (p *page) recognised() bool {
	return p.details || p.versions || p.schema == inventory.Schema
}

func isInventory(schema string) bool { return strings.HasPrefix(schema, "caudit/inventory/") }

// member reads the value of a member of the top level.
func (p *page) member(name string) error {
	switch name {
	case "Statement":
		// Behind other values it is a policy too: the parser says that it should
		// stand alone.
		if !p.recognised() && !p.pages.recognised() && p.dec.Depth() == 1 {
			return errPolicy
		}
	case "Version":
		p.version = true
	case "schema":
		return p.readSchema()
	case "account":
		return p.text(&p.account)
	case "organization":
		return p.text(&p.organization)
	case "collected":
		return p.time()
	case "iam":
		return p.iam()
	case "domains":
		return p.list(name, p.domain)
	case "repositories":
		return p.list(name, p.repository)
	case "guards":
		if kind, err := p.dec.Peek(); err == nil && kind == jsonpos.Array && p.guards == nil {
			p.guards = [][]inventory.Guard{} // read, and perhaps none
		}
		return p.list(name, p.level)
	case "scopes":
		return p.list(name, p.scope)
	case "policy":
		return p.readAnswer()
	default:
		return p.detail(name)
	}
	return p.dec.Skip()
}

// detail reads the value of a member of account details.
func (p *page) detail(name string) error {
	switch name {
	case "UserDetailList":
		p.details = true
		return p.list(name, p.user)
	case "GroupDetailList":
		p.details = true
		return p.list(name, p.group)
	case "RoleDetailList":
		p.details = true
		return p.list(name, p.role)
	case "Policies":
		return p.list(name, p.managed)
	case "IsTruncated", "NextToken":
		// The API says IsTruncated; the AWS CLI that was told to stop early
		// leaves a NextToken instead.
		kind, err := p.dec.Peek()
		if err != nil || kind != jsonpos.Bool && kind != jsonpos.String {
			return p.skip(err)
		}
		token, err := p.dec.Token()
		p.more = p.more || token.Kind == jsonpos.Bool && token.Text == "true" || token.Kind == jsonpos.String && token.Text != ""
		return err
	}
	return p.dec.Skip()
}

// iam reads the account details inside an inventory.
func (p *page) iam() error {
	kind, err := p.dec.Peek()
	switch {
	case err != nil || kind == jsonpos.Null:
		return p.skip(err)
	case kind != jsonpos.Object:
		return p.misplaced("iam", kind, "an object with account details")
	}
	return p.members(p.detail)
}

func (p *page) skip(err error) error {
	if err != nil {
		return err
	}
	return p.dec.Skip()
}

// list reads a list element by element. An element that cannot be read is a gap,
// and the others stay.
func (p *page) list(name string, read func(element)) error {
	kind, err := p.dec.Peek()
	switch {
	case err != nil || kind == jsonpos.Null:
		return p.skip(err)
	case kind != jsonpos.Array:
		return p.misplaced(name, kind, "a list")
	}
	if p.recognised() {
		p.watch.drop()
	}
	if _, err := p.dec.Token(); err != nil {
		return err
	}
	return p.batches(func(b *jsonpos.Batch) {
		for i := range b.Len() {
			raw := b.Raw(i)
			e := element{page: p, batch: b, start: raw.Start}
			if err := p.tree.Read(raw); err != nil {
				e.lost(err)
				continue
			}
			e.value = p.tree.Root()
			read(e)
		}
	})
}

// misplaced notes a member of the wrong kind and passes over it.
func (p *page) misplaced(name string, kind jsonpos.Kind, expected string) error {
	depth := p.dec.Depth()
	token, err := p.dec.Token()
	if err != nil {
		return err
	}
	line, column := p.dec.Position(token.Start)
	p.gaps = append(p.gaps, inventory.Gap{Where: p.path, Reason: fmt.Sprintf("%s is %s (expected %s)", name, kind, expected), Line: line, Column: column})
	for p.dec.Depth() > depth {
		if _, err := p.dec.Token(); err != nil {
			return err
		}
	}
	return nil
}

// text reads a member that is a string.
func (p *page) text(into *string) error {
	kind, err := p.dec.Peek()
	if err != nil || kind != jsonpos.String {
		return p.skip(err)
	}
	token, err := p.dec.Token()
	*into = strings.Clone(token.Text)
	return err
}

func (p *page) readSchema() error {
	kind, err := p.dec.Peek()
	if err != nil || kind != jsonpos.String {
		return p.skip(err)
	}
	token, err := p.dec.Token()
	if strings.HasPrefix(token.Text, "caudit/") {
		p.schema = strings.Clone(token.Text)
		p.schemaLine, p.schemaColumn = p.dec.Position(token.Start)
	}
	return err
}

func (p *page) time() error {
	kind, err := p.dec.Peek()
	if err != nil || kind != jsonpos.String {
		return p.skip(err)
	}
	token, err := p.dec.Token()
	if err != nil {
		return err
	}
	collected, bad := time.Parse(time.RFC3339, token.Text)
	if bad != nil {
		line, column := p.dec.Position(token.Start)
		p.gaps = append(p.gaps, inventory.Gap{Where: p.path, Reason: fmt.Sprintf("collected is %q (expected a time as in RFC 3339)", token.Text), Line: line, Column: column})
	}
	p.collected = collected
	return nil
}
