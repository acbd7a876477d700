package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// TestSelfGrantsGiveFullAccess makes the change that each finding about a principal
// shows, as IAM would, and audits again: full access must be there.
func TestSelfGrantsGiveFullAccess(t *testing.T) {
	made := 0
	for _, f := range fixtures(t) {
		if f.rule != "escalation/self-grant" || !f.fires {
			continue
		}
		for _, found := range found(auditor.Audit(f.read(t, f.inputs), auditor.Options{Config: f.config, Now: now}), f.rule) {
			for _, caller := range found.Affected[:min(len(found.Affected), 1)] {
				made++
				if !reaches(t, f, found.Witness[0], caller) {
					t.Errorf("%s: after %s on %s, %s has no full access", f.path, found.Witness[0].Action, found.Witness[0].Resource, caller)
				}
			}
		}
	}
	if made < 15 {
		t.Errorf("%d changes were made: too few to prove anything", made)
	}
}

// reaches reports whether one of the forms that the change can have gives the
// caller full access.
func reaches(t *testing.T, f *fixture, change finding.Request, caller string) bool {
	for variant := range 4 {
		inv := f.read(t, f.inputs)
		if !apply(inv, change, variant) {
			continue
		}
		for _, is := range auditor.Audit(inv, auditor.Options{Config: f.config, Now: now}).Findings {
			if (is.Rule == "grant/full-access" || is.Rule == "grant/admin-access") && slices.Contains(is.Affected, caller) {
				return true
			}
		}
	}
	return false
}

// apply makes a change to the inventory. Of some there are variants: an inline
// policy is a new one, or written over one that is there; a version is each of the
// older ones. It reports false where there is no such variant.
func apply(inv *inventory.Inventory, change finding.Request, variant int) bool {
	a := inv.Accounts[0]
	everything := inventory.NewDocument(star)
	_, action, _ := strings.Cut(change.Action, ":")
	named := "arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess"
	for _, key := range []string{"iam:PolicyARN", "iam:PermissionsBoundary"} {
		if values := change.Context[key]; len(values) == 1 && strings.HasPrefix(action, map[string]string{"iam:PolicyARN": "Attach", "iam:PermissionsBoundary": "PutUserP"}[key]) {
			named = values[0]
		}
	}
	if !slices.ContainsFunc(a.Policies, func(p *inventory.ManagedPolicy) bool { return p.ARN == named }) {
		if known, ok := codeartifact.ManagedPolicy(named); ok {
			a.Policies = append(a.Policies, &inventory.ManagedPolicy{ARN: named, Name: known.Name, Versions: []inventory.PolicyVersion{
				{ID: known.Version, Default: true, Document: inventory.NewDocument(known.Document())},
			}})
		}
	}
	carry := func(inline *[]inventory.InlinePolicy, attached *[]inventory.Attachment, boundary *string) bool {
		switch {
		case strings.HasPrefix(action, "Delete"):
			*boundary = ""
		case strings.HasSuffix(action, "PermissionsBoundary"):
			*boundary = named
		case strings.HasPrefix(action, "Attach"):
			*attached = append(*attached, inventory.Attachment{ARN: named})
		case variant == 0:
			*inline = append(*inline, inventory.InlinePolicy{Name: "granted", Document: everything})
		case variant <= len(*inline):
			(*inline)[variant-1].Document = everything
		default:
			return false
		}
		return true
	}
	for _, u := range a.Users {
		if u.ARN == change.Resource {
			return carry(&u.Inline, &u.Attached, &u.Boundary)
		}
	}
	for _, r := range a.Roles {
		if r.ARN == change.Resource {
			return carry(&r.Inline, &r.Attached, &r.Boundary)
		}
	}
	for _, g := range a.Groups {
		if g.ARN == change.Resource {
			return carry(&g.Inline, &g.Attached, new(string))
		}
	}
	for _, p := range a.Policies {
		if p.ARN != change.Resource {
			continue
		}
		if action == "CreatePolicyVersion" {
			p.Versions = append(p.Versions, inventory.PolicyVersion{ID: "v9", Document: everything})
			variant = len(p.Versions) - 1
		}
		if variant >= len(p.Versions) {
			return false
		}
		for i := range p.Versions {
			p.Versions[i].Default = i == variant
		}
		return true
	}
	return false
}
