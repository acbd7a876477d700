package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// ImpossibleARN is an element of a Resource or NotResource list that means a
// resource of CodeArtifact's and matches none that there can be.
type ImpossibleARN struct {
	By     Element
	Text   string // as written
	Effect policy.Effect
	Not    bool // in NotResource: what it was to keep out is not
	// What is wrong with it: "goes on behind the name of a domain".
	What string
	// Region: the Region is the only thing that is wrong with it.
	Region bool
	// Correct is what was probably meant; empty where that is not plain.
	Correct string
	// Actions are those of CodeArtifact's that the statement names.
	Actions codeartifact.ActionSet
	// Intended is what its author evidently meant.
	Intended Outcome
}

// ImpossibleARNs returns the resource elements of q that mean resources of
// CodeArtifact's and match none that there can be: those written as its ARNs, and
// in statements that name no other service's actions all of them.
func (w *World) ImpossibleARNs(q *Policy) ([]ImpossibleARN, error) {
	var out []ImpossibleARN
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		if s.Resources == nil {
			continue
		}
		_, named := namedActions(s.Actions)
		named = named.And(codeartifact.CodeArtifactActions())
		for _, v := range policy.Values(s.Resources) {
			if named.IsEmpty() || !meansOurs(s, v.Text) {
				continue
			}
			checked, err := q.alone.access.checkARN(v.Text, q.Document.Parsed.Version, q.alone.steps())
			if err != nil {
				return nil, err
			}
			if checked.possible {
				continue
			}
			_, not := s.Resources.(policy.AllBut)
			found := ImpossibleARN{
				By: Element{Policy: q.Policy, Statement: s, Place: v.Place}, Text: v.Text, Effect: s.Effect, Not: not,
				What: checked.what, Region: checked.region, Correct: checked.correct, Actions: named,
			}
			about := named.And(codeartifact.ActionsOn(typeIn(checked.meant)))
			if about.IsEmpty() {
				about = named
			}
			if found.Intended, err = w.meant(q, s, about, policy.Only{{Text: checked.meant}}); err != nil {
				return nil, err
			}
			out = append(out, found)
		}
	}
	return out, nil
}

// meansOurs reports whether a resource element means something of CodeArtifact's:
// it is written as an ARN of it, or begins as the resource part of one does, or the
// statement names no action of another service.
func meansOurs(s *policy.Statement, text string) bool {
	if strings.Trim(text, "*") == "" {
		return false
	}
	if parts := strings.SplitN(text, ":", 4); len(parts) == 4 && parts[0] == "arn" {
		return strings.EqualFold(parts[2], ourService) || onlyOurs(s)
	}
	return onlyOurs(s) || !strings.HasPrefix(text, "arn:") && typeIn(text) != 0
}

// onlyOurs reports whether every action that a statement lists is CodeArtifact's
// by name.
func onlyOurs(s *policy.Statement) bool {
	only, _ := s.Actions.(policy.Only)
	return len(only) > 0 && !slices.ContainsFunc(only, func(v policy.Value) bool { return !namesService(v.Text, ourService) })
}

// typeIn returns the type of resource that the resource part of an ARN names.
func typeIn(text string) codeartifact.ResourceType {
	if parts := strings.SplitN(text, ":", 6); len(parts) == 6 {
		text = parts[5]
	}
	for _, t := range codeartifact.ResourceTypes() {
		if strings.HasPrefix(text, typeStart(t)) {
			return t
		}
	}
	return 0
}

// arnCheck says whether a resource pattern matches any ARN that a resource of
// CodeArtifact can have.
type arnCheck struct {
	possible, region bool
	what, correct    string
	// meant is a pattern of resources that the author had in mind.
	meant string
}

// arnKey identifies a resource pattern: the version decides what ${ is.
type arnKey struct {
	text    string
	version policy.Version
}

// arnMemory is what was found out of resource patterns.
type arnMemory struct {
	checks map[arnKey]arnCheck
	types  map[arnKey][]codeartifact.ResourceType
}

func newARNMemory() *arnMemory {
	return &arnMemory{checks: map[arnKey]arnCheck{}, types: map[arnKey][]codeartifact.ResourceType{}}
}

// checkARN is found out once for each text.
func (x *Access) checkARN(text string, v policy.Version, b *glob.Budget) (arnCheck, error) {
	key := arnKey{text, v}
	if known, ok := x.arns.checks[key]; ok {
		return known, nil
	}
	c, err := inspectARN(text, v, x.regions, b)
	if err == nil {
		x.arns.checks[key] = c
	}
	return c, err
}

