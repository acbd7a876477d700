// Package glob treats patterns with * and ? as what they are: sets of strings.
// It decides whether a string lies in a set, and finds the simplest string that
// lies in some sets and outside others, or proves that there is none.
//
// Every pattern is a linear automaton: a sequence of character classes, each of
// them read once or any number of times. Questions about several patterns are
// answered by walking all their automata side by side; the walk is exact, and a
// Budget bounds it, since patterns come from documents that an attacker writes.
package glob

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Pattern is a set of strings: one sequence of character classes. Patterns are
// immutable. The zero Pattern holds the empty string alone.
type Pattern struct {
	steps []step // of a literal none: see states
	// text is the one string of a pattern without classes and repetition;
	// literal says that it is such a pattern.
	text    string
	literal bool
}

// step reads one character of a class, or any number of them.
type step struct {
	class Class
	many  bool
}

// Literal returns the set that holds text alone.
func Literal(text string) Pattern {
	return Pattern{text: text, literal: true}
}

// Compile returns the set of strings that an IAM wildcard pattern matches: *
// stands for any number of characters, ? for exactly one.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func Compile(text string) Pattern {
	if !strings.ContainsAny(text, "*?") {
		return Literal(text)
	}
	return New().Wild(text, AnyChar).Pattern()
}

// Everything returns the set of all strings.
func Everything() Pattern { return New().Many(AnyChar).Pattern() }

// IsEverything reports whether p holds every string.
func (p Pattern) IsEverything() bool {
	if p.literal || len(p.steps) == 0 {
		return false
	}
	for _, s := range p.steps {
		if !s.many || s.class != AnyChar {
			return false
		}
	}
	return true
}

// Text returns the only string of p, and whether p holds exactly one.
func (p Pattern) Text() (string, bool) { return p.text, p.literal }

// Match reports whether s lies in p. It takes len(s) × len(p) steps at worst
// and usually far fewer.
func (p Pattern) Match(s string) bool {
	if p.literal {
		return p.text == s
	}
	return match(p.steps, s)
}

// match walks greedily and returns to the last repetition on a mismatch. That
// is right only where a repetition reads what a later one could read as well,
// so patterns with narrower repetitions fall back to trying each of them.
func match(steps []step, s string) bool {
	if !onlyWideRepetition(steps) {
		return matchAny(steps, s)
	}
	i, back, mark := 0, -1, 0
	for at := 0; at < len(s); {
		c, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case i < len(steps) && steps[i].many:
			back, mark = i, at
			i++
		case i < len(steps) && steps[i].class.Has(c):
			i++
			at += size
		case back >= 0:
			_, skip := utf8.DecodeRuneInString(s[mark:])
			mark += skip
			i, at = back+1, mark
		default:
			return false
		}
	}
	for i < len(steps) && steps[i].many {
		i++
	}
	return i == len(steps)
}

func onlyWideRepetition(steps []step) bool {
	for _, s := range steps {
		if s.many && s.class != AnyChar {
			return false
		}
	}
	return true
}

// matchAny simulates the automaton with a set of positions. Before the first
// repetition there is but one.
func matchAny(steps []step, s string) bool {
	for ; len(steps) > 0 && !steps[0].many; steps = steps[1:] {
		c, size := utf8.DecodeRuneInString(s)
		if size == 0 || !steps[0].class.Has(c) {
			return false
		}
		s = s[size:]
	}
	now, next := make([]bool, len(steps)+1), make([]bool, len(steps)+1)
	now[0] = true
	closePositions(steps, now)
	for _, c := range s {
		clear(next)
		alive := false
		for i, st := range steps {
			if !now[i] || !st.class.Has(c) {
				continue
			}
			alive = true
			if st.many {
				next[i] = true
			} else {
				next[i+1] = true
			}
		}
		if !alive {
			return false
		}
		closePositions(steps, next)
		now, next = next, now
	}
	return now[len(steps)]
}

func closePositions(steps []step, set []bool) {
	for i, st := range steps {
		if set[i] && st.many {
			set[i+1] = true
		}
	}
}

// Builder puts a pattern together from left to right.
type Builder struct{ steps []step }

// New returns a builder of the pattern that holds the empty string.
func New() *Builder { return &Builder{} }

// Text adds a fixed text.
func (b *Builder) Text(text string) *Builder {
	b.steps = literalSteps(b.steps, text)
	return b
}

// Fold adds a fixed text that may be written in any mix of upper and lower case.
func (b *Builder) Fold(text string) *Builder {
	for _, c := range text {
		b.steps = append(b.steps, step{class: foldClass(c)})
	}
	return b
}

// Wild adds a wildcard pattern whose * and ? read characters of class.
func (b *Builder) Wild(text string, class Class) *Builder {
	for _, c := range text {
		switch c {
		case '*':
			b.Many(class)
		case '?':
			b.One(class)
		default:
			b.steps = append(b.steps, step{class: Char(c)})
		}
	}
	return b
}

// One adds one character of class.
func (b *Builder) One(class Class) *Builder {
	b.steps = append(b.steps, step{class: class})
	return b
}

// Times adds exactly n characters of class.
func (b *Builder) Times(n int, class Class) *Builder {
	for range n {
		b.One(class)
	}
	return b
}

// Many adds any number of characters of class, none included.
func (b *Builder) Many(class Class) *Builder {
	if n := len(b.steps); n > 0 && b.steps[n-1] == (step{class, true}) {
		return b // ** says no more than *
	}
	b.steps = append(b.steps, step{class: class, many: true})
	return b
}

// Pattern returns what was built.
func (b *Builder) Pattern() Pattern {
	var text strings.Builder
	for _, s := range b.steps {
		c, single := s.class.single()
		if s.many || !single {
			return Pattern{steps: b.steps}
		}
		text.WriteRune(c)
	}
	return Literal(text.String())
}

// states adds the steps of p. Most literals are only ever compared, so theirs are
// made when a machine takes them.
func (p Pattern) states(to []step) []step {
	if p.literal {
		return literalSteps(to, p.text)
	}
	return append(to, p.steps...)
}

func literalSteps(steps []step, text string) []step {
	steps = slices.Grow(steps, len(text))
	for _, c := range text {
		steps = append(steps, step{class: Char(c)})
	}
	return steps
}
