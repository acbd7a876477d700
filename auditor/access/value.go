package access

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// value is what a request carries for one key: nothing, one text, or for
// multi-valued keys several.
type value struct {
	present bool
	texts   []string
}

var absent = value{}

func present(texts ...string) value { return value{present: true, texts: texts} }

// kind is the sort of values that a test compares.
type kind uint8

const (
	_ kind = iota
	texts
	numbers
	addresses
	presence // the test asks only whether the key is there
)

// span is a closed interval of whole numbers. Every numeric key of the requests
// we judge is a whole number, and dates are seconds since 1970.
type span struct{ low, high int64 }

func (s span) has(n int64) bool { return s.low <= n && n <= s.high }

func inSpans(spans []span, n int64) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return s.has(n) })
}

// comparison is the relation of a numeric or date operator.
type comparison uint8

const (
	_ comparison = iota
	equal
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// spanOf returns the whole numbers n with "n comparison limit". A limit between
// two whole numbers equals none of them.
func spanOf(c comparison, limit float64) (span, bool) {
	floor, ceil := math.Floor(limit), math.Ceil(limit)
	switch c {
	case equal:
		return span{int64(floor), int64(floor)}, floor == ceil
	case less:
		return span{math.MinInt64, int64(ceil) - 1}, true
	case lessOrEqual:
		return span{math.MinInt64, int64(floor)}, true
	case greater:
		return span{int64(floor) + 1, math.MaxInt64}, true
	case greaterOrEqual:
		return span{int64(ceil), math.MaxInt64}, true
	}
	return span{}, false
}

// parseNumber reads a numeric condition value. Numbers beyond 2^53 are none of
// ours and are refused, so that spans never overflow.
func parseNumber(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && math.Abs(n) < 1<<53
}

// parseDate reads a date condition value: an ISO 8601 date, a date with time,
// or seconds since 1970.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
func parseDate(text string) (float64, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02", "2006-01"} {
		if t, err := time.Parse(layout, text); err == nil {
			return float64(t.Unix()), true
		}
	}
	if isYear(text) {
		return 0, false
	}
	return parseNumber(text)
}

// isYear reports whether text is four digits: AWS takes years, and seconds since
// 1970, and does not say which of them this is.
func isYear(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil && len(text) == 4
}

// parsePrefix reads an address or a range in CIDR form.
func parsePrefix(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// lastAddress returns the highest address of a range.
func lastAddress(p netip.Prefix) netip.Addr {
	raw := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(raw)*8; bit++ {
		raw[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(raw)
	return a
}