func inspectARN(text string, v policy.Version, regions []string, b *glob.Budget) (arnCheck, error) {
	possible, err := matchesSome(text, v, b)
	if err != nil {
		return arnCheck{}, err
	}
	parts := strings.SplitN(text, ":", 6)
	if possible {
		region := ""
		if len(parts) > 4 {
			region = parts[3]
		}
		if len(parts) < 5 || startsRegion(region, regions) {
			return arnCheck{possible: true}, nil
		}
		parts[3] = regions[0]
		return arnCheck{
			region: true, meant: strings.Join(parts, ":"),
			what: fmt.Sprintf("is in Region %s, where CodeArtifact was not on %s", region, codeartifact.DataDate()),
		}, nil
	}
	c := arnCheck{}
	next := text
	for range mostCorrections {
		var what string
		what, next = diagnosis(next, v)
		if c.what == "" {
			c.what = what
		}
		if next == "" {
			break
		}
		if possible, err = matchesSome(next, v, b); err != nil {
			return arnCheck{}, err
		}
		if possible {
			c.correct, c.meant = next, next
			return c, nil
		}
	}
	c.meant = nearby(parts)
	return c, nil
}

// mostCorrections is how many things can be wrong with one ARN.
const mostCorrections = 4

// startsRegion reports whether what a pattern has in place of the Region can begin
// one that has the service.
func startsRegion(pattern string, regions []string) bool {
	fixed := strings.IndexAny(pattern, "*?$")
	return slices.ContainsFunc(regions, func(region string) bool {
		if fixed < 0 {
			return region == pattern
		}
		return strings.HasPrefix(region, pattern[:fixed])
	})
}

// nearby returns a pattern of all resources of the Region and account that an ARN
// names as far as it does.
func nearby(parts []string) string {
	where := []string{"*", "*"}
	for i := range where {
		if len(parts) > 5 && parts[3+i] != "" && (i == 0 || isAccountPattern(parts[4])) {
			where[i] = parts[3+i]
		}
	}
	return "arn:aws:codeartifact:" + where[0] + ":" + where[1] + ":*"
}

func isAccountPattern(text string) bool {
	return strings.ContainsAny(text, "*?$") || len(text) == 12 && strings.Trim(text, "0123456789") == ""
}

// nobody is a caller of whom nothing is known: variables can stand for anything.
var nobody = &Caller{}

// matchesSome reports whether a resource pattern matches an ARN that a resource of
// CodeArtifact can have in some Region, whichever Regions there are. Wildcards run on
// past slashes, and variables stand for anything.
func matchesSome(text string, v policy.Version, b *glob.Budget) (bool, error) {
	for _, t := range codeartifact.ResourceTypes() {
		if some, err := matchesType(text, v, t, b); some || err != nil {
			return some, err
		}
	}
	return false, nil
}

// matchesType reports it of the ARNs of one type.
func matchesType(text string, v policy.Version, t codeartifact.ResourceType, b *glob.Budget) (bool, error) {
	if plain := plainType(text); plain != 0 && plain != t || !encodedWell(text, v) || overlong(text) {
		return false, nil
	}
	wide := openPattern(text, v)
	if whole, ok := wide.Text(); ok { // as most are
		return possibleARNs[t].Match(whole), nil
	}
	m := glob.NewMachine([]glob.Union{{wide}})
	if err := b.Spend(m.Size()); err != nil {
		return false, err
	}
	_, some, err := m.FindMember(m.Start(), possibleARNs[t], []bool{true}, b)
	return some, err
}

// openPattern returns the ARNs that a pattern can stand for, of whatever caller. In
// one that has all six parts, wildcards stay inside theirs: past them they could
// only reach names with colons in them.
func openPattern(text string, v policy.Version) glob.Pattern {
	if plain(text) {
		return glob.Literal(text)
	}
	b := glob.New()
	whole := strings.Count(withoutVariables(text), ":") >= 5
	part := 0
	variables{version: v, caller: nobody}.expand(text, func(piece string, isValue bool) {
		for _, c := range piece {
			class := glob.AnyChar
			if whole && part < 5 {
				class = class.Without(":")
			}
			switch {
			case isValue || c != '*' && c != '?':
				b.Text(string(c))
			default:
				wildcard(b, byte(c), class)
			}
			if c == ':' {
				part++
			}
		}
	}, func() { b.Many(glob.AnyChar) })
	return b.Pattern()
}

