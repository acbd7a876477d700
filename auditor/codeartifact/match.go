package codeartifact

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact/internal/pattern"
)

// MatchActions returns the actions of the table whose full name matches an
// element of a policy's Action list: letters without regard to case, "*" any
// run of characters, "?" exactly one.
//
// It says what the text matches and no more. "*" and "*:*" match everything, as
// IAM reads the first and as public parsers differ on the second; "s*:Get*" and
// "code*" match by their text too, although IAM refuses a wildcard in the
// service part: ask [WildcardService]. A pattern of another service costs one
// comparison of its prefix.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func MatchActions(element string) ActionSet {
	if element == "*" {
		return allActions
	}
	colon := strings.IndexByte(element, ':')
	if colon < 0 || strings.ContainsAny(element[:colon], "*?") {
		if !strings.ContainsAny(element, "*?") {
			return ActionSet{}
		}
		return matchNames(element, allActions)
	}
	service, ok := lookupService(element[:colon])
	if !ok {
		return ActionSet{}
	}
	name := element[colon+1:]
	if name == "*" {
		return serviceSets[service]
	}
	if !strings.ContainsAny(name, "*?") {
		return matchName(element, serviceSets[service])
	}
	return matchNames(element, serviceSets[service])
}

// WildcardService reports whether an element of an Action list has a wildcard
// where the service stands, which IAM refuses ("code*:*", "s?s:Get*", "code*").
// "*" alone is regular; "*:*" is let pass, since sources differ on it.
func WildcardService(element string) bool {
	if element == "*" || element == "*:*" {
		return false
	}
	service, _, _ := strings.Cut(element, ":")
	return strings.ContainsAny(service, "*?")
}

// HasWildcard reports whether an element of an Action list stands for whatever
// matches it, not for one action.
func HasWildcard(element string) bool { return strings.ContainsAny(element, "*?") }

// matchName finds the one action whose full name is element.
func matchName(element string, among ActionSet) ActionSet {
	for a := range among.All() {
		if pattern.EqualFold(actions[a].FullName, element) {
			return ActionSet{}.Add(a)
		}
	}
	return ActionSet{}
}

// matchNames tries every action of among. Matching a name costs no more than the
// square of its length, however long the pattern, except for runs of stars;
// policies are written by strangers, so those are made one first.
func matchNames(element string, among ActionSet) ActionSet {
	for strings.Contains(element, "**") {
		element = strings.ReplaceAll(element, "**", "*")
	}
	var s ActionSet
	for a := range among.All() {
		if pattern.Match(element, actions[a].FullName) {
			s = s.Add(a)
		}
	}
	return s
}

// The services of the table, in its order.
const (
	serviceCodeArtifact = iota
	serviceSTS
	serviceIAM
	serviceCount
)

// lookupService returns the index of the service with that prefix. Lengths
// differ, so a foreign prefix is told apart at once.
func lookupService(prefix string) (int, bool) {
	switch {
	case len(prefix) == len("codeartifact") && pattern.EqualFold(prefix, "codeartifact"):
		return serviceCodeArtifact, true
	case len(prefix) == len("sts") && pattern.EqualFold(prefix, "sts"):
		return serviceSTS, true
	case len(prefix) == len("iam") && pattern.EqualFold(prefix, "iam"):
		return serviceIAM, true
	}
	return 0, false
}
