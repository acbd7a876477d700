package access

import (
	"iter"
	"net/netip"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// domain is what a key can be in the requests of one action by one caller.
type domain struct {
	kind    kind // texts, numbers or addresses
	many    bool // the key has a set of values
	absent  bool // a request may lack the key
	present bool // a request may carry the key

	shape  glob.Union // texts: the strings it can be
	spans  []span     // numbers: what it can be
	prefer []string   // what to show where it makes no difference, best first
	// known is the one value that the key has, nil where it can have others.
	known *value
	// parts are what shape is the union of, made and tried one by one; nil where
	// shape is all there is.
	parts []shapePart
	// trusted says that every string of prefer lies in shape.
	trusted bool
	format  func(int64) string

	control codeartifact.Control
}

// shapePart is one of the shapes that a shape is the union of: every string of it
// begins with start. Making it takes long enough to be put off until some text begins so.
type shapePart struct {
	start string
	shape func() glob.Union
}

// never is the domain of a key that requests do not carry.
func never() *domain { return &domain{kind: texts, absent: true, control: codeartifact.ByConstant} }

// fixed is the domain of a key with one known value.
func fixed(v value, by codeartifact.Control) *domain {
	d := &domain{kind: texts, absent: !v.present, present: v.present, many: len(v.texts) > 1, known: &v, prefer: v.texts, control: by}
	for _, x := range v.texts {
		d.shape = append(d.shape, glob.Literal(x))
	}
	return d
}

// pick returns the simplest value of d that gives every literal its answer:
// absence, else the first of d.prefer that does, else a shortest one. It
// reports false when there is none.
func (d *domain) pick(lits []literal, b *glob.Budget) (value, bool, error) {
	if d.known != nil { // of a key with many values all of them, not one
		return *d.known, allHold(lits, *d.known), nil
	}
	if d.absent && allHold(lits, absent) {
		return absent, true, nil
	}
	if !d.present || slices.ContainsFunc(lits, refusesPresence) {
		return value{}, false, nil
	}
	if d.many {
		return d.pickSet(lits, b)
	}
	text, ok, err := d.pickOne(lits, b)
	return present(text), ok, err
}

func allHold(lits []literal, v value) bool {
	return !slices.ContainsFunc(lits, func(l literal) bool { return !l.holds(v) })
}

// refusesPresence reports whether l can only hold where the key is absent.
func refusesPresence(l literal) bool { return l.test.kind == presence && !l.holds(present("")) }

// pickOne finds a single value.
func (d *domain) pickOne(lits []literal, b *glob.Budget) (string, bool, error) {
	lits = slices.DeleteFunc(slices.Clone(lits), func(l literal) bool { return l.test.kind == presence })
	holds := func(text string) bool {
		return !slices.ContainsFunc(lits, func(l literal) bool { return l.test.holdsFor(text) != l.want })
	}
	switch d.kind {
	case numbers:
		return d.pickNumber(lits, holds)
	case addresses:
		return d.pickAddress(lits, holds)
	}
	for _, x := range d.prefer {
		if (d.trusted || d.spells(x)) && holds(x) {
			return x, true, nil
		}
	}
	for _, l := range lits {
		if l.want && !l.test.outside && l.test.set.IsList() {
			return d.pickListed(l.test.set, holds)
		}
	}
	if d.parts == nil && d.shape.IsList() {
		return d.pickListed(d.shape, holds)
	}
	sets := make([]glob.Union, len(lits))
	for i, l := range lits {
		sets[i] = l.test.set
	}
	m := glob.NewMachine(sets)
	if err := b.Spend(m.Size()); err != nil {
		return "", false, err
	}
	want := make([]bool, len(lits))
	for i, l := range lits {
		want[i] = l.want != l.test.outside
	}
	for shape := range d.shapes() {
		if text, ok, err := m.FindMember(m.Start(), shape, want, b); ok || err != nil {
			return text, ok, err
		}
	}
	return "", false, nil
}

// shapes yields what the texts of d are the union of.
func (d *domain) shapes() iter.Seq[glob.Union] {
	return func(yield func(glob.Union) bool) {
		if d.parts == nil {
			yield(d.shape)
			return
		}
		for _, part := range d.parts {
			if !yield(part.shape()) {
				return
			}
		}
	}
}

// spells reports whether text is one that a key of texts can be.
func (d *domain) spells(text string) bool {
	if d.parts == nil {
		return d.shape.Match(text)
	}
	return slices.ContainsFunc(d.parts, func(p shapePart) bool { return strings.HasPrefix(text, p.start) && p.shape().Match(text) })
}

// pickListed finds the simplest text of a list: nothing else can hold.
func (d *domain) pickListed(list glob.Union, holds func(string) bool) (string, bool, error) {
	best, some := "", false
	for _, p := range list {
		x, _ := p.Text()
		if simpler := !some || len(x) < len(best) || len(x) == len(best) && x < best; simpler && d.spells(x) && holds(x) {
			best, some = x, true
		}
	}
	return best, some, nil
}

// pickNumber tries every number at which an answer can change.
func (d *domain) pickNumber(lits []literal, holds func(string) bool) (string, bool, error) {
	for _, x := range d.prefer {
		if holds(x) {
			return x, true, nil
		}
	}
	candidates := edges(nil, d.spans)
	for _, l := range lits {
		candidates = edges(candidates, l.test.spans)
	}
	slices.Sort(candidates)
	for _, n := range candidates {
		if inSpans(d.spans, n) && holds(d.format(n)) {
			return d.format(n), true, nil
		}
	}
	return "", false, nil
}

// edges adds the ends of each span and their neighbours outside.
func edges(to []int64, spans []span) []int64 {
	for _, s := range spans {
		to = append(to, s.low, s.high)
		if s.low > -1<<60 {
			to = append(to, s.low-1)
		}
		if s.high < 1<<60 {
			to = append(to, s.high+1)
		}
	}
	return to
}

// exampleAddresses are those that documentation uses.
var exampleAddresses = []string{"203.0.113.10", "2001:db8::10"}

// pickAddress tries the first and last address of every range and their
// neighbours: answers change nowhere else.
func (d *domain) pickAddress(lits []literal, holds func(string) bool) (string, bool, error) {
	candidates := append(slices.Clone(d.prefer), exampleAddresses...)
	for _, l := range lits {
		for _, p := range l.test.prefixes {
			first, last := p.Addr(), lastAddress(p)
			for _, a := range []netip.Addr{first.Next(), first, last, first.Prev(), last.Next()} {
				if a.IsValid() {
					candidates = append(candidates, a.String())
				}
			}
		}
	}
	for _, x := range candidates {
		if holds(x) {
			return x, true, nil
		}
	}
	return "", false, nil
}

// pickSet finds a set of values for a key with many. What must hold for every
// member limits each of them; what must hold for some member adds one.
func (d *domain) pickSet(lits []literal, b *glob.Budget) (value, bool, error) {
	var every []literal
	var some []literal
	for _, l := range lits {
		switch {
		case l.test.kind == presence:
		case (l.test.quant == policy.ForAllValues) == l.want:
			every = append(every, literal{l.test, l.want})
		default:
			some = append(some, literal{l.test, l.want})
		}
	}
	if len(some) == 0 {
		text, ok, err := d.pickOne(every, b)
		return present(text), ok, err
	}
	var members []string
	for _, one := range some {
		text, ok, err := d.pickOne(append(slices.Clone(every), one), b)
		if err != nil || !ok {
			return value{}, ok, err
		}
		if !slices.Contains(members, text) {
			members = append(members, text)
		}
	}
	slices.Sort(members)
	return present(members...), true, nil
}
