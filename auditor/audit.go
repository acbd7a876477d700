package auditor

import (
	"cmp"
	"slices"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

// Options are the inputs of an audit beside the inventory.
type Options struct {
	Config  *config.Config // nil for the default
	Now     time.Time      // conditions on time and exceptions are judged at it
	Version string         // version of the tool, for the report: "v1.2.3", or empty
}

// Audit judges everything in the inventory. It is pure: the same inventory and
// options give the same report, byte for byte.
func Audit(inv *inventory.Inventory, opt Options) *Report {
	cfg := opt.Config
	if cfg == nil {
		cfg = &config.Config{}
	}
	x := access.Resolve(inv, access.Options{Now: opt.Now, Organization: cfg.Organization, Trusted: cfg.TrustedAccounts})
	findings, undecided := rules.Run(x, cfg, helpAt(opt.Version))
	r := &Report{
		Schema: "caudit/result/1", Tool: Tool{Name: "caudit", Version: opt.Version, Data: codeartifact.DataDate()},
		Now: opt.Now, Inputs: notNil(inv.Inputs), Coverage: coverage(inv, x),
		Findings: []finding.Finding{}, Suppressed: []Suppressed{},
		Gaps: slices.Concat(notNil(inv.Gaps), x.Gaps(), undecided),
	}
	r.Coverage.NotEvaluated = len(r.Gaps)
	for _, pattern := range cfg.Administrators {
		r.Coverage.Assumptions = append(r.Coverage.Assumptions, "administrator by configuration, exempt from grant/* and escalation/*: "+pattern)
	}
	for _, rule := range rules.IDs() {
		if cfg.Rule(rule).Disabled {
			r.Coverage.Assumptions = append(r.Coverage.Assumptions, "rule disabled by configuration: "+rule)
		}
	}
	r.except(cfg, findings)
	sortFindings(r.Findings)
	slices.SortFunc(r.Suppressed, func(a, b Suppressed) int { return compareFindings(a.Finding, b.Finding) })
	return r
}

// helpAt returns the address of the rule pages in the repository at the release
// tag; of a build without a version, on the main branch.
func helpAt(version string) string {
	tag := version
	if len(tag) < 2 || tag[0] != 'v' || tag[1] < '0' || tag[1] > '9' {
		tag = "main"
	}
	return "https://github.com/codeartifact-auditor/codeartifact-auditor/blob/" + tag + "/auditor/rules/docs/"
}

// except moves the findings that an exception of the configuration covers to
// the suppressed ones, and lists the exceptions that deserve a look.
func (r *Report) except(cfg *config.Config, findings []finding.Finding) {
	used := map[*config.Exception]bool{}
	for _, f := range findings {
		target := config.Target{
			Rule: f.Rule, ID: f.ID, Account: f.Subject.Account, Subject: f.Subject.ID, Path: f.Subject.Path, Principals: f.Affected,
		}
		e, holds := cfg.Except(target, r.Now)
		if !holds {
			r.Findings = append(r.Findings, f)
			continue
		}
		used[e] = true
		r.Suppressed = append(r.Suppressed, Suppressed{Finding: f, Exception: Exception{
			Reason: e.Reason, Owner: e.Owner, Expires: e.Expires.Format(time.DateOnly), Ticket: e.Ticket,
		}})
	}
	r.Exceptions = Exceptions{Unused: []string{}, Expired: []string{}, Expiring: []string{}}
	for i := range cfg.Exceptions {
		e := &cfg.Exceptions[i]
		switch {
		case e.Expired(r.Now):
			r.Exceptions.Expired = append(r.Exceptions.Expired, e.String())
		case !used[e]:
			r.Exceptions.Unused = append(r.Exceptions.Unused, e.String())
		case e.Expiring(r.Now):
			r.Exceptions.Expiring = append(r.Exceptions.Expiring, e.String())
		}
	}
}

// sortFindings orders by severity, gravest first, then rule, subject and id.
func sortFindings(list []finding.Finding) { slices.SortFunc(list, compareFindings) }

func compareFindings(a, b finding.Finding) int {
	return cmp.Or(
		cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Subject.ID, b.Subject.ID), cmp.Compare(a.ID, b.ID),
	)
}

// coverage counts what the findings are out of.
func coverage(inv *inventory.Inventory, x *access.Access) Coverage {
	c := Coverage{Accounts: len(inv.Accounts), Foreign: inv.Foreign, Scopes: []inventory.Scope{}, Assumptions: notNil(x.Assumptions())}
	for _, a := range inv.Accounts {
		c.Domains += len(a.Domains)
		c.Repositories += len(a.Repositories)
		c.Scopes = append(c.Scopes, a.Scopes...)
	}
	for _, w := range x.Worlds {
		c.Principals += len(w.Principals)
		c.Policies += w.Read
		c.Statements += w.Statements
	}
	return c
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
