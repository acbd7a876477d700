package policy

// Statement is one statement that could be read whole.
type Statement struct {
	Place
	// Index counts all statements of the document from 0, unreadable ones too.
	Index  int
	Sid    string
	Effect Effect
	// Actions is Only (Action) or AllBut (NotAction); never nil.
	Actions Clause
	// Resources is Only (Resource), AllBut (NotResource), or nil: trust
	// policies have no resource element.
	Resources Clause
	// Principals is OnlyPrincipals (Principal), AllButPrincipals
	// (NotPrincipal), or nil: identity policies have no principal element.
	Principals PrincipalClause
	// Conditions hold together: all of them must be true.
	Conditions []Condition
}

// Effect is Allow or Deny. The zero value is invalid.
type Effect uint8

// The two effects.
const (
	_ Effect = iota
	Allow
	Deny
)

// String returns the effect as policies write it.
func (e Effect) String() string {
	switch e {
	case Allow:
		return "Allow"
	case Deny:
		return "Deny"
	}
	return "invalid effect"
}

// Value is one string of an Action or Resource element, as written.
type Value struct {
	Place
	Text string
}

// Clause is an element that comes as X or NotX: Only or AllBut. A statement
// with both or with neither cannot be built.
//
//sumtype:decl
type Clause interface{ clause() }

// Only lists what is meant: Action, Resource.
type Only []Value

// AllBut lists what is not meant: NotAction, NotResource.
type AllBut []Value

func (Only) clause()   {}
func (AllBut) clause() {}

// Values returns the values a clause lists, whichever form it has.
func Values(c Clause) []Value {
	switch c := c.(type) {
	case Only:
		return c
	case AllBut:
		return c
	}
	return nil
}
