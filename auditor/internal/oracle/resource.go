package oracle

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// resourceMatches says whether a Resource element names the request's resource,
// or a NotResource element does not. Statements without the element, as in trust
// policies, are about what they are attached to.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
func (e *evaluation) resourceMatches(version policy.Version, clause policy.Clause) Truth {
	if clause == nil {
		return Yes
	}
	listed := No
	for _, v := range policy.Values(clause) {
		listed = either(listed, e.resourceListed(version, v.Text))
	}
	if _, not := clause.(policy.AllBut); not {
		return e.settled(listed.not(), "NotResource")
	}
	return e.settled(listed, "Resource")
}

func (e *evaluation) resourceListed(version policy.Version, text string) Truth {
	x := e.expand(version, text)
	if x.valueless {
		return e.settled(No, "variable without value")
	}
	pattern := x.symbols
	if e.Resource == "*" {
		return e.everythingListed(pattern, text)
	}
	match := No
	if like(pattern, e.Resource) {
		match = Maybe
	}
	if like(boundInside(pattern), e.Resource) {
		match = Yes
	}
	if x.early || x.doubtful {
		match = both(match, Maybe)
	}
	if x.used {
		match = e.settled(match, "variable")
	}
	return match
}

// boundInside marks the wildcards that certainly match nothing beyond their
// colon-separated part as AWS describes them: a * that ends its part may run on
// past the colon, behind the fifth colon there are no parts any more, and of the
// others AWS says that they work inside their part.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func boundInside(pattern []symbol) []symbol {
	out := append([]symbol{}, pattern...)
	colons := 0
	for i := range out {
		if out[i].char == ':' && !out[i].wild {
			colons++
		}
		next := i + 1
		for next < len(out) && out[next].wild && out[next].char == '*' {
			next++
		}
		ends := out[i].char == '*' && (next == len(out) || out[next].char == ':' && !out[next].wild)
		out[i].bound = out[i].wild && colons < 5 && !ends
	}
	return out
}

// everythingListed decides actions that have no resource type: they are
// authorized on "*". Only a * is certain to match that. For the calls that create
// something AWS's documents disagree, so that an ARN of what they create, or of
// the domain it is created in, may match.
//
// Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html,
// https://docs.aws.amazon.com/codeartifact/latest/ug/auth-and-access-control-permissions-reference.html
// and https://docs.aws.amazon.com/codeartifact/latest/ug/domain-policies.html
func (e *evaluation) everythingListed(pattern []symbol, text string) Truth {
	if onlyStars(pattern) {
		return Yes
	}
	if like(pattern, "*") {
		return Maybe
	}
	if len(e.Also) > 0 {
		return No // the other readings are in there
	}
	action, _ := codeartifact.LookupAction(e.Action)
	kinds := map[string][]string{
		"CreateDomain": {"domain/"}, "CreateRepository": {"repository/", "domain/"}, "CreatePackageGroup": {"package-group/"},
	}[action.Info().Name]
	for _, kind := range kinds {
		if mayCreate(text, kind) {
			return Maybe
		}
	}
	return No
}

// mayCreate reports whether a pattern could match some ARN of CodeArtifact whose
// resource part begins with kind. It is enough that what stands before the first
// wildcard or variable of either side goes together.
func mayCreate(text, kind string) bool {
	fixed := func(s string) string {
		if end := strings.IndexAny(strings.ReplaceAll(s, "${", "*"), "*?"); end >= 0 {
			return s[:end]
		}
		return s
	}
	agree := func(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
	parts := strings.SplitN(text, ":", 6)
	return agree(fixed(text), "arn:aws:codeartifact:") && (len(parts) < 6 || agree(fixed(parts[5]), kind))
}
