package access

import (
	"fmt"
	"slices"
	"strings"
)

// Key is equal for profiles whose requests are decided alike: the same
// statements, read for callers of the same account that give every test on
// their own identity the same answer. So each distinct combination is judged
// once, however many principals have it.
func (p *Profile) Key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%d", p.caller.Account, p.caller.kind)
	var dims []string
	for i, list := range append([][]part{p.allows, p.denies}, p.layers...) {
		fmt.Fprintf(&b, "|%d", i)
		for _, x := range list {
			fmt.Fprintf(&b, ",%p", x.statement)
			for _, l := range x.maybe {
				dims = append(dims, l.test.dim)
			}
		}
	}
	slices.Sort(dims)
	for _, dim := range slices.Compact(dims) {
		if v, settled := p.caller.fixedValue(dim); settled {
			fmt.Fprintf(&b, "|%s=%q", dim, v.texts)
		} else if d := p.caller.free[dim]; d != nil {
			fmt.Fprintf(&b, "|%s~%q", dim, d.prefer)
		}
	}
	return b.String()
}
