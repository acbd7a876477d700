package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/spelling"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// diagnosis says the first thing that is wrong with a resource pattern that matches
// nothing of CodeArtifact's, and what it is with that put right; empty where that
// is not plain.
func diagnosis(text string, v policy.Version) (what, next string) {
	parts := strings.SplitN(text, ":", 6)
	fixed := func(i int) bool { return !strings.ContainsAny(parts[i], "*?$") }
	with := func(i int, part string) string {
		changed := slices.Clone(parts)
		changed[i] = part
		return strings.Join(changed, ":")
	}
	switch {
	case parts[0] != "arn":
		return "is no ARN", ""
	case len(parts) > 1 && fixed(1) && parts[1] != "aws":
		return fmt.Sprintf("is of partition %q, which has no CodeArtifact", short(parts[1])), ""
	case len(parts) < 6:
		return fmt.Sprintf("has %d of the six parts of an ARN", len(parts)), ""
	case spelling.Slip(parts[2], ourService) || parts[2] != ourService && strings.EqualFold(parts[2], ourService):
		return fmt.Sprintf("names service %q", short(parts[2])), with(2, ourService)
	case fixed(2) && parts[2] != ourService:
		return "is an ARN of another service", ""
	case parts[3] == "":
		return "names no Region", ""
	case fixed(3) && strings.Trim(parts[3], "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return fmt.Sprintf("names Region %q, which is none", short(parts[3])), with(3, strings.ToLower(parts[3]))
	case parts[4] == "":
		return "names no account", ""
	case fixed(4) && !arn.IsAccountID(parts[4]):
		return fmt.Sprintf("names account %q, which is none", short(parts[4])), ""
	case v != policy.Version2012 && strings.Contains(text, "${"):
		return "holds a variable, which a policy of version 2008-10-17 does not know", ""
	}
	what, resource := resourceDiagnosis(parts[5])
	if resource == "" {
		return what, ""
	}
	return what, with(5, resource)
}

// resourceDiagnosis does it for the resource part.
func resourceDiagnosis(resource string) (what, next string) {
	const otherwise = "matches no ARN that a resource of CodeArtifact can have"
	segments := segmentsOf(resource)
	if outside := withoutVariables(resource); strings.Contains(outside, ":") && typeIn(strings.Replace(outside, ":", "/", 1)) != 0 && typeIn(resource) != codeartifact.Package {
		return "has a colon where a slash belongs", colonsToSlashes(resource)
	}
	if last := len(segments) - 1; last > 1 && segments[last] == "" {
		return "ends in a slash", strings.TrimRight(resource, "/")
	}
	switch typeIn(resource) {
	case codeartifact.Domain:
		switch {
		case len(segments) == 3 && strings.Trim(segments[2], "*") != "":
			return "goes on behind the name of a domain", "repository/" + segments[1] + "/" + segments[2]
		case len(segments) > 2:
			return "goes on behind the name of a domain", ""
		}
		return nameDiagnosis(segments, otherwise)
	case codeartifact.Repository:
		switch {
		case len(segments) == 2:
			return "names a repository without its domain", ""
		case len(segments) > 3:
			return "goes on behind the name of a repository", "package/" + strings.Join(segments[1:], "/")
		}
		return nameDiagnosis(segments, otherwise)
	case codeartifact.Package:
		if what, next = nameDiagnosis(segments, ""); what != "" {
			return what, next
		}
		return packageDiagnosis(segments, otherwise)
	case codeartifact.PackageGroup:
		if what, next = nameDiagnosis(segments[:2], ""); what != "" {
			return what, next + strings.TrimPrefix(resource, strings.Join(segments[:2], "/"))
		}
		if len(segments) == 2 {
			return "names a package group without its pattern", ""
		}
		return "is not encoded as ARNs of package groups are", encoded(resource)
	}
	return "names no type of resource that CodeArtifact has", retyped(segments)
}

// packageDiagnosis says what is wrong with the part of a package's ARN behind the
// repository.
func packageDiagnosis(segments []string, otherwise string) (what, next string) {
	if len(segments) < 5 {
		return "ends before the name of a package", ""
	}
	format, rest := segments[3], segments[4:]
	known := slices.Contains(codeartifact.Formats(), format)
	rejoin := func() string { return strings.Join(segments, "/") }
	switch {
	case !known && !strings.ContainsAny(format, "*?$"):
		what, segments[3] = fmt.Sprintf("names format %q, which CodeArtifact does not have", short(format)), strings.ToLower(format)
		if !slices.Contains(codeartifact.Formats(), segments[3]) {
			return what, ""
		}
		return what, rejoin()
	case len(rest) == 1:
		return "leaves out the namespace, whose field is there even when it is empty", strings.Join(segments[:4], "/") + "//" + rest[0]
	case format == "npm" && strings.HasPrefix(rest[0], "@"):
		segments[4] = rest[0][1:]
		return "writes the scope of an npm package with its @", rejoin()
	case len(rest) > 2:
		return "goes on behind the name of a package", ""
	}
	return otherwise, ""
}

// nameDiagnosis says what is wrong with the names of a domain and a repository.
func nameDiagnosis(segments []string, otherwise string) (what, next string) {
	name := segments[1]
	if lower := strings.ToLower(name); lower != name && !strings.Contains(name, "$") {
		changed := slices.Clone(segments)
		changed[1] = lower
		return fmt.Sprintf("names domain %q, which no domain can be called", short(name)), strings.Join(changed, "/")
	}
	if !strings.ContainsAny(name, "*?$") && !codeartifact.ValidDomainName(name) {
		return fmt.Sprintf("names domain %q, which no domain can be called", short(name)), ""
	}
	if len(segments) > 2 && !strings.ContainsAny(segments[2], "*?$") && !canBeRepository(segments[2]) {
		return fmt.Sprintf("names repository %q, which no repository can be called", short(segments[2])), ""
	}
	return otherwise, ""
}

var repositoryNames = repositoryName(glob.New()).Pattern()

func canBeRepository(name string) bool {
	return len(name) <= longestRepository && repositoryNames.Match(name)
}

// retyped puts the type of resource in place of one that is spelt otherwise, such
// as "Repositories"; empty where none is like it.
func retyped(segments []string) string {
	like := strings.ToLower(strings.ReplaceAll(segments[0], "_", "-"))
	if one, plural := strings.CutSuffix(like, "ies"); plural {
		like = one + "y"
	}
	for _, t := range codeartifact.ResourceTypes() {
		if like == t.String() || like == t.String()+"s" || spelling.Slip(like, t.String()) {
			return strings.Join(append([]string{t.String()}, segments[1:]...), "/")
		}
	}
	return ""
}

// encoded writes a package group's ARN with the codes that AWS uses.
func encoded(resource string) string {
	return strings.NewReplacer("%2A", "%2a", "%2a", "%2a", "%24", "%24", "%25", "%25", "${", "${", "$", "%24").Replace(resource)
}

// withoutVariables leaves out what stands between ${ and }.
func withoutVariables(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		_, text, _ = strings.Cut(rest, "}")
	}
}

// colonsToSlashes puts slashes in place of the colons outside of variables.
func colonsToSlashes(text string) string {
	out := []byte(text)
	inside := false
	for i := range out {
		switch {
		case strings.HasPrefix(text[i:], "${"):
			inside = true
		case out[i] == '}':
			inside = false
		case out[i] == ':' && !inside:
			out[i] = '/'
		}
	}
	return string(out)
}

// longestShown is how much of a text from outside is quoted.
const longestShown = 60

func short(text string) string {
	if len(text) <= longestShown {
		return text
	}
	return strings.ToValidUTF8(text[:longestShown], "") + "…"
}
