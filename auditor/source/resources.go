package source

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// What an inventory holds beside account details.

func (p *page) domain(e element) {
	id, ok := e.identify("arn", resource("domain"), "a domain")
	if !ok {
		return
	}
	p.domains = append(p.domains, &inventory.Domain{ARN: id.String(), Policy: e.resourcePolicy(), Input: p.path})
}

func (p *page) repository(e element) {
	id, ok := e.identify("arn", resource("repository"), "a repository")
	if !ok {
		return
	}
	r := &inventory.Repository{ARN: id.String(), Policy: e.resourcePolicy(), Input: p.path}
	if v, ok := member(e.value, "administrator"); ok {
		r.Administrator = e.string(v)
	}
	p.repositories = append(p.repositories, r)
}

func resource(kind string) func(arn.ARN) bool {
	return func(a arn.ARN) bool {
		return a.Service == "codeartifact" && isOne(a, kind) && arn.IsAccountID(a.Account)
	}
}

// resourcePolicy reads the policy of a domain or repository. Null says that there
// is none; to leave it out says nothing.
func (e element) resourcePolicy() *inventory.Document {
	v, ok := member(e.value, "policy")
	if !ok {
		e.gap(e.value.Start(), "policy is missing (expected the document, or null where there is none)")
		return nil
	}
	return e.document(v, "policy")
}

// level reads the organization's policies at one level.
func (p *page) level(e element) {
	level := []inventory.Guard{}
	e.name = "guards"
	e.objects(e.value, func(object jsonpos.Value) {
		var g inventory.Guard
		if v, ok := member(object, "name"); ok {
			g.Name = e.string(v)
		}
		word := ""
		if v, ok := member(object, "kind"); ok {
			word = e.string(v)
		}
		kind, known := inventory.ParseKind(word)
		if !known || kind != inventory.SCP && kind != inventory.RCP {
			e.gap(object.Start(), "kind of %q is %q (expected scp or rcp)", g.Name, word)
			return
		}
		g.Kind = kind
		if v, ok := member(object, "policy"); ok {
			g.Document = e.document(v, "", g.Name)
		}
		if g.Document == nil {
			e.gap(object.Start(), "%q has no policy (expected a document)", g.Name)
			return
		}
		level = append(level, g)
	})
	p.guards = append(p.guards, level)
}

// scopeStates are how completely something may have been read.
var scopeStates = []string{"complete", "blocked", "denied", "failed"}

func (p *page) scope(e element) {
	if !e.is(e.value, jsonpos.Object) {
		return
	}
	var s inventory.Scope
	for v := range e.value.Children() {
		switch v.Name() {
		case "account":
			s.Account = e.string(v)
		case "region":
			s.Region = e.string(v)
		case "source":
			s.Source = e.string(v)
		case "state":
			s.State = e.string(v)
		case "reason":
			s.Reason = e.string(v)
		}
	}
	if !slices.Contains(scopeStates, s.State) {
		e.gap(e.value.Start(), "state of a scope is %q (expected complete, blocked, denied or failed)", s.State)
		return
	}
	p.scopes = append(p.scopes, s)
}
