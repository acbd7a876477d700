package policy

// Principal is one value of a Principal or NotPrincipal element.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type Principal struct {
	Place
	Type PrincipalType
	// Text is the value as written: an ARN, an account id, a unique id, a
	// service name, or "*". For Everyone it is "*".
	Text string
}

// PrincipalType is the key under which a principal is written. The zero value
// is invalid.
type PrincipalType uint8

// The types of the grammar. Everyone is the bare string "*" in place of a map.
const (
	_ PrincipalType = iota
	Everyone
	AWS
	Federated
	Service
	CanonicalUser
)

// PrincipalClause is Principal or NotPrincipal; a statement without either has
// a nil PrincipalClause.
//
//sumtype:decl
type PrincipalClause interface{ principalClause() }

// OnlyPrincipals is a Principal element: any of these.
type OnlyPrincipals []Principal

// AllButPrincipals is a NotPrincipal element: everyone but these.
type AllButPrincipals []Principal

func (OnlyPrincipals) principalClause()   {}
func (AllButPrincipals) principalClause() {}
