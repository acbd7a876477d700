package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/oracle"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// proves replays the witness of a finding on the second evaluator: what is said
// to be allowed must be allowed, what is said to be denied must be denied. Where
// an unknown decides, and the finding has low confidence for it, the evaluator
// may leave it open too.
func proves(t *testing.T, inv *inventory.Inventory, f finding.Finding) {
	t.Helper()
	if len(f.Witness) == 0 {
		t.Errorf("%s on %s has no witness", f.Rule, f.Subject.ID)
	}
	for _, request := range f.Witness {
		if _, known := codeartifact.LookupAction(request.Action); !known {
			if request.Decision != finding.Denied {
				t.Errorf("%s on %s: AWS has no action %q, and the witness is %v", f.Rule, f.Subject.ID, request.Action, request.Decision)
			}
			continue
		}
		if request.Decision == finding.Denied && unborn(inv, request.Caller) {
			continue // whoever does not exist calls nothing
		}
		for _, world := range worlds(inv, f, request) {
			principal := principalOf(inv, request.Caller)
			if request.Action == "sts:AssumeRoleWithWebIdentity" {
				principal = oracle.Principal{Provider: request.Caller}
			}
			if ids := request.Context["aws:PrincipalOrgID"]; len(ids) == 1 {
				principal.Organization = ids[0]
			}
			got := oracle.Decide(oracle.Request{
				Principal: principal, Action: request.Action, Resource: request.Resource, Also: also(request), Context: request.Context,
			}, world)
			want := oracle.Deny
			if request.Decision == finding.Allowed {
				want = oracle.Allow
			}
			if got != want && (got != oracle.Unknown || f.Confidence != finding.LowConfidence) {
				t.Errorf("%s on %s: the second evaluator says %v, the witness %v:\n%s calls %s on %s with %v",
					f.Rule, f.Subject.ID, got, want, request.Caller, request.Action, request.Resource, request.Context)
			}
		}
	}
}

// also returns the other resources that a request may be authorized on, for actions
// of which AWS's documents differ: the repository of a package that is copied, a
// package group that is created.
func also(request finding.Request) []string {
	switch request.Action {
	case codeartifact.CopyPackageVersions.String():
		path := strings.SplitN(strings.Replace(request.Resource, ":package/", ":repository/", 1), "/", 4)
		return []string{strings.Join(path[:3], "/")}
	case codeartifact.CreatePackageGroup.String():
		return []string{"arn:aws:codeartifact:us-east-1:111122223333:package-group/example/%2a"}
	}
	return nil
}

var everything = inventory.NewDocument(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`).Parsed

// worlds returns what decides the request: of a principal that was read all that
// applies to it, of any other caller the policy that the finding is about. A
// stranger that a resource policy or a trust policy lets in may do everything as far as its own
// account is asked; whom a policy means to help in vain has nothing else. A bare
// policy of a domain or a repository, of which it does not show which, is tried
// as either.
func worlds(inv *inventory.Inventory, f finding.Finding, request finding.Request) []oracle.World {
	var own []*policy.Document
	if request.Decision == finding.Allowed {
		own = []*policy.Document{everything}
	}
	if f.Subject.Account == "" {
		return bareWorlds(inv, f.Subject.ID, own)
	}
	account := accountOf(inv, f.Subject.Account)
	w := oracle.World{}
	for _, r := range account.Roles {
		if r.ARN == request.Resource && strings.HasPrefix(request.Action, "sts:AssumeRole") {
			return []oracle.World{{Identity: own, Trust: r.Trust.Parsed, RCPs: rcps(account)}}
		}
	}
	for _, h := range account.Held() {
		switch {
		case h.Kind == inventory.DomainPolicy || h.Kind == inventory.RepositoryPolicy:
			w.ResourcePolicies = append(w.ResourcePolicies, oracle.ResourcePolicy{Kind: h.Kind, Holder: h.ID, Document: h.Document.Parsed})
		case h.Kind == inventory.Identity && h.ID == f.Subject.ID:
			w.Identity = []*policy.Document{h.Document.Parsed}
		}
	}
	if stranger(request.Caller, account.ID) {
		w.Identity = own
		return []oracle.World{w}
	}
	for _, p := range account.Principals() {
		if p.ARN != request.Caller {
			continue
		}
		w.Identity = nil
		for _, q := range p.Policies {
			w.Identity = append(w.Identity, q.Document.Parsed)
		}
		if p.Boundary != nil {
			w.Boundary = p.Boundary.Document.Parsed
		}
		w.SCPs = scps(account)
	}
	return []oracle.World{w}
}

func bareWorlds(inv *inventory.Inventory, path string, own []*policy.Document) []oracle.World {
	i := slices.IndexFunc(inv.Files, func(f *inventory.File) bool { return f.Path == path })
	file := inv.Files[i]
	document := file.Document.Parsed
	of := func(k inventory.Kind) oracle.World {
		return oracle.World{Identity: own, ResourcePolicies: []oracle.ResourcePolicy{{Kind: k, Document: document}}}
	}
	switch file.Kind {
	case inventory.Identity:
		return []oracle.World{{Identity: []*policy.Document{document}}}
	case inventory.DomainPolicy, inventory.RepositoryPolicy:
		return []oracle.World{of(file.Kind)}
	case inventory.DomainOrRepository:
		return []oracle.World{of(inventory.DomainPolicy), of(inventory.RepositoryPolicy)}
	case inventory.Boundary, inventory.SCP, inventory.Session:
		return []oracle.World{filtered(document)}
	}
	return []oracle.World{{}}
}

// filtered is the world in which a filter alone decides: whoever asks may do
// everything but for it, in other accounts too. A filter of Deny statements alone
// stands beside others, which allow.
func filtered(document *policy.Document) oracle.World {
	level := []*policy.Document{document}
	if !slices.ContainsFunc(document.Statements, func(s policy.Statement) bool { return s.Effect == policy.Allow }) {
		level = append(level, everything)
	}
	return oracle.World{
		Identity: []*policy.Document{everything}, SCPs: [][]*policy.Document{level},
		ResourcePolicies: []oracle.ResourcePolicy{{Kind: inventory.DomainPolicy, Document: openToAll}},
	}
}

var openToAll = inventory.NewDocument(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}`).Parsed

