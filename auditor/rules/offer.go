package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// remedy is a change that a rule proposes.
type remedy struct {
	id, title string
	// safe: whoever used the policy as it was meant can go on doing so.
	safe bool
	// grants are the actions that the change is meant to make possible: those
	// of a grant that was dead.
	grants codeartifact.ActionSet
	// same: the change leaves all that the policy allows as it is.
	same bool
	// edits change the policy that the finding is about.
	edits []policy.Edit
	// leaves are rules whose findings may be there after the change if they were
	// before, though others said them already.
	leaves []string
	// elsewhere is a statement that is needed in a policy which was not read.
	elsewhere string
	// also changes further policies.
	also []amendment
	// remembered: the very same edits are offered for every copy of the document.
	remembered bool
}

// amendment is a change to one policy.
type amendment struct {
	policy *access.Policy
	edits  []policy.Edit
}

// offer adds a remedy to the finding if it holds: with the change made, the
// finding is gone, none is there that was not, and nothing is allowed that was
// not, except what the remedy is meant to make possible. It reports whether it
// was added.
func (p *Pass) offer(f *finding.Finding, q *access.Policy, r remedy) bool {
	fix := finding.Fix{ID: r.id, Title: r.title, Safe: r.safe, Elsewhere: r.elsewhere}
	var before, after []access.Change
	for _, a := range append([]amendment{{q, r.edits}}, r.also...) {
		document := a.policy.Document
		changed := p.trials.apply(document, a.edits, r.remembered)
		if changed == nil || !fits(a.policy, changed.Text) && len(changed.Text) > len(document.Text) {
			return false
		}
		before, after = append(before, access.Change{Policy: a.policy, Document: document}), append(after, access.Change{Policy: a.policy, Document: changed})
		fix.Edits = append(fix.Edits, finding.Edit{Policy: a.policy.ID, Version: a.policy.Version, Patch: patches(a.edits)})
	}
	was, is := p.try(before), p.try(after)
	if is.fired[said{is.world.Policies[0].ID, p.rule.ID, f.Facet}] || !covers(was.with(r.leaves...), p.serious(is.seen, r)) || p.more(was, is, r.grants) {
		return false
	}
	if r.same && p.more(is, was, codeartifact.ActionSet{}) {
		return false
	}
	f.Fixes = append(f.Fixes, fix)
	return true
}

// asWritten are the rules that find a grant too wide: as it was written, dead or
// alive.
var asWritten = []string{"grant/publish-anywhere", "grant/destroy-anywhere", "grant/read-anywhere", "token/any-domain"}

// serious drops, of a change that brings a dead grant to life, findings of how wide
// it is that are milder than the one it mends.
func (p *Pass) serious(seen map[said]bool, r remedy) map[said]bool {
	if r.grants.IsEmpty() {
		return seen
	}
	out := maps.Clone(seen)
	maps.DeleteFunc(out, func(s said, _ bool) bool {
		return slices.Contains(asWritten, s.rule) &&
			slices.ContainsFunc(p.catalogue, func(other *Rule) bool { return other.ID == s.rule && other.Severity < p.rule.Severity })
	})
	return out
}

// trials remembers what changed policies were judged to be: of documents that
// stand in thousands of places the same change is tried once.
type trials struct {
	// settle leaves of findings those that a report shows. It is given, since it
	// asks the catalogue, which cannot name itself.
	settle    func(found, excused []finding.Finding) []finding.Finding
	documents inventory.Documents
	numbers   map[*inventory.Document]int
	outcomes  map[string]*outcome
	more      map[comparison]bool
	applied   map[application]*inventory.Document
}

// application is a document with edits that are kept.
type application struct {
	document *inventory.Document
	first    *policy.Edit
}

func newTrials(settle func(found, excused []finding.Finding) []finding.Finding) *trials {
	return &trials{settle: settle, numbers: map[*inventory.Document]int{}, outcomes: map[string]*outcome{}, more: map[comparison]bool{}, applied: map[application]*inventory.Document{}}
}

// outcome is what the catalogue says of some policies by themselves.
type outcome struct {
	world *access.World
	// fired holds every finding and gap, seen those that a report would show.
	fired, seen map[said]bool
	reached     *reached // of the first policy, nil until somebody asks
	remedies    map[string][]remedy
}

// with returns what a report would show, and the findings of one rule that it would
// not show since others say them.
func (o *outcome) with(rules ...string) map[said]bool {
	all := maps.Clone(o.seen)
	for s := range o.fired {
		if slices.Contains(rules, s.rule) {
			all[s] = true
		}
	}
	return all
}

