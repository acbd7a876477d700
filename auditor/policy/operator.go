package policy

import "strings"

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

// operatorNames are the comparisons by BaseOperator, as policies write them.
var operatorNames = []string{
	UnknownOperator:           "",
	StringEquals:              "StringEquals",
	StringNotEquals:           "StringNotEquals",
	StringEqualsIgnoreCase:    "StringEqualsIgnoreCase",
	StringNotEqualsIgnoreCase: "StringNotEqualsIgnoreCase",
	StringLike:                "StringLike",
	StringNotLike:             "StringNotLike",
	NumericEquals:             "NumericEquals",
	NumericNotEquals:          "NumericNotEquals",
	NumericLessThan:           "NumericLessThan",
	NumericLessThanEquals:     "NumericLessThanEquals",
	NumericGreaterThan:        "NumericGreaterThan",
	NumericGreaterThanEquals:  "NumericGreaterThanEquals",
	DateEquals:                "DateEquals",
	DateNotEquals:             "DateNotEquals",
	DateLessThan:              "DateLessThan",
	DateLessThanEquals:        "DateLessThanEquals",
	DateGreaterThan:           "DateGreaterThan",
	DateGreaterThanEquals:     "DateGreaterThanEquals",
	Bool:                      "Bool",
	BinaryEquals:              "BinaryEquals",
	IPAddress:                 "IpAddress",
	NotIPAddress:              "NotIpAddress",
	ARNEquals:                 "ArnEquals",
	ARNNotEquals:              "ArnNotEquals",
	ARNLike:                   "ArnLike",
	ARNNotLike:                "ArnNotLike",
	Null:                      "Null",
}

// operators is operatorNames the other way round.
var operators = func() map[string]BaseOperator {
	m := make(map[string]BaseOperator, len(operatorNames))
	for base := StringEquals; base <= Null; base++ {
		m[operatorNames[base]] = base
	}
	return m
}()

// String returns the comparison as policies write it.
func (b BaseOperator) String() string {
	if b == UnknownOperator || int(b) >= len(operatorNames) {
		return "unknown operator"
	}
	return operatorNames[b]
}

// ParseOperator takes a condition operator apart. Names are exact: IAM answers
// "Invalid Condition type : stringEquals" to one in another case. IfExists goes
// with every comparison but Null; a quantifier goes with Null too, but makes
// it always true (ForAllValues) or always false (ForAnyValue). What is no operator
// has Base UnknownOperator and neither quantifier nor IfExists.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
// and, for the case, https://github.com/ministryofjustice/modernisation-platform-environments/pull/8893
func ParseOperator(text string) Operator {
	op := Operator{Text: text}
	name := text
	if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		op.Quantifier, name = ForAnyValue, rest
	} else if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		op.Quantifier, name = ForAllValues, rest
	}
	if rest, ok := strings.CutSuffix(name, "IfExists"); ok && rest != "Null" {
		op.IfExists, name = true, rest
	}
	op.Base = operators[name]
	if op.Base == UnknownOperator {
		return Operator{Text: text}
	}
	return op
}
