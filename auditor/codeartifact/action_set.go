package codeartifact

import (
	"iter"
	"math/bits"
	"strings"
)

// ActionSet is a set of actions: a value of two words, compared with ==. The
// zero value is the empty set. Methods return a new set and change none.
type ActionSet struct {
	lo, hi uint64
}

// Actions returns the set of the given actions. NoAction is left out.
func Actions(actions ...Action) ActionSet {
	var s ActionSet
	for _, a := range actions {
		s = s.Add(a)
	}
	return s
}

// Add returns s with a in it; adding NoAction gives s.
func (s ActionSet) Add(a Action) ActionSet {
	switch {
	case a == NoAction || int(a) >= len(actions):
	case a < 64:
		s.lo |= 1 << a
	default:
		s.hi |= 1 << (a - 64)
	}
	return s
}

// Has reports whether a is in s.
func (s ActionSet) Has(a Action) bool {
	if a < 64 {
		return s.lo&(1<<a) != 0
	}
	return a < 128 && s.hi&(1<<(a-64)) != 0
}

// And returns the actions that are in both.
func (s ActionSet) And(t ActionSet) ActionSet { return ActionSet{s.lo & t.lo, s.hi & t.hi} }

// Or returns the actions that are in either.
func (s ActionSet) Or(t ActionSet) ActionSet { return ActionSet{s.lo | t.lo, s.hi | t.hi} }

// Minus returns the actions of s that are not in t.
func (s ActionSet) Minus(t ActionSet) ActionSet { return ActionSet{s.lo &^ t.lo, s.hi &^ t.hi} }

// Covers reports whether every action of t is in s.
func (s ActionSet) Covers(t ActionSet) bool { return t.Minus(s).IsEmpty() }

// Meets reports whether s and t have an action in common.
func (s ActionSet) Meets(t ActionSet) bool { return !s.And(t).IsEmpty() }

// IsEmpty reports whether s has no action.
func (s ActionSet) IsEmpty() bool { return s.lo|s.hi == 0 }

// Len returns the number of actions.
func (s ActionSet) Len() int { return bits.OnesCount64(s.lo) + bits.OnesCount64(s.hi) }

// First returns the first action in the table's order, or NoAction.
func (s ActionSet) First() Action {
	switch {
	case s.lo != 0:
		return Action(bits.TrailingZeros64(s.lo))
	case s.hi != 0:
		return Action(64 + bits.TrailingZeros64(s.hi))
	}
	return NoAction
}

// All yields the actions in the table's order.
func (s ActionSet) All() iter.Seq[Action] {
	return func(yield func(Action) bool) {
		for lo := s.lo; lo != 0; lo &= lo - 1 {
			if !yield(Action(bits.TrailingZeros64(lo))) {
				return
			}
		}
		for hi := s.hi; hi != 0; hi &= hi - 1 {
			if !yield(Action(64 + bits.TrailingZeros64(hi))) {
				return
			}
		}
	}
}

// String lists the full names in order, separated by commas.
func (s ActionSet) String() string {
	names := make([]string, 0, s.Len())
	for a := range s.All() {
		names = append(names, a.String())
	}
	return strings.Join(names, ", ")
}
