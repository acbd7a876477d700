package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Decision is the answer of caudit why, as its JSON has it. No list is null.
type Decision struct {
	Request  Asked           `json:"request"`
	Decision string          `json:"decision"` // allow, deny, depends
	Because  []finding.Grant `json:"because"`
	// Conditions are the keys that decide, where Decision is depends.
	Conditions []string  `json:"conditions"`
	Missing    []Missing `json:"missing"`
	// Then is the decision with what is missing, ThenConditions the keys that
	// decide then; empty where nothing is missing.
	Then           string   `json:"then,omitempty"`
	ThenConditions []string `json:"thenConditions,omitempty"`
	Guards         []Guard  `json:"guards"`
	// Examples are requests that differ in what is free, with what becomes of each.
	Examples    []finding.Request `json:"examples"`
	Stated      string            `json:"stated,omitempty"` // AWS's reason, in AWS's words
	Notes       []string          `json:"notes"`
	Assumptions []string          `json:"assumptions"`
	Gaps        []inventory.Gap   `json:"gaps"`

	// Sentence says it all in one; the text begins with it.
	Sentence string `json:"-"`
}

// Asked is the request that was asked about, with the keys that were given.
type Asked struct {
	Caller   string              `json:"caller"`
	Action   string              `json:"action"`
	Resource string              `json:"resource"`
	Context  map[string][]string `json:"context"`
}

// Missing is a statement to add, and to which policy.
type Missing struct {
	Where     string          `json:"where"`
	Kind      string          `json:"kind"`
	Holder    string          `json:"holder"`
	Account   string          `json:"account"`
	Statement json.RawMessage `json:"statement"`
}

// Guard is what lets no such request pass, whatever other policies allow.
type Guard struct {
	Kind     string           `json:"kind"`
	Policies []finding.Policy `json:"policies"`
	Says     string           `json:"says"`
}

// NewDecision writes an answer out.
func NewDecision(asked Asked, a *access.Answer) Decision {
	d := Decision{
		Request: asked, Decision: a.Decision.String(), Because: grantsOf(a, asked.Action), Conditions: list(a.Conditions),
		Missing: []Missing{}, Guards: []Guard{}, Examples: []finding.Request{}, Notes: list(a.Notes), Assumptions: list(a.Assumed), Gaps: list(a.Gaps),
	}
	if asked.Context == nil {
		d.Request.Context = map[string][]string{}
	}
	for _, m := range a.Missing {
		d.Missing = append(d.Missing, missingOf(m))
	}
	if len(a.Missing) > 0 {
		d.Then, d.ThenConditions = a.Then.String(), a.ThenConditions
	}
	for _, g := range a.Guards {
		d.Guards = append(d.Guards, guardOf(g, asked.Action))
	}
	if a.Decision == access.Depends {
		for _, e := range []struct {
			*access.Request
			finding.Decision
		}{{a.Allowed, finding.Allowed}, {a.Refused, finding.Denied}} {
			if e.Request != nil && len(a.Conditions) > 0 {
				d.Examples = append(d.Examples, finding.Request{
					Caller: asked.Caller, Action: asked.Action, Resource: e.Resource, Context: only(e.Context, a.Conditions), Decision: e.Decision,
				})
			}
		}
	}
	d.Sentence = sentence(d, a)
	return d
}

// only keeps of a context the keys that decide.
func only(context map[string][]string, keys []string) map[string][]string {
	out := map[string][]string{}
	for _, key := range keys {
		if values, ok := context[key]; ok {
			out[key] = values
		}
	}
	return out
}

func grantsOf(a *access.Answer, action string) []finding.Grant {
	out := []finding.Grant{}
	for _, r := range a.Because {
		says := map[access.Role]string{
			access.Allows: "allows " + action, access.Denies: "denies " + action, access.Passes: "lets " + action + " pass",
			access.Unread: "could not be read: it may allow or deny " + action,
		}[r.Role]
		if r.Conditional && a.Decision == access.Depends {
			says += " under its condition"
		}
		out = append(out, finding.GrantOf(r.Element, says))
	}
	return out
}

