package access

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Missing is a statement that would have to be added to a policy.
type Missing struct {
	// Kind is Identity, DomainPolicy or RepositoryPolicy, Holder the ARN of the
	// principal, domain or repository whose policy it is, Account its account.
	Kind            inventory.Kind
	Holder, Account string
	// Statement is the JSON to paste.
	Statement json.RawMessage
}

// complete adds to an answer what to do about it, and what there is to know.
func (s *asking) complete(a *Answer) error {
	s.note(a)
	own, read := s.where()
	switch {
	case a.Decision == Deny && len(a.Guards) == 0 && len(a.Because) == 0:
		reasons, err := s.oneSide(a)
		if err != nil {
			return err
		}
		a.Because = reasons
		return s.offer(a, s.wanted(a.Lacking, own, read))
	case a.Decision == Depends && !own && !read && len(a.Conditions) == 0:
		return s.offer(a, [][]Side{{ResourceSide}})
	}
	return nil
}

// wanted returns the sets of sides of which one has to allow the request, the
// smallest first.
func (s *asking) wanted(lacking []Side, own, read bool) [][]Side {
	both := []Side{IdentitySide, ResourceSide}
	switch {
	case own:
		return [][]Side{{IdentitySide}}
	case read && len(lacking) == 1:
		return [][]Side{lacking, both}
	}
	return [][]Side{both, {IdentitySide}}
}

// offer finds the first set of statements that is proved to make the request
// allowed; where none does by itself, one that does so as far as keys say. Where
// something would forbid it even then, that is the answer.
func (s *asking) offer(a *Answer, sets [][]Side) error {
	if s.principal.ServiceLinked {
		a.Notes = append(a.Notes, "AWS owns the role: its policies cannot be changed")
		return nil
	}
	for i, sides := range sets {
		missing, ok := s.statements(sides)
		if !ok {
			continue
		}
		with := s.with(missing)
		then, refs, err := with.answer()
		if err != nil {
			return err
		}
		if then.Decision > a.Then && then.Decision > a.Decision {
			a.Missing, a.Then, a.ThenConditions = missing, then.Decision, then.Conditions
		}
		if then.Decision == Allow {
			break
		}
		if i == 0 && then.Decision == Deny {
			a.Guards = then.Guards
			a.Because = append(a.Because, with.reasons(refs)...)
		}
	}
	if len(a.Missing) > 0 {
		a.Notes = append(a.Notes, s.caveats(a.Missing)...)
	}
	return nil
}

// caveats say what to know before the statements are added.
func (s *asking) caveats(missing []Missing) []string {
	var out []string
	if missing[0].Kind == inventory.Identity && strings.Contains(s.principal.ARN, ":role/aws-reserved/sso.amazonaws.com/") {
		out = append(out, "IAM Identity Center made the role: its policies are changed in the permission set")
	}
	if own, read := s.where(); !own && !read {
		out = append(out, "no policy of the domain and its repositories was read: one may allow the request already")
	}
	return out
}

// statements returns the smallest statement for each side. It reports false where
// no policy of a side can allow the action.
func (s *asking) statements(sides []Side) ([]Missing, bool) {
	var out []Missing
	for _, side := range sides {
		m := Missing{Kind: inventory.Identity, Holder: s.principal.ARN, Account: s.account.ID}
		principal := ""
		if side == ResourceSide {
			var ok bool
			if m.Kind, m.Holder, ok = s.grantor(); !ok {
				return nil, false
			}
			holder, _ := arn.Parse(m.Holder)
			m.Account, principal = holder.Account, s.principal.ARN
		}
		m.Statement = s.smallest(principal)
		out = append(out, m)
	}
	return out, true
}

// grantor returns the policy that can allow the action on the resource: the
// repository's, else the domain's.
func (s *asking) grantor() (inventory.Kind, string, bool) {
	if repository := relative(s.resource, codeartifact.Repository); repository != "" && codeartifact.GrantableIn(codeartifact.RepositoryPolicy).Has(s.action) {
		return inventory.RepositoryPolicy, repository, true
	}
	if codeartifact.GrantableIn(codeartifact.DomainPolicy).Has(s.action) && s.resource != "*" {
		return inventory.DomainPolicy, relative(s.resource, codeartifact.Domain), true
	}
	return 0, "", false
}

// smallest returns the statement that allows the request and no other; for a
// principal where it stands in a resource policy.
func (s *asking) smallest(principal string) json.RawMessage {
	statement := struct {
		Effect    string
		Principal map[string]string `json:",omitempty"`
		Action    string
		Resource  any
		Condition map[string]map[string]string `json:",omitempty"`
	}{Effect: "Allow", Action: s.action.String(), Resource: s.smallestResource()}
	if principal != "" {
		statement.Principal = map[string]string{"AWS": principal}
	}
	if s.action == codeartifact.GetServiceBearerToken {
		service := codeartifact.ServiceName
		if v, ok := s.profile.caller.fixedValue(serviceDim); ok && v.present {
			service = v.texts[0]
		}
		statement.Condition = map[string]map[string]string{"StringEquals": {"sts:AWSServiceName": service}}
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(statement); err != nil { // strings and maps of them
		panic("access: encode statement: " + err.Error())
	}
	return json.RawMessage(strings.TrimSpace(text.String()))
}

// smallestResource returns the Resource element that covers every resource which
// the request is authorized on.
func (s *asking) smallestResource() any {
	var all []string
	for _, t := range s.targets {
		switch {
		case t.typ == 0 || t.at == (home{}):
			return "*"
		case t.open:
			start, name := cutResource(s.resource)
			all = append(all, start+typeStart(t.typ)+name+"/*")
		default:
			all = append(all, t.resource)
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// with returns the same question as if the statements had been added.
func (s *asking) with(missing []Missing) *asking {
	then := *s
	inquiry, x, p := *s.Inquiry, *s.access, *s.principal
	p.Policies = slices.Clone(p.Policies)
	x.resourcePolicies = slices.Clone(x.resourcePolicies)
	for _, m := range missing {
		q := inventory.Policy{
			Kind: m.Kind, Name: "added", ID: m.Holder, Holder: m.Holder, Account: m.Account,
			Document: inventory.NewDocument(`{"Version": "2012-10-17", "Statement": [` + string(m.Statement) + `]}`),
		}
		if m.Kind == inventory.Identity {
			q.ID += "#inline/added"
			p.Policies = append(p.Policies, q)
			continue
		}
		x.resourcePolicies = append(x.resourcePolicies, newResourcePolicy(q, x.administratorOf(m.Holder)))
		x.inventory = withDomain(x.inventory, relative(m.Holder, codeartifact.Domain))
		x.territories = map[string]territory{}
	}
	inquiry.access, then.Inquiry, then.principal = &x, &inquiry, &p
	then.profile = x.principalAs(s.account, &p, s.profile.caller)
	return &then
}

// administratorOf returns the account that administers a repository, empty where
// that is the owner or not known.
func (x *Access) administratorOf(repository string) string {
	for _, a := range x.inventory.Accounts {
		for _, r := range a.Repositories {
			if r.ARN == repository {
				return r.Administrator
			}
		}
	}
	return ""
}

// withDomain returns the inventory with a domain that counts as read.
func withDomain(inv *inventory.Inventory, domain string) *inventory.Inventory {
	owner, _ := arn.Parse(domain)
	more := *inv
	more.Accounts = append(slices.Clone(inv.Accounts), &inventory.Account{ID: owner.Account, Domains: []*inventory.Domain{{ARN: domain}}})
	return &more
}
