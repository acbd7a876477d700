package access

import (
	"slices"
	"strconv"
	"unsafe"
)

// Key is equal for profiles whose requests are decided alike: the same
// statements, read for callers of the same account and kind that give every test
// on their own identity the same answer. So each distinct combination is judged
// once, however many principals have it.
func (p *Profile) Key() string {
	if p.key != "" {
		return p.key
	}
	b := append(make([]byte, 0, 128), p.caller.Account...)
	b = append(b, '/', '0'+byte(p.caller.kind))
	if p.confined != nil {
		b = append(append(b, '/'), p.confined.ID...)
	}
	var dims []string
	parts := func(list []part) {
		b = append(b, '|')
		for _, x := range list {
			b = strconv.AppendUint(append(b, ','), uint64(uintptr(unsafe.Pointer(x.statement))), 36)
			for _, l := range x.maybe {
				if !slices.Contains(dims, l.test.dim) {
					dims = append(dims, l.test.dim)
				}
			}
		}
	}
	parts(p.allows)
	parts(p.denies)
	for _, layer := range p.layers {
		parts(layer)
	}
	slices.Sort(dims)
	for _, dim := range dims {
		if v, settled := p.caller.fixedValue(dim); settled {
			b = append(append(b, '|'), dim...)
			for _, text := range v.texts {
				b = strconv.AppendQuote(append(b, '='), text)
			}
		} else if d := p.caller.free[dim]; d != nil {
			b = append(append(b, '|'), dim...)
			for _, text := range d.prefer {
				b = strconv.AppendQuote(append(b, '~'), text)
			}
		}
	}
	p.key = string(b)
	return p.key
}