func missingOf(m access.Missing) Missing {
	out := Missing{Kind: m.Kind.String(), Holder: m.Holder, Account: m.Account, Statement: m.Statement}
	switch m.Kind {
	case inventory.Identity:
		out.Where = "identity policy of " + m.Holder
	default:
		out.Where = fmt.Sprintf("permissions policy of the %s %s in account %s", m.Kind, m.Holder, m.Account)
	}
	return out
}

func guardOf(g access.Guard, action string) Guard {
	out := Guard{Kind: g.Kind.String(), Policies: []finding.Policy{}, Says: "does not allow " + action}
	for _, q := range g.Policies {
		out.Policies = append(out.Policies, finding.Policy{Kind: q.Kind.String(), Name: q.Name, ID: q.ID, Version: q.Version})
	}
	return out
}

// StatedGuard is a guard that AWS named and no file holds.
func StatedGuard(kind, policy, says string) Guard {
	g := Guard{Kind: kind, Policies: []finding.Policy{}, Says: says}
	if policy != "" {
		g.Policies = append(g.Policies, finding.Policy{Kind: kind, Name: arn.ARN{Resource: policy}.Name(), ID: policy})
	}
	return g
}

// sentence says the decision, and of a denial why.
func sentence(d Decision, a *access.Answer) string {
	what := d.Request.Action + " on " + d.Request.Resource
	switch a.Decision {
	case access.Allow:
		return d.Request.Caller + " may call " + what
	case access.Depends:
		if len(a.Conditions) == 0 {
			return d.Request.Caller + " may be able to call " + what + ": it depends on what is not known"
		}
		return d.Request.Caller + " may call " + what + " depending on " + words(a.Conditions)
	}
	return d.Request.Caller + " may not call " + what + ": " + reason(d, a)
}

func reason(d Decision, a *access.Answer) string {
	var why []string
	for _, r := range a.Because {
		if r.Role == access.Denies {
			why = append(why, "a Deny in "+called(r.Policy)+" forbids it")
		}
	}
	for _, g := range a.Guards {
		why = append(why, holdsBack(g))
	}
	if len(why) > 0 {
		return strings.Join(slices.Compact(why), ", and ")
	}
	identity, resource := slices.Contains(a.Lacking, access.IdentitySide), slices.Contains(a.Lacking, access.ResourceSide)
	owner, _ := arn.Parse(d.Request.Resource)
	switch {
	case identity && resource:
		return fmt.Sprintf("no identity policy allows it, and no policy of the domain or repository in account %s does", owner.Account)
	case resource:
		return fmt.Sprintf("its identity policies allow it, and no policy of the domain or repository in account %s does", owner.Account)
	case identity && len(a.Because) > 0:
		return fmt.Sprintf("account %s allows it, and no identity policy does", owner.Account)
	case identity:
		return "no policy allows it"
	}
	return "the policies that allow it never do so at once"
}

func holdsBack(g access.Guard) string {
	var names []string
	for _, q := range g.Policies {
		names = append(names, fmt.Sprintf("%q", q.Name))
	}
	switch {
	case g.Kind == inventory.Boundary:
		return "the permissions boundary " + words(names) + " does not allow it"
	case len(names) == 1:
		return "the service control policy " + names[0] + " does not allow it"
	}
	return "none of the service control policies " + words(names) + " allows it"
}

// called names the policy for a sentence.
func called(q inventory.Policy) string {
	switch q.Kind {
	case inventory.DomainPolicy, inventory.RepositoryPolicy:
		return fmt.Sprintf("the policy of %s %q", q.Kind, q.Name)
	case inventory.SCP:
		return fmt.Sprintf("the service control policy %q", q.Name)
	case inventory.Boundary:
		return fmt.Sprintf("the permissions boundary %q", q.Name)
	}
	return fmt.Sprintf("the %s policy %q", q.Kind, q.Name)
}

