package oracle

import (
	"math/big"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// compareNumber compares integers and decimals.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric
func compareNumber(base policy.BaseOperator, text, value string) (match Truth, sound bool) {
	limit, ok := number(text)
	if !ok {
		return No, false
	}
	n, ok := number(value)
	if !ok {
		return Maybe, true // the request would have to be wrong
	}
	return truth(related(base, n.Cmp(limit))), true
}

// number reads an integer or a decimal.
func number(text string) (*big.Rat, bool) {
	if text == "" || strings.Trim(text, "+-.0123456789eE") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// related says whether two values that compare as order stand in the operator's
// relation; for the negated operators, in the one that they negate.
func related(base policy.BaseOperator, order int) bool {
	switch base {
	case policy.NumericLessThan, policy.DateLessThan:
		return order < 0
	case policy.NumericLessThanEquals, policy.DateLessThanEquals:
		return order <= 0
	case policy.NumericGreaterThan, policy.DateGreaterThan:
		return order > 0
	case policy.NumericGreaterThanEquals, policy.DateGreaterThanEquals:
		return order >= 0
	}
	return order == 0
}
