package glob

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

// Union is a set of strings: those that any of its patterns holds. An empty
// Union holds nothing.
type Union []Pattern

// Match reports whether any pattern of u holds s.
func (u Union) Match(s string) bool {
	for _, p := range u {
		if p.Match(s) {
			return true
		}
	}
	return false
}

// IsEverything reports whether some pattern of u alone holds every string.
func (u Union) IsEverything() bool {
	for _, p := range u {
		if p.IsEverything() {
			return true
		}
	}
	return false
}

// IsList reports whether u is a list of strings: no pattern holds more than one.
func (u Union) IsList() bool {
	for _, p := range u {
		if !p.literal {
			return false
		}
	}
	return true
}

// ErrBudget says that a question took more steps than its budget had. There is
// no answer then: neither "there is one" nor "there is none".
var ErrBudget = errors.New("too many steps: the patterns are too entangled to decide")

// Budget is a number of steps that questions may spend together. Steps are
// counted, never timed, so that the same input is always answered the same way.
type Budget struct {
	Left int
	// Purse is a budget that several share; nil for none. Steps are taken from
	// both.
	Purse *Budget
}

// Spend takes n steps, and reports ErrBudget when there are not so many left.
func (b *Budget) Spend(n int) error {
	b.Left -= n
	if b.Left < 0 {
		return ErrBudget
	}
	if b.Purse != nil {
		return b.Purse.Spend(n)
	}
	return nil
}

// Machine reads a string once and knows at each point in which of its sets the
// whole string lies. Its states are the sets of positions in all patterns.
type Machine struct {
	steps  []step // all patterns in a row; a position past a pattern's last step accepts
	starts []int  // first position of each pattern
	sets   []int  // set that each pattern belongs to
	ends   []int  // accepting position of each pattern
	count  int    // number of sets
	words  int    // length of a state
}

// State is a set of positions. States of one machine are equal exactly when
// they tell the same strings apart from there on, or are at least not known to.
type State []uint64

// NewMachine returns the machine over the given sets.
func NewMachine(sets []Union) *Machine {
	m := &Machine{count: len(sets)}
	for i, set := range sets {
		for _, p := range set {
			m.starts = append(m.starts, len(m.steps))
			m.sets = append(m.sets, i)
			m.steps = p.states(m.steps)
			m.ends = append(m.ends, len(m.steps))
			m.steps = append(m.steps, step{}) // the accepting position reads nothing
		}
	}
	m.words = (len(m.steps) + 63) / 64
	return m
}

// Size is the number of positions of the machine: what it costs to make.
func (m *Machine) Size() int { return len(m.steps) }

// Start returns the state before anything was read.
func (m *Machine) Start() State {
	s := make(State, m.words)
	for _, at := range m.starts {
		m.enter(s, at)
	}
	return s
}

// enter adds a position, and those behind it that may read nothing.
func (m *Machine) enter(s State, at int) {
	for {
		s[at/64] |= 1 << (at % 64)
		if !m.steps[at].many {
			return
		}
		at++
	}
}

// next returns the state after reading c.
func (m *Machine) next(s State, c rune) State {
	to := make(State, m.words)
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			at := w*64 + bits.TrailingZeros64(word)
			st := m.steps[at]
			switch {
			case !st.class.Has(c):
			case st.many:
				m.enter(to, at)
			default:
				m.enter(to, at+1)
			}
		}
	}
	return to
}

// Read returns the state after reading text.
func (m *Machine) Read(s State, text string) State {
	for _, c := range text {
		s = m.next(s, c)
	}
	return s
}

// Members reports for each set whether the string read so far lies in it.
func (m *Machine) Members(s State) []bool {
	in := make([]bool, m.count)
	for i, end := range m.ends {
		if s.has(end) {
			in[m.sets[i]] = true
		}
	}
	return in
}

// settled reports whether no continuation changes the membership in any set:
// in each of them some pattern is at a final *, or every pattern is past hope.
func (m *Machine) settled(s State, in []bool) bool {
	for set := range m.count {
		if !m.settledIn(s, in, set) {
			return false
		}
	}
	return true
}

// lost reports whether some set has settled otherwise than want says.
func (m *Machine) lost(s State, in, want []bool) bool {
	for set := range m.count {
		if in[set] != want[set] && m.settledIn(s, in, set) {
			return true
		}
	}
	return false
}

// settledIn reports whether no continuation changes the membership in one set.
func (m *Machine) settledIn(s State, in []bool, set int) bool {
	if in[set] && m.atFinalStar(s, set) {
		return true
	}
	for i, start := range m.starts {
		if m.sets[i] == set && m.anyLive(s, start, m.ends[i]) {
			return false
		}
	}
	return true
}

func (m *Machine) atFinalStar(s State, set int) bool {
	for i, start := range m.starts {
		last := m.ends[i] - 1
		if m.sets[i] == set && last >= start && s.has(last) && m.steps[last] == (step{AnyChar, true}) {
			return true
		}
	}
	return false
}

func (m *Machine) anyLive(s State, from, to int) bool {
	for at := from; at <= to; at++ {
		if s.has(at) {
			return true
		}
	}
	return false
}

func (s State) has(at int) bool { return s[at/64]&(1<<(at%64)) != 0 }

func keyOf(states []State) string {
	if len(states) == 1 {
		return states[0].Key()
	}
	var all string
	for _, s := range states {
		all += s.Key()
	}
	return all
}

// Key returns s as a map key.
func (s State) Key() string {
	raw := make([]byte, 0, len(s)*8)
	for _, w := range s {
		raw = binary.LittleEndian.AppendUint64(raw, w)
	}
	return string(raw)
}

// live adds to out the distinct classes that the positions of s can read.
func (m *Machine) live(s State, out []Class) []Class {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			class := m.steps[w*64+bits.TrailingZeros64(word)].class
			if class == (Class{}) || slices.Contains(out, class) {
				continue
			}
			out = append(out, class)
		}
	}
	return out
}
