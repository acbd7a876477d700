package codeartifact

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact/internal/pattern"
)

// Action is one action that the auditor knows: every codeartifact action in
// alphabetical order, then those of sts, then those of iam that rules name. The
// zero value is NoAction. Numbers change when AWS adds actions: store names.
type Action uint8

// NoAction is the zero Action. No action set holds it.
const NoAction Action = 0

// String returns the full name, "codeartifact:PutPackageMetadata".
func (a Action) String() string { return a.Info().FullName }

// Info returns what is known of a. It must not be changed. NoAction, and a
// number that no action has, get an Info whose FullName is "no action".
func (a Action) Info() *ActionInfo {
	if int(a) >= len(actions) {
		a = NoAction
	}
	return &actions[a]
}

// LookupAction returns the action with that full name, letters without regard
// to case as IAM reads them, and whether the table has it.
func LookupAction(name string) (Action, bool) {
	for a := NoAction + 1; int(a) < len(actions); a++ {
		if pattern.EqualFold(actions[a].FullName, name) {
			return a, true
		}
	}
	return NoAction, false
}

// ActionInfo is what AWS's Service Authorization Reference and User Guides say
// of one action, with the risk class that the rules use.
//
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html
type ActionInfo struct {
	FullName    string // "codeartifact:PutPackageMetadata"
	Service     string // "codeartifact"
	Name        string // "PutPackageMetadata"
	Description string // AWS's sentence, "Grants permission to …"
	Levels      Levels
	// Types are the resource types that the reference lists. A statement
	// reaches the action when its Resource matches an ARN of one of them; with
	// several required types, an action is certain only where all match.
	Types []ResourceType
	// RequiredTypes are those of Types that every request names.
	RequiredTypes []ResourceType
	// WildcardOnly says that the reference lists no resource type: only
	// Resource "*" is certain to match.
	WildcardOnly bool
	// UserGuideTypes are the types that the CodeArtifact User Guide names. They
	// differ for the Create actions, of which AWS does not say what they are
	// authorized on.
	UserGuideTypes []ResourceType
	// PermissionOnly says that no API operation of this name exists.
	PermissionOnly bool
	Risk           Risk
	Also           []Risk // further classes; they do not count for FULL
	// Keys are the service's own condition keys that the reference lists for
	// the action; global keys come on top.
	Keys []string
	// Note says what the action's name does not; often empty.
	Note string

	grants [placeCount]Grant
}

// GrantedBy says whether an Allow in that kind of policy takes effect for the
// action.
func (i *ActionInfo) GrantedBy(p Place) Grant { return i.grants[p] }

// Has reports whether the reference lists t for the action.
func (i *ActionInfo) Has(t ResourceType) bool {
	for _, each := range i.Types {
		if each == t {
			return true
		}
	}
	return false
}
