package inventory

// Organization is what was listed of an organization: its accounts and the
// control policies above each. Of a list that somebody wrote there are the
// accounts alone.
type Organization struct {
	ID         string   // o-…, empty for a list that somebody wrote
	Management string   // the management account, which control policies do not reach
	Members    []Member // by account, one per account
	// Policies are the control policies attached to anything, by id; nil when
	// they were not read.
	Policies []ControlPolicy
}

// Active is the state of an account that works.
const Active = "ACTIVE"

// Member is an account of an organization.
type Member struct {
	Account string
	// State is the word of Organizations: ACTIVE, SUSPENDED, PENDING_CLOSURE and so on.
	//
	// Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
	State string
	// Path leads from the root through the units that the account is in; nil
	// when it is not known.
	Path []string
	// Guards are the ids of the control policies from the root down to the
	// account, one list a level; nil when they were not read.
	Guards [][]string
}

// ControlPolicy is a service or resource control policy of an organization.
type ControlPolicy struct {
	ID, Name string
	Kind     Kind // SCP or RCP
	Content  string
}
