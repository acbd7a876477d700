package codeartifact

// ResourceType is a type of resource that an action of the table acts on. The
// zero value is invalid.
type ResourceType uint8

// The types: CodeArtifact's four, then those of IAM and STS that the other
// actions of the table name.
const (
	_ ResourceType = iota
	Domain
	Repository
	Package
	PackageGroup
	Group
	ManagedPolicyResource
	Role
	User
	SelfSession

	resourceTypeCount = iota
)

// String returns AWS's word for t, "package-group".
func (t ResourceType) String() string { return t.Info().Name }

// Info returns what is known of t. It must not be changed. An invalid type gets
// an Info whose Name is "invalid resource type".
func (t ResourceType) Info() *ResourceInfo {
	if int(t) >= len(resources) {
		t = 0
	}
	return &resources[t]
}

// ResourceTypes returns CodeArtifact's four types.
func ResourceTypes() []ResourceType { return []ResourceType{Domain, Repository, Package, PackageGroup} }

// ResourceInfo describes one resource type.
type ResourceInfo struct {
	Name    string // AWS's word, "package-group"
	Service string // whose ARN it is: "codeartifact", "iam", "sts"
	// ARN is AWS's template, "arn:${Partition}:codeartifact:${Region}:${Account}:domain/${DomainName}".
	ARN string
	// Fields are the template's placeholders after the account, in order.
	Fields []Field
	// Policy says that such a resource carries a policy of its own.
	Policy bool
	// Tags says that aws:ResourceTag can be present on requests to it.
	Tags    bool
	Example string
	Note    string
}

// Field is one placeholder of an ARN template.
type Field struct {
	Name string // "DomainName"
	// Pattern is the regular expression that AWS documents for a value, or
	// empty where it documents none.
	Pattern string
	// Slashes says that a value may hold slashes, Empty that it may be empty.
	Slashes, Empty bool
}
