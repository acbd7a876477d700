package rules

import (
	"cmp"
	"slices"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Pass is what a rule may ask while it judges one world, and where it reports.
type Pass struct {
	World  *access.World
	Config *config.Config

	catalogue []*Rule // every rule, for what a fix must not bring about
	rule      *Rule
	help      string // where the rule pages are
	findings  []finding.Finding
	// excused are findings on which nothing is reported, since all that they affect
	// are administrators. They absorb what they would.
	excused []finding.Finding
	gaps    []inventory.Gap
	// trial says that the pass only finds out whether the rule fires.
	trial bool
	// judged remembers the defects of profiles that are decided alike.
	judged map[string]verdict
	// trials remembers, for the whole run, what changed policies come to.
	trials *trials
}

// Run judges every world by every rule that the configuration leaves enabled,
// and returns the findings, unsorted, and the questions that could not be
// answered. help is the address that rule pages stand under.
func Run(x *access.Access, cfg *config.Config, help string) ([]finding.Finding, []inventory.Gap) {
	var findings []finding.Finding
	var gaps []inventory.Gap
	catalogue := All()
	trials := newTrials(settle)
	for _, w := range x.Worlds {
		if w.Bare && len(w.Policies) == 0 {
			continue // as most files of policies are: about other services
		}
		var found, excused []finding.Finding
		for _, r := range catalogue {
			if cfg.Rule(r.ID).Disabled {
				continue
			}
			p := &Pass{World: w, Config: cfg, catalogue: catalogue, rule: r, help: help, trials: trials}
			r.Check(p)
			found, excused = append(found, p.findings...), append(excused, p.excused...)
			gaps = append(gaps, p.gaps...)
		}
		findings = append(findings, settle(found, excused)...)
	}
	for i := range findings {
		if word := cfg.Rule(findings[i].Rule).Severity; word != "" {
			if s, err := finding.ParseSeverity(word); err == nil {
				findings[i].Severity = s
			}
		}
	}
	return findings, compactGaps(gaps)
}

// settle leaves what no other finding says already, excused ones too. What is
// absorbed is not shown, so nothing yields to it.
func settle(found, excused []finding.Finding) []finding.Finding {
	return yield(absorb(excuse(found, excused)))
}

// compactGaps drops repeats: several rules may meet the same unanswerable document.
func compactGaps(gaps []inventory.Gap) []inventory.Gap {
	slices.SortFunc(gaps, func(a, b inventory.Gap) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(gaps)
}

// report completes a finding and files it, with the fixes that offer adds.
func (p *Pass) report(f finding.Finding, offer ...func(*finding.Finding)) {
	if !p.trial {
		for _, add := range offer {
			add(&f)
		}
	}
	f.Rule = p.rule.ID
	f.ID = finding.Identify(f.Rule, f.Subject, f.Facet)
	f.Help = p.help + p.rule.ID + ".md"
	if f.Affected == nil {
		f.Affected = []string{}
	}
	if f.Witness == nil {
		f.Witness = []finding.Request{}
	}
	if f.Fixes == nil {
		f.Fixes = []finding.Fix{}
	}
	if f.Absorbed == nil {
		f.Absorbed = []string{}
	}
	p.findings = append(p.findings, f)
}

// excuse files a finding that affects administrators alone, for what it absorbs.
func (p *Pass) excuse(f finding.Finding) {
	f.Rule = p.rule.ID
	p.excused = append(p.excused, f)
}

// undecided files a gap for a question that ran out of its budget.
func (p *Pass) undecided(where string, err error) {
	p.gaps = append(p.gaps, inventory.Gap{Where: where, Reason: "not judged: " + err.Error()})
}

// exempt reports whether the principal is a configured administrator, of whom
// the categories grant and escalation say nothing.
func (p *Pass) exempt(principal string) bool {
	category := p.rule.Category()
	return (category == "grant" || category == "escalation") && p.Config.Administrator(principal)
}

// lower returns a severity one step milder, of the categories grant and exposure
// never below low.
func (p *Pass) lower(s finding.Severity) finding.Severity {
	if category := p.rule.Category(); category == "grant" || category == "exposure" {
		return s.Lower(1, finding.Low)
	}
	return s.Lower(1, finding.Info)
}

// confidence turns the certainty of an answer, and whether anything was
// assumed, into the contract's word.
func confidence(c access.Certainty, assumed bool) finding.Confidence {
	switch {
	case c != access.Sure:
		return finding.LowConfidence
	case assumed:
		return finding.MediumConfidence
	}
	return finding.HighConfidence
}

// policySubject is the subject of a finding about one policy.
func policySubject(q *access.Policy) finding.Subject {
	s := finding.Subject{ID: q.ID, Account: q.Account, Path: q.Path}
	switch {
	case q.Account == "":
		s.Type = finding.DocumentSubject
	case q.Kind == inventory.DomainPolicy:
		s.Type = finding.DomainSubject
	case q.Kind == inventory.RepositoryPolicy:
		s.Type = finding.RepositorySubject
	case q.Kind == inventory.Trust:
		s.Type = finding.RoleSubject
	case q.Inline():
		s.Type = finding.InlineSubject
	default:
		s.Type = finding.ManagedSubject
	}
	return s
}

// principalSubject is the subject of a finding about a user or role.
func principalSubject(p *access.Principal, account string) finding.Subject {
	s := finding.Subject{Type: finding.UserSubject, ID: p.ARN, Account: account, Path: p.Path}
	if p.Role {
		s.Type = finding.RoleSubject
	}
	return s
}

// grant writes an element out with its place and what it does.
func grant(e access.Element, says string) finding.Grant { return finding.GrantOf(e, says) }

// request writes a request out with its decision.
func request(r access.Request, d finding.Decision) finding.Request {
	return finding.Request{Caller: r.Caller, Action: r.Action.String(), Resource: r.Resource, Context: r.Context, Decision: d}
}

// decision puts the decision on a request into the contract's word.
func decision(allowed bool) finding.Decision {
	if allowed {
		return finding.Allowed
	}
	return finding.Denied
}

// group is the hash of the rule and the canonical form of a document.
func (p *Pass) group(document *inventory.Document) string {
	return finding.GroupOf(p.rule.ID, document.Parsed.Canonical())
}

// name is what a message calls a policy that has a well-known name, else empty.
func name(q *access.Policy) string {
	if q.AWSOwned() {
		return arn.ARN{Resource: q.ID}.Name()
	}
	return ""
}