// said is a finding without what may differ when it is still the same: of a gap,
// the facet is its reason.
type said struct{ policy, rule, facet string }

// comparison is a question of whether one outcome allows more than another.
type comparison struct {
	was, is *outcome
	except  codeartifact.ActionSet
}

// try judges policies as they would be by the whole catalogue, without offering
// fixes in turn.
func (p *Pass) try(changes []access.Change) *outcome {
	var key strings.Builder
	for _, c := range changes {
		key.WriteString(p.World.Standing(c.Policy) + "\x00" + strconv.Itoa(p.trials.number(c.Document)) + "\x00")
	}
	known := p.trials.outcomes[key.String()]
	if known != nil {
		return known
	}
	o := &outcome{world: p.World.With(changes...), fired: map[said]bool{}, seen: map[said]bool{}}
	var found, excused []finding.Finding
	for _, r := range p.catalogue {
		if p.Config.Rule(r.ID).Disabled {
			continue
		}
		trial := &Pass{World: o.world, Config: p.Config, catalogue: p.catalogue, rule: r, trial: true}
		r.Check(trial)
		found, excused = append(found, trial.findings...), append(excused, trial.excused...)
		for _, g := range trial.gaps {
			o.fired[said{g.Where, r.ID, "gap: " + g.Reason}] = true
			o.seen[said{g.Where, r.ID, "gap: " + g.Reason}] = true
		}
	}
	for _, f := range found {
		o.fired[said{f.Subject.ID, f.Rule, f.Facet}] = true
	}
	for _, f := range p.trials.settle(found, excused) {
		o.seen[said{f.Subject.ID, f.Rule, f.Facet}] = true
	}
	p.trials.outcomes[key.String()] = o
	return o
}

// apply returns the document after edits, nil where they cannot be made or would
// cost a statement.
func (t *trials) apply(d *inventory.Document, edits []policy.Edit, remembered bool) *inventory.Document {
	if len(edits) == 0 {
		return nil
	}
	key := application{d, &edits[0]}
	if known, ok := t.applied[key]; ok {
		return known
	}
	var changed *inventory.Document
	if text, err := d.Parsed.Apply(edits...); err == nil {
		changed = t.documents.Intern(text)
		if len(changed.Lost()) > len(d.Lost()) {
			changed = nil
		}
	}
	if remembered {
		t.applied[key] = changed
	}
	return changed
}

// number tells documents apart.
func (t *trials) number(d *inventory.Document) int {
	n, ok := t.numbers[d]
	if !ok {
		n = len(t.numbers)
		t.numbers[d] = n
	}
	return n
}

func covers(all, some map[said]bool) bool {
	for s := range some {
		if !all[s] {
			return false
		}
	}
	return true
}

// more reports whether something could be allowed now that was not, actions
// of except aside.
func (p *Pass) more(was, is *outcome, except codeartifact.ActionSet) bool {
	key := comparison{was, is, except}
	known, ok := p.trials.more[key]
	if ok {
		return known
	}
	for i, q := range is.world.Policies {
		if found, err := q.Beyond(was.world.Policies[i], except); found != nil || err != nil {
			known = true
		}
	}
	p.trials.more[key] = known
	return known
}

// fits reports whether a document is short enough for where its policy stands.
// White space does not count. What the other inline policies of the same holder
// take is not known here.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
// https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_PutDomainPermissionsPolicy.html
func fits(q *access.Policy, text string) bool {
	size := 0
	for _, c := range text {
		if !strings.ContainsRune(" \t\r\n", c) {
			size++
		}
	}
	return size <= longest(q)
}

func longest(q *access.Policy) int {
	switch {
	case q.Kind == inventory.DomainPolicy, q.Kind == inventory.RepositoryPolicy, q.Kind == inventory.DomainOrRepository:
		return 7168
	case q.Kind == inventory.Trust:
		return 2048
	case q.Inline() && strings.Contains(q.Holder, ":user/"):
		return 2048
	case q.Inline() && strings.Contains(q.Holder, ":group/"):
		return 5120
	case q.Inline():
		return 10240
	}
	return 6144
}

func patches(edits []policy.Edit) []finding.Patch {
	out := make([]finding.Patch, len(edits))
	for i, e := range edits {
		out[i] = finding.Patch{Op: e.Op, Path: e.Pointer, Value: e.Value}
	}
	return out
}
