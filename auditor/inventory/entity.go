package inventory

import "time"

// User is an IAM user.
type User struct {
	ARN, Name, ID string
	Groups        []string // names
	Inline        []InlinePolicy
	Attached      []Attachment
	Boundary      string // ARN of the boundary policy, empty for none
	Tags          []Tag
	Input         string // path of the input that holds it
}

// Group is an IAM group: never a caller, its policies are its members'.
type Group struct {
	ARN, Name, ID string
	Inline        []InlinePolicy
	Attached      []Attachment
	Input         string
}

// Role is an IAM role.
type Role struct {
	ARN, Name, ID, Path string
	Trust               *Document // nil when the dump has none
	Inline              []InlinePolicy
	Attached            []Attachment
	Boundary            string
	Tags                []Tag
	MaxSession          time.Duration // longest role session, 0 when not known
	Input               string
}

// ServiceLinked reports whether AWS owns the role; SCPs do not apply to those.
func (r *Role) ServiceLinked() bool {
	const prefix = "/aws-service-role/"
	return len(r.Path) > len(prefix) && r.Path[:len(prefix)] == prefix
}

// InlinePolicy is a policy embedded in a user, group or role.
type InlinePolicy struct {
	Name     string
	Document *Document
}

// Attachment names a managed policy that is attached to an entity.
type Attachment struct{ ARN, Name string }

// Tag is one tag of an entity.
type Tag struct{ Key, Value string }

// ManagedPolicy is a customer managed policy, or one that AWS owns.
type ManagedPolicy struct {
	ARN, Name   string
	Versions    []PolicyVersion
	Attachments int // as the dump counts them, -1 when it does not say
	Boundaries  int // how often it is used as a boundary, -1 when not known
	Input       string
	// BuiltIn means that the document is not the account's but one of the facts
	// built in: the newest published version of a policy AWS owns.
	BuiltIn bool
}

// Default returns the version in force, or nil when the dump does not hold it.
func (p *ManagedPolicy) Default() *PolicyVersion {
	for i := range p.Versions {
		if p.Versions[i].Default {
			return &p.Versions[i]
		}
	}
	return nil
}

// PolicyVersion is a stored version of a managed policy. Only the default one
// is in force; the others are latent.
type PolicyVersion struct {
	ID       string // "v3"
	Default  bool
	Document *Document
}

// Domain is a CodeArtifact domain with its resource policy.
type Domain struct {
	ARN    string
	Policy *Document // nil for none
	Input  string
}

// Repository is a CodeArtifact repository with its resource policy. The account
// in its ARN owns the domain; Administrator is the account that created it.
type Repository struct {
	ARN           string
	Administrator string
	Policy        *Document
	Input         string
}

// Guard is an organization policy: it never grants.
type Guard struct {
	Name     string
	Kind     Kind // SCP or RCP
	Document *Document
}
