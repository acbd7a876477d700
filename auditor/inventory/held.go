package inventory

// Held is a policy of an account and whom it concerns.
type Held struct {
	Policy
	// Holders are the ARNs of the users, groups and roles that carry the policy
	// themselves, sorted. Empty means attached to nobody; for policies of
	// domains and repositories it is always empty.
	Holders []string
	// Principals are the ARNs of the users and roles that an identity policy
	// applies to, by way of their groups too, sorted.
	Principals []string
	// Bounds are the ARNs of the users and roles that a managed policy is the
	// permissions boundary of, sorted. A policy that bounds someone and has no
	// Holders is a boundary and grants nothing.
	Bounds []string
}

// Held returns every policy in force in the account, sorted by ID: inline,
// managed in their default version, trust, domain and repository policies. Of
// the policies AWS owns only those are listed that somebody holds or is bounded
// by, since the others are in every account. Guards are not: they are the
// organization's.
func (a *Account) Held() []Held { return a.Roster(everything).Held }