func scps(a *inventory.Account) [][]*policy.Document {
	var levels [][]*policy.Document
	for _, level := range a.Guards {
		var documents []*policy.Document
		for _, g := range level {
			if g.Kind == inventory.SCP {
				documents = append(documents, g.Document.Parsed)
			}
		}
		if len(documents) > 0 {
			levels = append(levels, documents)
		}
	}
	return levels
}

func rcps(a *inventory.Account) []*policy.Document {
	var documents []*policy.Document
	for _, level := range a.Guards {
		for _, g := range level {
			if g.Kind == inventory.RCP {
				documents = append(documents, g.Document.Parsed)
			}
		}
	}
	return documents
}

func accountOf(inv *inventory.Inventory, id string) *inventory.Account {
	i := slices.IndexFunc(inv.Accounts, func(a *inventory.Account) bool { return a.ID == id })
	return inv.Accounts[i]
}

func stranger(caller, account string) bool {
	parsed, err := arn.Parse(caller)
	return err == nil && parsed.Account != account
}

// unborn reports whether a caller is of an account whose users and roles were all
// read, and is none of them.
func unborn(inv *inventory.Inventory, caller string) bool {
	parsed, err := arn.Parse(caller)
	name := parsed.Name()
	if parsed.Service == "sts" {
		name = strings.Split(parsed.Resource, "/")[1]
	}
	for _, a := range inv.Accounts {
		complete := slices.ContainsFunc(a.Scopes, func(s inventory.Scope) bool { return s.Source == "iam" && s.State == "complete" })
		if err != nil || a.ID != parsed.Account || !complete {
			continue
		}
		return !slices.ContainsFunc(a.Principals(), func(p inventory.Principal) bool {
			return p.ARN == caller || parsed.Service == "sts" && p.Role && p.Name == name
		})
	}
	return false
}

// principalOf returns the caller as it was read; of one that was not read
// nothing but its ARN is known.
func principalOf(inv *inventory.Inventory, caller string) oracle.Principal {
	for _, a := range inv.Accounts {
		for _, p := range a.Principals() {
			if p.ARN != caller {
				continue
			}
			known := oracle.Principal{ARN: p.ARN, ID: p.ID, Organization: a.Organization, ServiceLinked: p.ServiceLinked, Tags: map[string]string{}}
			for _, tag := range p.Tags {
				known.Tags[tag.Key] = tag.Value
			}
			return known
		}
	}
	if session, err := arn.Parse(caller); err == nil && session.Service == "sts" { // of the role that it names
		role := strings.Split(session.Resource, "/")[1]
		return oracle.Principal{ARN: "arn:aws:iam::" + session.Account + ":role/" + role, Session: caller}
	}
	return oracle.Principal{ARN: caller}
}
