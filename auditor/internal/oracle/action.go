package oracle

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// actionMatches says whether an Action element names the request's action, or a
// NotAction element does not.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
func (e *evaluation) actionMatches(clause policy.Clause) Truth {
	listed := No
	for _, v := range policy.Values(clause) {
		listed = either(listed, e.actionListed(v.Text))
	}
	if _, not := clause.(policy.AllBut); not {
		return e.settled(listed.not(), "NotAction")
	}
	return e.settled(listed, "Action")
}

// actionListed compares one value: letters without regard to case, * and ? as
// wildcards. IAM refuses a wildcard in the service part; what it would make of one
// that it stored is not known. "*:*" is read as "*", as those who write it mean it.
func (e *evaluation) actionListed(text string) Truth {
	if text == "*" || text == "*:*" {
		return Yes
	}
	match := truth(names(strings.ToLower(text), strings.ToLower(e.Action)))
	service, _, hasColon := strings.Cut(text, ":")
	if !hasColon || strings.ContainsAny(service, "*?") {
		match = both(match, Maybe)
	}
	return match
}

// names reports whether an action matches a pattern, by trying.
func names(pattern, action string) bool {
	switch {
	case pattern == "":
		return action == ""
	case pattern[0] == '*':
		return names(pattern[1:], action) || action != "" && names(pattern, action[1:])
	case action == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == action[0]) && names(pattern[1:], action[1:])
}
