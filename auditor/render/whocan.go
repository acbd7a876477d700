package render

import (
	"bytes"
	"fmt"
	"io"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Permitted is the answer of caudit who-can, as its JSON has it. No list is null.
type Permitted struct {
	Action   string `json:"action"`
	Resource string `json:"resource"` // empty for any
	// Context holds the keys that were given.
	Context     map[string][]string  `json:"context"`
	Principals  []PermittedPrincipal `json:"principals"` // in order of their ARNs
	Assumptions []string             `json:"assumptions"`
	Notes       []string             `json:"notes"`
	Gaps        []inventory.Gap      `json:"gaps"`
}

// PermittedPrincipal is a user or role that may.
type PermittedPrincipal struct {
	ARN        string   `json:"arn"`
	Decision   string   `json:"decision"` // allow, depends
	Conditions []string `json:"conditions"`
	// Resource is one on which the decision holds, where any was asked about.
	Resource string          `json:"resource,omitempty"`
	Because  []finding.Grant `json:"because"`
}

// NewPermitted writes out who may. What was assumed, and noted, of several is said
// once.
func NewPermitted(action, resource string, context map[string][]string, list []access.Permitted, gaps []inventory.Gap) Permitted {
	p := Permitted{
		Action: action, Resource: resource, Context: context, Principals: []PermittedPrincipal{},
		Assumptions: []string{}, Notes: []string{}, Gaps: append([]inventory.Gap{}, gaps...),
	}
	if context == nil {
		p.Context = map[string][]string{}
	}
	seen := map[string]bool{}
	add := func(to *[]string, sentences []string) {
		for _, s := range sentences {
			if !seen[s] {
				seen[s] = true
				*to = append(*to, s)
			}
		}
	}
	for _, one := range list {
		row := PermittedPrincipal{
			ARN: one.ARN, Decision: one.Decision.String(), Conditions: append([]string{}, one.Conditions...), Because: grantsOf(one.Answer, action),
		}
		if resource == "" {
			row.Resource = one.Resource
		}
		p.Principals = append(p.Principals, row)
		add(&p.Assumptions, one.Assumed)
		add(&p.Notes, one.Notes)
	}
	return p
}

// WritePermitted writes who may as text or JSON.
func WritePermitted(w io.Writer, f Format, p Permitted, o Options) error {
	var out bytes.Buffer
	if f == JSON {
		if err := writeValue(&out, p); err != nil {
			return fmt.Errorf("write json: %w", err)
		}
	} else {
		t := text{&out, style{o.Color}, names{whole: p.accounts() > 1}}
		t.permitted(p, o.Quiet)
		out.Truncate(len(bytes.TrimRight(out.Bytes(), "\n")) + 1)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// accounts counts the accounts that the answer speaks of.
func (p Permitted) accounts() int {
	seen := map[string]bool{}
	for _, one := range p.Principals {
		parsed, _ := arn.Parse(one.ARN)
		seen[parsed.Account] = true
	}
	if parsed, err := arn.Parse(p.Resource); err == nil {
		seen[parsed.Account] = true
	}
	return len(seen)
}

func (t text) permitted(p Permitted, quiet bool) {
	where := p.Resource
	if where == "" {
		where = "some resource"
	}
	t.line(t.paint(bold, fmt.Sprintf("%s may call %s on %s", count(len(p.Principals), "principal"), Visible(p.Action), Visible(where))))
	for i, group := range alike(p.Principals) {
		if i == 0 || !quiet {
			t.line("")
		}
		one := group[0]
		says := t.verb(one.Decision)
		if len(one.Conditions) > 0 {
			says += " on " + Visible(words(one.Conditions))
		}
		if one.Resource != "" {
			says += ", such as on " + Visible(one.Resource)
		}
		for _, each := range group {
			t.line(Visible(each.ARN) + ": " + says)
		}
		if !quiet && len(one.Because) > 0 {
			t.grants(entry{Finding: finding.Finding{Grants: one.Because}})
		}
	}
	if !quiet {
		t.line("")
		t.each("note", p.Notes)
		t.each("assumed", p.Assumptions)
	}
	for _, g := range p.Gaps {
		t.line(t.paint(yellow, "gap:") + " " + gapPlace(g) + ": " + Visible(g.Reason))
	}
}

// alike groups principals that the same places decide alike, in the order of the
// first of each.
func alike(all []PermittedPrincipal) [][]PermittedPrincipal {
	var groups [][]PermittedPrincipal
	at := map[string]int{}
	for _, one := range all {
		key := one.Decision + one.Resource + fmt.Sprintf("%q", one.Conditions)
		for _, g := range one.Because {
			key += fmt.Sprintf("%q", []string{g.Policy.ID, g.Path, g.Pointer, g.Says})
		}
		i, known := at[key]
		if !known {
			i = len(groups)
			at[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], one)
	}
	return groups
}
