package access

import (
	"maps"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// onItself asks for the changes to the user or role. Those of roles that IAM
// Identity Center made are not to be changed by the account.
//
// Source: https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
func (g *granting) onItself() error {
	put, attach := codeartifact.PutUserPolicy, codeartifact.AttachUserPolicy
	putBoundary, deleteBoundary := codeartifact.PutUserPermissionsBoundary, codeartifact.DeleteUserPermissionsBoundary
	if g.who.Role {
		put, attach = codeartifact.PutRolePolicy, codeartifact.AttachRolePolicy
		putBoundary, deleteBoundary = codeartifact.PutRolePermissionsBoundary, codeartifact.DeleteRolePermissionsBoundary
		if strings.Contains(g.who.ARN, ":role/aws-reserved/") {
			return nil
		}
	}
	if err := g.put(put, g.who.ARN, OnItself); err != nil {
		return err
	}
	if err := g.attach(attach, g.who.ARN, OnItself); err != nil {
		return err
	}
	if !g.some.bounded {
		return nil
	}
	if err := g.try(deleteBoundary, g.who.ARN, OnItself, "", nil, func() *Profile { return g.bounded(nil) }); err != nil {
		return err
	}
	return g.each(putBoundary, g.who.ARN, OnItself, "iam:permissionsboundary", func(c candidate) *Profile { return g.bounded(c.document) })
}

func (g *granting) onGroups() error {
	for _, group := range g.groups {
		if err := g.put(codeartifact.PutGroupPolicy, group, OnItsGroup); err != nil {
			return err
		}
		if err := g.attach(codeartifact.AttachGroupPolicy, group, OnItsGroup); err != nil {
			return err
		}
	}
	return nil
}

// onPolicies asks for new content of the account's policies that are attached, and
// of the one that is the boundary.
func (g *granting) onPolicies() error {
	policies := slices.Clone(g.attached)
	if b := g.who.BoundaryARN; g.some.bounded && !codeartifact.IsManagedPolicyARN(b) && !slices.Contains(policies, b) {
		policies = append(policies, b)
	}
	for _, id := range policies {
		target := OnItsPolicy
		if !slices.Contains(g.attached, id) {
			target = OnItsBoundary
		}
		err := g.try(codeartifact.CreatePolicyVersion, id, target, "", nil, func() *Profile { return g.rewritten(id, anything) })
		if err != nil {
			return err
		}
		for _, v := range g.versions(id) {
			before := len(g.ways)
			err := g.try(codeartifact.SetDefaultPolicyVersion, id, target, v.ID, nil, func() *Profile { return g.rewritten(id, v.Document) })
			if err != nil {
				return err
			}
			if len(g.ways) > before {
				break // one version is enough
			}
		}
	}
	return nil
}

// versions returns the stored versions of a policy that are not in force.
func (g *granting) versions(id string) []inventory.PolicyVersion {
	i := slices.IndexFunc(g.account.Policies, func(p *inventory.ManagedPolicy) bool { return p.ARN == id })
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.account.Policies[i].Versions), func(v inventory.PolicyVersion) bool { return v.Default || v.Document == nil })
}

// put asks for an inline policy that says anything, as a new one or in place of one
// that denies something.
func (g *granting) put(a codeartifact.Action, holder string, target SelfGrantTarget) error {
	before := len(g.ways)
	if err := g.try(a, holder, target, "", nil, func() *Profile { return g.rewritten("", anything) }); err != nil || len(g.ways) > before {
		return err
	}
	var tried []string
	for _, x := range g.some.denies {
		id := x.source.policy.ID
		if x.source.policy.Holder != holder || !x.source.policy.Inline() || slices.Contains(tried, id) {
			continue
		}
		tried = append(tried, id)
		if err := g.try(a, holder, target, "", nil, func() *Profile { return g.rewritten(id, anything) }); err != nil {
			return err
		}
		if len(g.ways) > before {
			g.ways[before].InPlaceOf = x.source.policy.Name
			return nil
		}
	}
	return nil
}

// attach asks for a policy that exists: one that AWS owns or one of the account.
func (g *granting) attach(a codeartifact.Action, holder string, target SelfGrantTarget) error {
	return g.each(a, holder, target, "iam:policyarn", func(c candidate) *Profile { return g.rewritten("", c.document) })
}

// each asks for a change by one of the policies that exist, which the request
// names by a key, until one is enough.
func (g *granting) each(a codeartifact.Action, resource string, target SelfGrantTarget, key string, view func(candidate) *Profile) error {
	if found, _, err := g.request(a, resource, nil, key); found == nil || err != nil {
		return err // whichever policy it is
	}
	before := len(g.ways)
	for _, c := range g.access.attachable(g.account) {
		err := g.try(a, resource, target, c.name, map[string]value{key: present(c.arn)}, func() *Profile { return view(c) })
		if err != nil || len(g.ways) > before {
			return err
		}
	}
	return nil
}

