package oracle

import (
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// suits reports whether AWS documents what the operator does with a key of that
// type. aws:EpochTime is the one date that numbers are compared with.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-epochtime
func suits(base policy.BaseOperator, t codeartifact.KeyType, key string) bool {
	switch t {
	case codeartifact.StringKey:
		return isText(base)
	case codeartifact.ARNKey:
		return isText(base) || isARN(base)
	case codeartifact.BoolKey:
		return base == policy.Bool
	case codeartifact.NumericKey:
		return isNumeric(base)
	case codeartifact.DateKey:
		return isDate(base) || isNumeric(base) && key == "aws:epochtime"
	case codeartifact.IPAddressKey:
		return base == policy.IPAddress || base == policy.NotIPAddress
	}
	return false
}

func isText(base policy.BaseOperator) bool {
	return base >= policy.StringEquals && base <= policy.StringNotLike
}

func isNumeric(base policy.BaseOperator) bool {
	return base >= policy.NumericEquals && base <= policy.NumericGreaterThanEquals
}

func isDate(base policy.BaseOperator) bool {
	return base >= policy.DateEquals && base <= policy.DateGreaterThanEquals
}

func isARN(base policy.BaseOperator) bool {
	return base >= policy.ARNEquals && base <= policy.ARNNotLike
}
