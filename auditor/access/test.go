package access

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// resourceDim is the dimension of a request's resource; every other dimension
// is a condition key in lower case.
const resourceDim = ""

// test is one question about one dimension of a request, answered for each
// value it can have. Tests are immutable and compared by pointer.
//
// A condition's operator with its values is one test; so is the list of a
// Resource element. A statement is the conjunction of its tests.
type test struct {
	dim  string
	kind kind

	set      glob.Union     // texts
	spans    []span         // numbers
	prefixes []netip.Prefix // addresses

	// whole is what of set is covered by one value of each variable, nil for all
	// of it: see readResource.
	whole glob.Union

	// home marks the test that holds for everything in one account.
	home string

	outside bool              // holds for what is not in the set: NotEquals, NotIpAddress
	quant   policy.Quantifier // for keys with several values
	absent  bool              // the answer where the key is absent
}

// holds answers the test for a value of its key.
func (t *test) holds(v value) bool {
	if !v.present || t.kind == presence {
		return t.absent == !v.present
	}
	if t.quant == policy.ForAllValues {
		return !slices.ContainsFunc(v.texts, func(x string) bool { return !t.holdsFor(x) })
	}
	return slices.ContainsFunc(v.texts, t.holdsFor)
}

// holdsFor answers the comparison for a single value.
func (t *test) holdsFor(text string) bool {
	in := false
	switch t.kind {
	case texts:
		in = t.set.Match(text)
	case numbers:
		n, ok := parseNumber(text)
		if !ok {
			n, ok = parseDate(text)
		}
		in = ok && inSpans(t.spans, int64(n))
	case addresses:
		a, err := netip.ParseAddr(text)
		in = err == nil && slices.ContainsFunc(t.prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return in != t.outside
}

// literal is a test together with the answer that is wanted of it.
type literal struct {
	test *test
	want bool
}

func (l literal) not() literal { return literal{l.test, !l.want} }

func (l literal) holds(v value) bool { return l.test.holds(v) == l.want }

// asks returns the literals about one dimension.
func asks(all []literal, dim string) []literal {
	var out []literal
	for _, l := range all {
		if l.test.dim == dim {
			out = append(out, l)
		}
	}
	return out
}

func formatNumber(n int64) string { return strconv.FormatInt(n, 10) }

// covers is what the test holds for whatever the values of variables are: one value
// of each for all of it.
func (t *test) covers() glob.Union {
	if t.whole != nil {
		return t.whole
	}
	return t.set
}
