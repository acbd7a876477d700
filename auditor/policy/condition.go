package policy

// Condition is one test of a Condition block: an operator, a key, and the
// values of which any (for negated operators: none) must match.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type Condition struct {
	// Place covers the key and its values.
	Place
	Operator Operator
	// Key is the condition key as written; names ignore case.
	Key    string
	Values []ConditionValue
}

// ConditionValue is one value of a condition. The grammar lets numbers and
// booleans stand unquoted; Text is what IAM compares.
type ConditionValue struct {
	Place
	Text string
}

// Operator is a condition operator taken apart. An operator that IAM does not
// have keeps its Text and has Base UnknownOperator: whoever evaluates it must
// say that it could not.
type Operator struct {
	Text       string // as written: "ForAllValues:StringLikeIfExists"
	Quantifier Quantifier
	Base       BaseOperator
	IfExists   bool
}

// Quantifier is the set operator in front of a condition operator.
type Quantifier uint8

// The set operators; NoQuantifier is a plain operator.
const (
	NoQuantifier Quantifier = iota
	ForAnyValue
	ForAllValues
)

// BaseOperator is the comparison itself. The zero value is UnknownOperator.
type BaseOperator uint8

// The comparisons of the IAM language.
const (
	UnknownOperator BaseOperator = iota
	StringEquals
	StringNotEquals
	StringEqualsIgnoreCase
	StringNotEqualsIgnoreCase
	StringLike
	StringNotLike
	NumericEquals
	NumericNotEquals
	NumericLessThan
	NumericLessThanEquals
	NumericGreaterThan
	NumericGreaterThanEquals
	DateEquals
	DateNotEquals
	DateLessThan
	DateLessThanEquals
	DateGreaterThan
	DateGreaterThanEquals
	Bool
	BinaryEquals
	IPAddress
	NotIPAddress
	ARNEquals
	ARNNotEquals
	ARNLike
	ARNNotLike
	Null
)
