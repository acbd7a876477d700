package oracle

import (
	"math/big"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// compareDate compares moments: the W3C forms of ISO 8601, or seconds since 1970.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
func compareDate(base policy.BaseOperator, text, value string) (match Truth, sound bool) {
	limit, ok := moment(text)
	if !ok {
		return No, false
	}
	if len(text) == 4 {
		return Maybe, true // a year, or seconds since 1970
	}
	n, ok := moment(value)
	if !ok {
		return Maybe, true // the request would have to be wrong
	}
	return truth(related(base, n.Cmp(limit))), true
}

// moment reads a date as seconds since 1970.
//
// Source: https://www.w3.org/TR/NOTE-datetime
func moment(text string) (*big.Rat, bool) {
	if n, ok := number(text); ok {
		return n, true
	}
	for _, form := range []string{
		"2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.999999999Z07:00",
	} {
		if t, err := time.Parse(form, text); err == nil {
			seconds := new(big.Rat).SetInt64(t.Unix())
			return seconds.Add(seconds, big.NewRat(int64(t.Nanosecond()), 1e9)), true
		}
	}
	return nil, false
}