// words joins names for a sentence.
func words(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// WriteDecision writes a decision as text or JSON.
func WriteDecision(w io.Writer, f Format, d Decision, o Options) error {
	var out bytes.Buffer
	if f == JSON {
		if err := writeValue(&out, d); err != nil {
			return fmt.Errorf("write json: %w", err)
		}
	} else {
		caller, _ := arn.Parse(d.Request.Caller)
		resource, _ := arn.Parse(d.Request.Resource)
		t := text{&out, style{o.Color}, names{whole: resource.Account != "" && resource.Account != caller.Account}}
		t.decision(d, o.Quiet)
		out.Truncate(len(bytes.TrimRight(out.Bytes(), "\n")) + 1)
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (t text) decision(d Decision, quiet bool) {
	t.line(t.verb(d.Decision) + ": " + Visible(d.Sentence))
	if quiet {
		return
	}
	if len(d.Because) > 0 {
		t.line("")
		t.grants(entry{Finding: finding.Finding{Grants: d.Because}})
	}
	t.line("")
	for _, e := range d.Examples {
		t.labelled(string(e.Decision), t.example(e, d.Conditions)...)
	}
	for _, g := range d.Guards {
		t.labelled("guard", t.guard(g))
	}
	t.missing(d)
	if d.Stated != "" {
		t.line("AWS said: " + Visible(d.Stated))
	}
	t.each("note", d.Notes)
	t.each("assumed", d.Assumptions)
	for _, g := range d.Gaps {
		t.line(t.paint(yellow, "gap:") + " " + gapPlace(g) + ": " + Visible(g.Reason))
	}
}

func (t text) verb(decision string) string {
	code := map[string]string{"allow": green, "deny": red, "depends": yellow}[decision]
	return t.paint(code, decision)
}

// example shows what of a request decides.
func (t text) example(e finding.Request, keys []string) []string {
	var lines []string
	for _, key := range keys {
		if given, ok := e.Context[key]; ok {
			lines = append(lines, "for example with "+Visible(key)+" = "+values(given))
		} else {
			lines = append(lines, "for example without "+Visible(key))
		}
	}
	for i := range lines[min(1, len(lines)):] {
		lines[i+1] = strings.Replace(lines[i+1], "for example", "and", 1)
	}
	return lines
}

func (t text) guard(g Guard) string {
	var names []string
	for _, q := range g.Policies {
		names = append(names, t.short(q.ID))
	}
	kind := guardWords[g.Kind]
	if kind == "" {
		kind = g.Kind
	}
	return Visible(joinWords(kind, strings.Join(names, ", "))) + " " + Visible(g.Says)
}

// guardWords are the kinds of guards as people call them.
var guardWords = map[string]string{
	"identity": "identity-based policy", "domain": "resource-based policy", "boundary": "permissions boundary", "scp": "service control policy",
	"any": "some policy", "rcp": "resource control policy", "session": "session policy", "endpoint": "VPC endpoint policy", "trust": "role trust policy",
}

// missing shows the statements to paste.
func (t text) missing(d Decision) {
	for i, m := range d.Missing {
		verb := "add to the "
		if i > 0 {
			verb = "and to the "
		}
		t.line("  " + t.paint(bold, verb+Visible(m.Where)+":"))
		t.line("")
		var indented bytes.Buffer
		if err := json.Indent(&indented, m.Statement, "    ", "  "); err == nil {
			for line := range strings.SplitSeq("    "+indented.String(), "\n") {
				t.line(Visible(line))
			}
		}
		t.line("")
	}
	switch {
	case d.Then == access.Allow.String():
		t.line("With that, the request is allowed.")
	case len(d.ThenConditions) > 0:
		t.line("With that, the request is allowed depending on " + Visible(words(d.ThenConditions)) + ".")
	case d.Then != "":
		t.line("With that, the request is allowed as far as what is not known allows it.")
	}
}
