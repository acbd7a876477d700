package rules

import (
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// crossAccountWrite asks whether somebody outside the owner's account may change
// what the packages are: publish, copy, delete, change status or origin controls,
// or rewrite a policy. Trust is no answer here: an account that is trusted to read
// is rarely meant to write, and whoever breaks into it writes too.
var crossAccountWrite = Rule{
	ID:       "exposure/cross-account-write",
	Title:    "another account may change packages",
	Severity: finding.High,
	Sources: []string{
		"https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/repo-policies.html",
		"https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html",
	},
	Check: checkCrossAccountWrite,
}

// writes are the actions that change what packages are, or who may.
var writes = codeartifact.Actions(
	codeartifact.PublishPackageVersion, codeartifact.CopyPackageVersions,
	codeartifact.DeleteDomain, codeartifact.DeleteRepository, codeartifact.DeletePackage,
	codeartifact.DeletePackageVersions, codeartifact.DeletePackageGroup, codeartifact.DisposePackageVersions,
	codeartifact.UpdatePackageVersionsStatus,
	codeartifact.PutPackageOriginConfiguration, codeartifact.UpdatePackageGroupOriginConfiguration,
	codeartifact.PutDomainPermissionsPolicy, codeartifact.PutRepositoryPermissionsPolicy,
	codeartifact.DeleteDomainPermissionsPolicy, codeartifact.DeleteRepositoryPermissionsPolicy,
)

func checkCrossAccountWrite(p *Pass) {
	for _, q := range p.World.Policies {
		w, err := p.writersOf(q)
		if err != nil {
			p.undecided(q.Where(), err)
			continue
		}
		if len(w.full)+len(w.some) == 0 {
			continue
		}
		f := p.exposed(q, w.WayIn, w.message(q))
		f.Severity, f.Grants = w.severity, w.grants
		p.report(f)
	}
}

// writers is what everyone outside the owner's account may change, put together.
type writers struct {
	letIn
	full, some []string               // who has full access, and who may change something
	changes    codeartifact.ActionSet // of those in some
}

// writersOf asks what each guest from outside may change. Whoever is let in by
// statements that let in everyone is not named beside everyone.
func (p *Pass) writersOf(q *access.Policy) (writers, error) {
	var w writers
	forAll := map[*policy.Statement]bool{}
	for _, g := range p.World.Guests(q) {
		named := g.Kind == access.AnAccount || g.Kind == access.OnePrincipal
		if g.Standing == access.Own || named && !g.OwnerKnown() {
			continue // at home in the resource, for all that is known
		}
		way, err := g.WayIn(writes)
		if err != nil {
			return w, err
		}
		if way == nil || !slices.ContainsFunc(way.By, func(e access.Element) bool { return !forAll[e.Statement] }) {
			continue
		}
		full, err := g.FullAccess()
		if err != nil {
			return w, err
		}
		w.enter(p, g, way, full)
		for _, e := range way.By {
			forAll[e.Statement] = forAll[e.Statement] || g.Kind == access.Everyone
		}
	}
	return w, nil
}

// enter adds a guest. Full access counts unless it is had from some network alone
// and the changes are not.
func (w *writers) enter(p *Pass, g *access.Guest, way, full *access.WayIn) {
	severity := p.rule.Severity
	if full != nil && (way.Narrowed || !full.Narrowed) {
		way, severity = full, finding.Critical
		w.full = append(w.full, guestName(g))
	} else {
		w.some, w.changes = append(w.some, guestName(g)), w.changes.Or(way.Actions)
	}
	w.letIn.add(guestName(g), way, severity, letsThem)
}

func (w *writers) message(q *access.Policy) string {
	var said []string
	if len(w.full) > 0 {
		said = append(said, "gives "+someNames(w.full)+" full access to "+decidedBy[q.Kind])
	}
	if len(w.some) > 0 {
		said = append(said, "lets "+someNames(w.some)+" "+does(w.changes))
	}
	message := join(said)
	if w.Narrowed {
		message += ", under a condition on the network or on tags"
	}
	return message
}