// plainType returns the type of resource of a text that names it before any
// wildcard or variable.
func plainType(text string) codeartifact.ResourceType {
	if open := strings.IndexAny(text, "*?$"); open >= 0 {
		text = text[:open]
	}
	if strings.Count(text, ":") < 5 {
		return 0
	}
	return typeIn(text)
}

// possibleARNs are the shapes of ARNs of each type in a Region of any name. Names
// of packages may hold whatever AWS's pattern for them does; of npm's namespaces it
// says that the scope stands there without its @. The pattern of a package group has
// at most three fields.
//
// Sources: https://docs.aws.amazon.com/codeartifact/latest/ug/package-group-definition-syntax-matching-behavior.html,
// https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_DescribePackage.html
// and https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html
var possibleARNs = func() map[codeartifact.ResourceType]glob.Union {
	nameChars := glob.AnyChar.Without("#/ \t\n\r")
	groupChars := glob.AnyChar.Without("/ \t\n\r*$")
	start := func(t codeartifact.ResourceType) *glob.Builder {
		b := glob.New().Text("arn:aws:codeartifact:").One(domainChars).Many(domainChars).Text(":").Times(12, glob.Digits)
		return nameOf(b.Text(":"+typeStart(t)), "")
	}
	inRepository := func(t codeartifact.ResourceType) *glob.Builder { return repositoryName(start(t).Text("/")) }
	var packages glob.Union
	for _, format := range codeartifact.Formats() {
		of := func() *glob.Builder { return inRepository(codeartifact.Package).Text("/" + format + "/") }
		named := func(b *glob.Builder) glob.Pattern { return b.Text("/").One(nameChars).Many(nameChars).Pattern() }
		if format == "npm" {
			packages = append(packages, named(of()), named(of().One(nameChars.Without("@")).Many(nameChars)))
			continue
		}
		packages = append(packages, named(of().Many(nameChars)))
	}
	// A group's pattern has a format, a namespace and a name at most.
	var groups glob.Union
	for fields := range 3 {
		b := start(codeartifact.PackageGroup).Text("/").Many(groupChars.Without(":"))
		for range fields {
			b.Text("/").Many(groupChars)
		}
		groups = append(groups, b.Pattern())
	}
	return map[codeartifact.ResourceType]glob.Union{
		codeartifact.Domain:       {start(codeartifact.Domain).Pattern()},
		codeartifact.Repository:   {inRepository(codeartifact.Repository).Pattern()},
		codeartifact.Package:      packages,
		codeartifact.PackageGroup: groups,
	}
}()

// The longest names that domains and repositories can have.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_CreateRepository.html
const longestDomain, longestRepository = 50, 100

// overlong reports whether a pattern names a domain or repository by more letters
// than a name can have.
func overlong(text string) bool {
	segments := segmentsOf(text)
	letters := func(i int) int {
		if len(segments) <= i || strings.Contains(segments[i], "${") {
			return 0
		}
		return len(strings.ReplaceAll(segments[i], "*", ""))
	}
	return typeIn(text) != 0 && (letters(1) > longestDomain && !strings.Contains(segments[1], "*") ||
		typeIn(text) != codeartifact.PackageGroup && letters(2) > longestRepository && !strings.Contains(segments[2], "*"))
}

// segmentsOf returns what slashes separate in the resource part of an ARN, slashes
// inside variables apart.
func segmentsOf(text string) []string {
	if parts := strings.SplitN(text, ":", 6); len(parts) == 6 {
		text = parts[5]
	}
	var out []string
	start, inside := 0, false
	for i := range len(text) {
		switch {
		case strings.HasPrefix(text[i:], "${"):
			inside = true
		case text[i] == '}':
			inside = false
		case text[i] == '/' && !inside:
			out, start = append(out, text[start:i]), i+1
		}
	}
	return append(out, text[start:])
}

// encodedWell reports whether the part of a package group's ARN that stands for its
// pattern is encoded as AWS encodes it, as far as it is written out: %2a, %24 and
// %25, in lower case.
//
// Source: https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html
func encodedWell(text string, v policy.Version) bool {
	if typeIn(text) != codeartifact.PackageGroup {
		return true
	}
	for {
		_, rest, found := strings.Cut(text, "%")
		if !found {
			return true
		}
		code := rest[:min(2, len(rest))]
		open := strings.ContainsAny(code, "*?") || v == policy.Version2012 && strings.Contains(code, "$")
		if !open && code != "2a" && code != "24" && code != "25" {
			return false
		}
		text = rest
	}
}
