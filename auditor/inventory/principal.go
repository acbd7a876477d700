package inventory

import (
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
)

// Principal is a user or a role of an account with everything that IAM says
// about what it may do. Groups are no principals: their policies are here among
// those of their members.
type Principal struct {
	ARN, Name string
	ID        string // unique id: AIDA…, AROA…
	Role      bool   // a role; otherwise a user
	// ServiceLinked marks a role AWS owns, which SCPs do not reach.
	ServiceLinked bool
	Tags          []Tag
	Groups        []string // names
	// Policies are the identity policies that apply: its own inline ones, the
	// attached ones, then those of each group likewise; each once. Attached
	// policies whose document is not known are left out: they are gaps of the
	// inventory, except those AWS owns that reach nothing we judge.
	Policies []Policy
	// BoundaryARN names the permissions boundary, empty for none. Boundary is
	// its document in force, nil when it is not known.
	BoundaryARN string
	Boundary    *Policy
	MaxSession  time.Duration // of a role, 0 when not known
	Path        string        // the input it was read from

	// role is where the trust policy of a role is found when somebody asks for it:
	// hardly anybody does.
	role *Role
}

// Trust returns the trust policy of a role, nil when it was not read.
func (p *Principal) Trust() *Policy {
	if p.role == nil || p.role.Trust == nil {
		return nil
	}
	of, _ := arn.Parse(p.ARN)
	trust := trustPolicy(of.Account, p.role)
	return &trust
}

// WithTrust returns the role as it would be with another trust policy.
func (p *Principal) WithTrust(d *Document) *Principal {
	changed, role := *p, *p.role
	role.Trust = d
	changed.role = &role
	return &changed
}

// Principals returns the users and roles of the account, sorted by ARN.
func (a *Account) Principals() []Principal { return a.Roster(everything).Principals }

func everything(Kind, *Document) bool { return true }