// try enters a change if it can be made and what is allowed after it is full
// access, farther than before.
func (g *granting) try(a codeartifact.Action, resource string, target SelfGrantTarget, with string, pins map[string]value, view func() *Profile) error {
	found, under, err := g.request(a, resource, pins, "")
	if found == nil || err != nil {
		return err
	}
	after := view()
	if _, known := g.access.budgets[after.Key()]; !known {
		g.access.budgets[after.Key()] = g.budget // one purse for all that is tried
	}
	fulls, err := after.Full()
	if err != nil {
		return err
	}
	if farthest(fulls, g.mode) <= g.have {
		return nil
	}
	if g.gained == nil || g.gained.Domain != "" {
		g.gained = &fulls[0]
	}
	if g.narrowed {
		always, err := under.unconditional(a, found.Type, home{}, "", glob.Union{glob.Literal(resource)}, g.mode, g.budget)
		if err != nil {
			return err
		}
		g.narrowed = !always
	}
	g.ways = append(g.ways, SelfGrantWay{
		Change: g.some.request(found), By: elementsOf([]part{found.by}, codeartifact.Actions(a)), With: with, Target: target,
	})
	return nil
}

// request looks for an allowed request to change a resource. What it carries of
// that resource is settled: the boundary and the tags of the principal itself, and
// pins; the key that is free stays open. IAM is asked in one Region.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
func (g *granting) request(a codeartifact.Action, resource string, pins map[string]value, free string) (*Found, *Profile, error) {
	caller := *g.some.caller
	caller.fixed = maps.Clone(caller.fixed)
	caller.fixed[regionDim] = present(exampleRegion)
	if g.account.ID != "" {
		caller.fixed[accountDim] = present(g.account.ID)
	}
	if g.read && resource == g.who.ARN {
		boundary := absent
		if g.who.BoundaryARN != "" {
			boundary = present(g.who.BoundaryARN)
		}
		if free != boundaryDim {
			caller.fixed[boundaryDim] = boundary
		}
		g.tags(&caller, a)
	}
	maps.Copy(caller.fixed, pins)
	view := *g.some
	view.key, view.caller = "", &caller
	found, err := view.find(question{
		mode: g.mode, actions: codeartifact.Actions(a),
		with: []literal{{&test{kind: texts, set: glob.Union{glob.Literal(resource)}}, true}},
	}, g.budget)
	return found, &view, err
}

const boundaryDim = "iam:permissionsboundary"

// tags settles the keys that ask for tags of the user or role itself.
func (g *granting) tags(c *Caller, a codeartifact.Action) {
	for _, x := range g.some.statementsOn(a) {
		for _, l := range x.maybe {
			for _, prefix := range []string{"iam:resourcetag/", "aws:resourcetag/"} {
				name, asks := strings.CutPrefix(l.test.dim, prefix)
				if !asks {
					continue
				}
				c.fixed[l.test.dim] = absent
				for _, t := range g.who.Tags {
					if strings.EqualFold(t.Key, name) {
						c.fixed[l.test.dim] = present(t.Value)
					}
				}
			}
		}
	}
}

// anything is a policy that allows everything.
var anything = inventory.NewDocument(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`)

// rewritten returns what would be allowed if the policy with that id said what the
// document does; if there were one more, where the id is empty.
func (g *granting) rewritten(id string, d *inventory.Document) *Profile {
	v := *g.some
	v.key = ""
	boundary := id != "" && g.some.bounded && g.who.BoundaryARN == id
	own := id == "" || !boundary || slices.Contains(g.attached, id)
	other := func(x part) bool { return id == "" || x.source.policy.ID != id }
	v.allows, v.denies = keep(g.some.allows, other), keep(g.some.denies, other)
	if boundary {
		v.layers = slices.Clone(v.layers)
		v.layers[0] = nil
		v.add(g.source(d, inventory.Boundary), &v.layers[0])
	}
	if own {
		v.add(g.source(d, inventory.Identity), &v.allows)
	}
	return &v
}

// bounded returns what would be allowed with another permissions boundary; with
// none, where there is no document.
func (g *granting) bounded(d *inventory.Document) *Profile {
	v := *g.some
	v.key = ""
	v.denies = keep(v.denies, func(x part) bool { return x.source.policy.Kind != inventory.Boundary })
	v.layers = slices.Clone(v.layers)
	if d == nil {
		v.layers, v.bounded = v.layers[1:], false
		return &v
	}
	v.layers[0] = nil
	v.add(g.source(d, inventory.Boundary), &v.layers[0])
	return &v
}

func keep(list []part, ok func(part) bool) []part {
	return slices.DeleteFunc(slices.Clone(list), func(x part) bool { return !ok(x) })
}

func (g *granting) source(d *inventory.Document, k inventory.Kind) *source {
	s := g.access.source(inventory.Policy{Kind: k, ID: "(changed)", Account: g.account.ID, Document: d}, g.some.caller, everyAction)
	if k == inventory.Identity && g.read && g.account.ID != "" {
		s = g.access.located(s, g.access.territoryOf(g.access.inventory, g.account.ID))
	}
	return s
}
