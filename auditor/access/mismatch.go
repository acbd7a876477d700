package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// Mismatch is an action element that meets no resource, in its statement, that its
// actions act on.
type Mismatch struct {
	By      Element // Actions are those that it names
	Text    string  // as written
	Effect  policy.Effect
	Not     bool // NotResource leaves out all that they act on
	Targets []Target
	// Needs are the types of resource that the actions act on; none where they are
	// about no resource, so that "*" alone fits.
	Needs []codeartifact.ResourceType
	// Fitting are the resources that follow from those named and are what the actions
	// act on, so that a corrected statement would name them; none where that is not
	// plain.
	Fitting  []string
	Intended Outcome
}

// Target is a resource element with the types of CodeArtifact's that it can match.
type Target struct {
	By    Element
	Types []codeartifact.ResourceType
}

// Mismatches returns the action elements of q of which no action meets a resource
// that it can act on. Elements that name other services' actions too, or the Create
// actions, on whose resources AWS's documents differ, are left out. Of a resource
// that cannot be, what was probably meant counts.
func (w *World) Mismatches(q *Policy) ([]Mismatch, error) {
	var out []Mismatch
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		only, _ := s.Actions.(policy.Only)
		if s.Resources == nil || !slices.ContainsFunc(only, func(v policy.Value) bool { return namesService(v.Text, ourService) }) {
			continue
		}
		of, err := q.targets(s)
		if err != nil {
			return nil, err
		}
		if of.reported {
			continue
		}
		for _, v := range only {
			named := codeartifact.MatchActions(v.Text)
			if named.IsEmpty() || !namesService(v.Text, ourService) || of.meetSome(named) || q.neverDecides(named) {
				continue
			}
			m := Mismatch{
				By: Element{Policy: q.Policy, Statement: s, Place: v.Place, Actions: named}, Text: v.Text, Effect: s.Effect,
				Not: of.not, Targets: of.list, Needs: needs(named),
			}
			m.Fitting = of.fitting(m.Needs)
			if m.Intended, err = w.meant(q, s, named, of.intended(m)); err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// Acting returns those of some actions that meet, in a statement of q, a resource
// that they can act on.
func (q *Policy) Acting(s *policy.Statement, set codeartifact.ActionSet) (codeartifact.ActionSet, error) {
	if s.Resources == nil {
		return set, nil
	}
	of, err := q.targets(s)
	if err != nil {
		return codeartifact.ActionSet{}, err
	}
	var acting codeartifact.ActionSet
	for a := range set.All() {
		if one := codeartifact.Actions(a); of.meetSome(one) {
			acting = acting.Or(one)
		}
	}
	return acting, nil
}

// needs returns the types of resource that some actions act on.
func needs(set codeartifact.ActionSet) []codeartifact.ResourceType {
	var out []codeartifact.ResourceType
	for _, t := range codeartifact.ResourceTypes() {
		if set.Meets(codeartifact.ActionsOn(t)) {
			out = append(out, t)
		}
	}
	return out
}

// targets is what the resource element of a statement matches.
type targets struct {
	list []Target
	not  bool
	// everything: stars alone, which also fit actions without a resource.
	everything bool
	types      map[codeartifact.ResourceType]bool
	texts      []string
	// reported: nothing is named but what cannot be, or what the policy does not
	// reach, which is a finding of its own.
	reported bool
}

func (q *Policy) targets(s *policy.Statement) (targets, error) {
	of := targets{types: map[codeartifact.ResourceType]bool{}, reported: true}
	_, of.not = s.Resources.(policy.AllBut)
	if of.not {
		return of, q.leftBy(s, &of)
	}
	x, b, version := q.alone.access, q.alone.steps(), q.Document.Parsed.Version
	for _, v := range policy.Values(s.Resources) {
		text := v.Text
		if glob.Compile(text).Match("*") {
			of.everything = true
		}
		if meansOurs(s, text) {
			checked, err := x.checkARN(text, version, b)
			if err != nil {
				return of, err
			}
			if !checked.possible && !checked.region {
				text = checked.correct
			}
		}
		types, err := x.typesMatched(text, version, b)
		if err != nil {
			return of, err
		}
		outside, err := q.outside(s, v, b)
		if err != nil {
			return of, err
		}
		of.reported = of.reported && (outside || text != v.Text || len(types) == 0 && meansOurs(s, v.Text))
		of.list = append(of.list, Target{Element{Policy: q.Policy, Statement: s, Place: v.Place}, types})
		of.texts = append(of.texts, text)
		for _, t := range types {
			of.types[t] = true
		}
	}
	return of, nil
}

// leftBy finds out what a NotResource element leaves.
func (q *Policy) leftBy(s *policy.Statement, of *targets) error {
	of.reported, of.everything = false, true
	out := glob.Union{}
	for _, v := range policy.Values(s.Resources) {
		narrow, wide, state := resourcePattern(v.Text, variables{version: q.Document.Parsed.Version, caller: nobody})
		of.everything = of.everything && strings.Trim(v.Text, "*") != ""
		of.list = append(of.list, Target{By: Element{Policy: q.Policy, Statement: s, Place: v.Place}})
		switch {
		case state != resolved: // it may leave out nothing
		case narrow != nil:
			out = append(out, *narrow)
		default:
			out = append(out, wide)
		}
	}
	b := q.alone.steps()
	m := glob.NewMachine([]glob.Union{out})
	if err := b.Spend(m.Size()); err != nil {
		return err
	}
	for _, t := range codeartifact.ResourceTypes() {
		_, some, err := m.FindMember(m.Start(), possibleARNs[t], []bool{false}, b)
		if err != nil {
			return err
		}
		of.types[t] = some
	}
	return nil
}

// meetSome reports whether some action can act on what is named.
func (of *targets) meetSome(set codeartifact.ActionSet) bool {
	for a := range set.All() {
		info := a.Info()
		if info.WildcardOnly && (of.everything || len(info.UserGuideTypes) > 0) ||
			slices.ContainsFunc(info.Types, func(t codeartifact.ResourceType) bool { return of.types[t] }) {
			return true
		}
	}
	return false
}

// fitting returns the resources of the types needed that follow from those named.
func (of *targets) fitting(needed []codeartifact.ResourceType) []string {
	if of.not || len(needed) > 1 {
		return nil
	}
	if len(needed) == 0 {
		return []string{"*"}
	}
	var out []string
	for _, text := range of.texts {
		follows := ""
		switch parent := parentOf(text); {
		case needed[0] == codeartifact.Domain:
			follows = parent
		case needed[0] == codeartifact.Package && typeIn(text) == codeartifact.Repository:
			follows = strings.Replace(text, ":"+typeStart(codeartifact.Repository), ":"+typeStart(codeartifact.Package), 1) + "/*"
		}
		if follows == "" {
			return nil
		}
		if !slices.Contains(out, follows) {
			out = append(out, follows)
		}
	}
	return out
}

// parentOf returns the ARN of the domain that a resource is in, empty where its
// text does not show it.
func parentOf(text string) string {
	parts := strings.SplitN(text, ":", 6)
	segments := segmentsOf(text)
	if len(parts) < 6 || typeIn(text) == 0 || len(segments) < 2 || segments[1] == "" {
		return ""
	}
	return strings.Join(parts[:5], ":") + ":" + typeStart(codeartifact.Domain) + segments[1]
}

// intended is what the author probably had in mind to name: what fits, else
// resources of the types needed around what is named.
func (of *targets) intended(m Mismatch) policy.Clause {
	var out policy.Only
	for _, text := range m.Fitting {
		out = append(out, policy.Value{Text: text})
	}
	if len(out) > 0 || of.not {
		return out
	}
	for _, text := range of.texts {
		parent := parentOf(text)
		for _, t := range m.Needs {
			if parent != "" && t != codeartifact.Domain {
				inside := strings.Replace(parent, ":"+typeStart(codeartifact.Domain), ":"+typeStart(t), 1)
				if segments := segmentsOf(text); t == codeartifact.Repository && typeIn(text) == codeartifact.Package && len(segments) > 2 {
					out = append(out, policy.Value{Text: inside + "/" + segments[2]})
				} else {
					out = append(out, policy.Value{Text: inside + "/*"})
				}
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// typesMatched returns the types of resource of which a pattern matches some ARN,
// found out once for each text.
func (x *Access) typesMatched(text string, v policy.Version, b *glob.Budget) ([]codeartifact.ResourceType, error) {
	key := arnKey{text, v}
	if known, ok := x.arns.types[key]; ok {
		return known, nil
	}
	var out []codeartifact.ResourceType
	for _, t := range codeartifact.ResourceTypes() {
		some, err := matchesType(text, v, t, b)
		if err != nil {
			return nil, err
		}
		if some {
			out = append(out, t)
		}
	}
	x.arns.types[key] = out
	return out, nil
}
