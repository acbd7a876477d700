package inventory

// Kind is what a policy document is, which decides what it can grant. The zero
// value is invalid.
type Kind uint8

// The kinds of --kind, and the two that only recognition yields:
// DomainOrRepository, a CodeArtifact policy that does not show which, and
// Foreign, another service's resource policy.
const (
	_ Kind = iota
	Identity
	DomainPolicy
	RepositoryPolicy
	Trust
	Boundary
	SCP
	RCP
	Session
	Endpoint
	DomainOrRepository
	Foreign
)

var kindNames = [...]string{
	Identity: "identity", DomainPolicy: "domain", RepositoryPolicy: "repository", Trust: "trust",
	Boundary: "boundary", SCP: "scp", RCP: "rcp", Session: "session", Endpoint: "endpoint",
	DomainOrRepository: "domain or repository", Foreign: "foreign",
}

// String returns the word the contract uses for k.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "invalid kind"
}

// ParseKind returns the kind that a user may name with --kind, and whether
// there is one.
func ParseKind(word string) (Kind, bool) {
	for k := Identity; k <= Endpoint; k++ {
		if kindNames[k] == word {
			return k, true
		}
	}
	return 0, false
}
