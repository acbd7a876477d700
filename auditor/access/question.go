package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// Question is one action on one resource, under what is known of the request's
// condition keys. Keys that are not given are free. NewQuestion makes it.
type Question struct {
	action   codeartifact.Action
	resource string // an ARN; "*" for actions without resource; empty for any resource
	given    []givenKey
}

// givenKey is a condition key with the value that the request has for it.
type givenKey struct {
	name  string // as it was written
	dim   string
	info  *codeartifact.KeyInfo // nil for keys of other services
	value value
}

// QuestionError says why a question cannot be asked, and what could be.
type QuestionError struct{ Message, Hint string }

// Error returns the message.
func (e *QuestionError) Error() string { return e.Message }

func unaskable(hint, format string, args ...any) error {
	return &QuestionError{Message: fmt.Sprintf(format, args...), Hint: hint}
}

// NewQuestion returns the question whether a is allowed on a resource. The
// resource is an ARN, "*" for actions that are not authorized on one, or empty
// for any resource. A key of context without a value is one that the request
// does not carry. The error, a *QuestionError, says which part no request can
// have.
func NewQuestion(a codeartifact.Action, resource string, context map[string][]string) (Question, error) {
	q := Question{action: a, resource: resource}
	if a.Info().Service != "codeartifact" && a != codeartifact.GetServiceBearerToken {
		return q, unaskable("", "%v is not decided here (expected a codeartifact action or %v)", a, codeartifact.GetServiceBearerToken)
	}
	if resource == "" && withoutResource(a) {
		q.resource = "*"
	}
	if q.resource != "" {
		if err := checkResource(a, q.resource); err != nil {
			return q, err
		}
	}
	var err error
	q.given, err = readContext(context)
	return q, err
}

// Action returns the action asked about.
func (q Question) Action() codeartifact.Action { return q.action }

// Resource returns the resource asked about: an ARN, "*", or empty for any.
func (q Question) Resource() string { return q.resource }

// withoutResource reports whether a is authorized on no resource at all.
func withoutResource(a codeartifact.Action) bool {
	return !slices.ContainsFunc(typesOf(a), isCodeArtifact)
}

// checkResource reports a resource that does not exist or that a is not
// authorized on.
func checkResource(a codeartifact.Action, resource string) error {
	types := typesOf(a)
	if resource == "*" {
		if slices.Contains(types, 0) {
			return nil
		}
		return unaskable("give the ARN: "+templates(types), `%v is authorized on %s, not on "*"`, a, typeNames(types))
	}
	t, err := resourceType(resource)
	if err != nil {
		return err
	}
	if slices.Contains(types, t) {
		return nil
	}
	if withoutResource(a) {
		return unaskable(`ask about "*"`, `%v is authorized on no resource: the request names "*", not a %v`, a, t)
	}
	hint := "give the ARN: " + templates(types)
	for _, near := range types {
		if text := relative(resource, near); text != "" {
			hint = "did you mean " + text + "?"
			break
		}
	}
	return unaskable(hint, "%v is authorized on %s, not on a %v", a, typeNames(types), t)
}

// resourceType returns the type of a CodeArtifact resource by its ARN.
func resourceType(text string) (codeartifact.ResourceType, error) {
	parsed, err := arn.Parse(text)
	if err != nil {
		return 0, unaskable("", "resource %v", err)
	}
	if parsed.Service != "codeartifact" {
		return 0, unaskable("", "resource %q belongs to another service (expected arn:aws:codeartifact:…)", text)
	}
	types := codeartifact.ResourceTypes()
	at := slices.IndexFunc(types, func(t codeartifact.ResourceType) bool { return t.String() == parsed.Type() })
	switch {
	case at < 0:
		return 0, unaskable("", "resource %q cannot exist: CodeArtifact has no resource type %q (expected domain, repository, package or package-group)", text, parsed.Type())
	case parsed.Partition != "aws" || !codeartifact.HasRegion(parsed.Region):
		return 0, unaskable("the Regions are "+strings.Join(codeartifact.Regions(), ", "),
			"resource %q cannot exist: CodeArtifact is not in Region %q of partition %q, as of %s", text, parsed.Region, parsed.Partition, codeartifact.DataDate())
	case !arn.IsAccountID(parsed.Account):
		return 0, unaskable("", "resource %q cannot exist: %q is no account id (expected 12 digits)", text, parsed.Account)
	case !arnShape(types[at], home{parsed.Region, parsed.Account}).Match(text):
		hint := "the form is " + types[at].Info().ARN
		if types[at] == codeartifact.Package {
			hint += ", with an empty namespace where a package has none: package/DOMAIN/REPOSITORY/npm//NAME"
		}
		return 0, unaskable(hint, "resource %q cannot exist: no %v has such a name", text, types[at])
	}
	return types[at], nil
}

// typeNames lists the types of resource for a sentence.
func typeNames(types []codeartifact.ResourceType) string {
	var names []string
	for _, t := range types {
		if t == 0 {
			names = append(names, `"*"`)
		} else {
			names = append(names, "a "+t.String())
		}
	}
	return strings.Join(names, " or ")
}

func templates(types []codeartifact.ResourceType) string {
	var out []string
	for _, t := range types {
		if t != 0 {
			out = append(out, t.Info().ARN)
		}
	}
	return strings.Join(out, " or ")
}

// relative returns the resource of type t that text lies in, empty when it names
// none.
func relative(text string, t codeartifact.ResourceType) string {
	start, name := cutResource(text)
	parts := strings.SplitN(name, "/", 3)
	switch {
	case t == codeartifact.Domain:
		return start + "domain/" + parts[0]
	case t == codeartifact.Repository && len(parts) > 1 && !strings.Contains(text, ":package-group/"):
		return start + "repository/" + parts[0] + "/" + parts[1]
	}
	return ""
}

// target is a resource that the request of a question is authorized on.
type target struct {
	typ codeartifact.ResourceType
	at  home
	// open: the resource is not known, or not all of it: any that passes within.
	open     bool
	resource string // where it is not open, as tests see it
	within   []literal
}

// targets returns the resources that a request for the question is authorized
// on. Of an action with several types that names one at a time it is the one
// asked about; else it is one of each type: CopyPackageVersions names a package
// and its repository, and what the Create actions name AWS's documents leave
// open.
func (q Question) targets() []target {
	if !needsAll(q.action) {
		t, err := resourceType(q.resource)
		if err != nil {
			t = 0
		}
		return []target{q.target(t)}
	}
	var all []target
	for _, t := range typesOf(q.action) {
		all = append(all, q.target(t))
	}
	return all
}

func (q Question) target(t codeartifact.ResourceType) target {
	if t == 0 {
		return target{typ: 0, resource: noResource}
	}
	parsed, err := arn.Parse(q.resource)
	if err != nil { // "*": AWS does not say which resource the request names
		return target{typ: t, open: true}
	}
	out := target{typ: t, at: home{parsed.Region, parsed.Account}, resource: q.resource}
	set := glob.Union{glob.Literal(q.resource)}
	if parsed.Type() != t.String() {
		out.resource = relative(q.resource, t)
		set = glob.Union{glob.Literal(out.resource)}
	}
	if out.resource == "" { // any package of the repository
		start, name := cutResource(q.resource)
		out.open = true
		set = glob.Union{glob.New().Text(start + typeStart(t) + name + "/").Many(glob.AnyChar).Pattern()}
	}
	out.within = []literal{{&test{kind: texts, set: set}, true}}
	return out
}
