package codeartifact

import (
	"compress/gzip"
	_ "embed"
	"io"
	"sort"
	"strings"
	"sync"
)

// ManagedPolicyInfo is a policy that AWS owns and that reaches a codeartifact
// action or the bearer token.
//
// Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
type ManagedPolicyInfo struct {
	Name    string
	ARN     string
	Version string // "v12"
	Created string // when this policy or version was made, as collected
	Updated string
	Source  string
	// Reaches are the codeartifact actions and the bearer token that some Allow
	// statement covers, whatever its resources and conditions.
	Reaches ActionSet
}

// Document returns the policy's text as AWS published it.
func (p *ManagedPolicyInfo) Document() string {
	i := sort.Search(len(managedPolicies), func(i int) bool { return managedPolicies[i].Name >= p.Name })
	return managedDocuments()[i]
}

//go:embed managed_gen.gz
var packedDocuments string

// managedDocuments are the texts of managedPolicies, unpacked when first asked
// for: most runs never do.
var managedDocuments = sync.OnceValue(func() []string {
	unpacked, err := gzip.NewReader(strings.NewReader(packedDocuments))
	if err != nil {
		panic("codeartifact: documents of managed policies: " + err.Error()) // they are built in, and a test reads them
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		panic("codeartifact: documents of managed policies: " + err.Error())
	}
	documents := strings.Split(string(text), "\x00")
	for i := range documents {
		documents[i] = strings.TrimSuffix(documents[i], "\n")
	}
	return documents
})

//go:embed data/managed-policies.txt
var managedNames string

// ManagedPolicies returns the policies AWS owns that reach CodeArtifact or the
// bearer token, by name. The result must not be changed.
func ManagedPolicies() []ManagedPolicyInfo { return managedPolicies[:] }

// ManagedPolicy returns such a policy by name or ARN, and whether there is one.
func ManagedPolicy(nameOrARN string) (*ManagedPolicyInfo, bool) {
	name := nameOrARN
	if IsManagedPolicyARN(nameOrARN) {
		name = nameOrARN[strings.LastIndexByte(nameOrARN, '/')+1:]
	}
	i := sort.Search(len(managedPolicies), func(i int) bool { return managedPolicies[i].Name >= name })
	if i == len(managedPolicies) || managedPolicies[i].Name != name {
		return nil, false
	}
	if name != nameOrARN && managedPolicies[i].ARN != nameOrARN {
		return nil, false
	}
	return &managedPolicies[i], true
}

// IsManagedPolicyARN reports whether arn names a policy that AWS owns, in any
// partition: "arn:aws:iam::aws:policy/…".
func IsManagedPolicyARN(arn string) bool {
	rest, ok := strings.CutPrefix(arn, "arn:")
	if !ok {
		return false
	}
	_, rest, ok = strings.Cut(rest, ":")
	return ok && strings.HasPrefix(rest, "iam::aws:policy/")
}

// KnownManagedPolicy reports whether AWS owned a policy of that name or ARN when
// the data was collected. One that is known and not among [ManagedPolicies]
// reaches nothing of CodeArtifact.
func KnownManagedPolicy(nameOrARN string) bool {
	if _, ok := ManagedPolicy(nameOrARN); ok {
		return true
	}
	name := nameOrARN
	if IsManagedPolicyARN(nameOrARN) {
		name = nameOrARN[strings.LastIndexByte(nameOrARN, '/')+1:]
	}
	path, ok := otherManagedPolicies()[name]
	if !ok || name == nameOrARN || path == unknownPath+name {
		return ok
	}
	return nameOrARN == "arn:aws:iam::aws:policy/"+path
}

// unknownPath stands in the list before a name whose path was not collected.
const unknownPath = "?/"

// otherManagedPolicies maps names to paths with names. It is read when first
// asked for: most runs never do.
var otherManagedPolicies = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(managedNames) {
		path := strings.TrimSuffix(line, "\n")
		out[path[strings.LastIndexByte(path, '/')+1:]] = path
	}
	return out
})
