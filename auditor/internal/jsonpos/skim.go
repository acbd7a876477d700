package jsonpos

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// ending says how the skimming of a value ended.
type ending uint8

const (
	_        ending = iota
	whole           // the value was accepted
	cut             // the text ends in or right behind the value, which may go on
	doubtful        // whether this is JSON, and what is wrong with it, is for the tokenizer to say
)

// skimmer checks values and notes their nodes in one pass. It accepts what the
// tokenizer accepts, down to MaxDepth, several times as fast; what is wrong with
// the rest is for the tokenizer to say.
type skimmer struct {
	nodes []node
	open  []int32 // the containers that enclose the token being read
	all   bool    // the text is all there is
	ascii bool    // nothing else was seen in strings, the only place for it
}

// awaited is what may come next.
type awaited uint8

const (
	aValue   awaited = iota
	anyValue         // a value, or the end of a list that has none yet
	aName
	anyName // a name, or the end of an object that has none yet
	aColon
	aComma // or the end of the container
)

// value reads the value that begins at text[start] behind white space, and returns
// the offset behind it. It appends the value's nodes, with offsets from base on
// and next counted from the first of them.
func (s *skimmer) value(text []byte, start, base int) (end int, how ending) {
	first := int32(len(s.nodes))
	s.open = s.open[:0]
	next, object := aValue, false
	name := int32(-1) // the node whose name was read and whose value is awaited
	for i := start; ; {
		for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
			i++
		}
		if i >= len(text) {
			return i, cut
		}
		c := text[i]
		switch next {
		case aComma:
			if c == ',' {
				i++
				if next = aValue; object {
					next = aName
				}
				continue
			}
		case aColon:
			if c != ':' {
				return i, doubtful
			}
			i++
			next = aValue
			continue
		case aName, anyName:
			if c == '"' {
				end, escaped, how := s.string(text, i+1)
				if how != whole {
					return end, how
				}
				name = int32(len(s.nodes))
				s.nodes = append(s.nodes, node{named: true, nameEscaped: escaped, nameStart: int32(i - base), nameEnd: int32(end - base)})
				i, next = end, aColon
				continue
			}
		}

		// The end of a container.
		if c == '}' || c == ']' {
			if (c == '}') != object || len(s.open) == 0 || next != aComma && next != anyName && next != anyValue {
				return i, doubtful
			}
			i++
			last := len(s.open) - 1
			closed := &s.nodes[s.open[last]]
			closed.end, closed.next = int32(i-base), int32(len(s.nodes))-first
			s.open = s.open[:last]
			if last == 0 {
				return i, whole
			}
			next, object = aComma, s.nodes[s.open[last-1]].kind == Object
			continue
		}
		if next != aValue && next != anyValue {
			return i, doubtful
		}

		// A value.
		n := name
		if name < 0 {
			n = int32(len(s.nodes))
			s.nodes = append(s.nodes, node{})
		}
		name = -1
		v := &s.nodes[n]
		v.start, v.next = int32(i-base), n+1-first
		switch c {
		case '"':
			end, escaped, how := s.string(text, i+1)
			if how != whole {
				return end, how
			}
			v.kind, v.escaped, i = String, escaped, end
		case '{', '[':
			if len(s.open) == MaxDepth {
				return i, doubtful
			}
			i++
			s.open = append(s.open, n)
			if object = c == '{'; object {
				v.kind, next = Object, anyName
			} else {
				v.kind, next = Array, anyValue
			}
			continue
		default:
			kind, end, how := s.scalar(text, i)
			if how != whole {
				return end, how
			}
			v.kind, i = kind, end
		}
		v.end = int32(i - base)
		if len(s.open) == 0 {
			return i, whole
		}
		next = aComma
	}
}

// Words of eight bytes each of which is the same.
const (
	ones   = 0x0101010101010101
	highs  = 0x80 * ones
	blanks = ' ' * ones
	quotes = '"' * ones
	slants = '\\' * ones
)

// string reads a string behind its opening quote and returns the offset behind
// the closing one.
func (s *skimmer) string(text []byte, i int) (end int, escaped bool, how ending) {
	for {
		// Eight bytes at a time, up to one that is more than itself: the lowest set
		// bit of each test is exact, what lies above it may not be.
		for i+8 <= len(text) {
			w := binary.LittleEndian.Uint64(text[i:])
			q, b := w^quotes, w^slants
			if special := ((q-ones)&^q | (b-ones)&^b | (w-blanks)&^w | w) & highs; special != 0 {
				i += bits.TrailingZeros64(special) >> 3
				break
			}
			i += 8
		}
		if i >= len(text) {
			return i, escaped, cut
		}
		switch c := text[i]; {
		case c == '"':
			return i + 1, escaped, whole
		case c == '\\':
			escaped = true
			var how ending
			if i, how = escape(text, i); how != whole {
				return i, escaped, how
			}
		case c < ' ':
			return i, escaped, doubtful
		case c < utf8.RuneSelf:
			i++
		default:
			s.ascii = false
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 {
				if !utf8.FullRune(text[i:]) {
					return i, escaped, cut
				}
				return i, escaped, doubtful
			}
			i += size
		}
	}
}

// escape reads the escape that begins at text[i].
func escape(text []byte, i int) (end int, how ending) {
	if i+1 >= len(text) {
		return i, cut
	}
	switch text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, whole
	case 'u':
	default:
		return i, doubtful
	}
	if i+6 > len(text) {
		return i, cut
	}
	for _, c := range text[i+2 : i+6] {
		if strings.IndexByte(hexadecimal, c) < 0 {
			return i, doubtful
		}
	}
	if text[i+2]|0x20 != 'd' || text[i+3] < '8' {
		return i + 6, whole
	}
	// The first half of a surrogate pair, which the second must follow.
	if text[i+3]|0x20 >= 'c' {
		return i, doubtful
	}
	for j, allowed := range [...]string{"\\", "u", "dD", "cdefCDEF", hexadecimal, hexadecimal} {
		if i+6+j >= len(text) {
			return i, cut
		}
		if strings.IndexByte(allowed, text[i+6+j]) < 0 {
			return i, doubtful
		}
	}
	return i + 12, whole
}

const hexadecimal = "0123456789abcdefABCDEF"

// scalar reads a number, true, false or null.
func (s *skimmer) scalar(text []byte, i int) (kind Kind, end int, how ending) {
	word := ""
	switch text[i] {
	case 't':
		kind, word = Bool, "true"
	case 'f':
		kind, word = Bool, "false"
	case 'n':
		kind, word = Null, "null"
	default:
		end, how = s.number(text, i)
		return Number, end, how
	}
	end = i + len(word)
	if end > len(text) {
		return kind, i, cut
	}
	if string(text[i:end]) != word {
		return kind, i, doubtful
	}
	return kind, end, whole
}

// number reads a number. One that a text ends with may go on where more can come.
func (s *skimmer) number(text []byte, i int) (end int, how ending) {
	digits := func() bool {
		from := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		return i > from
	}
	is := func(any string) bool {
		for j := range len(any) {
			if i < len(text) && text[i] == any[j] {
				i++
				return true
			}
		}
		return false
	}
	is("-")
	good := is("0") || digits()
	if good && is(".") {
		good = digits()
	}
	if good && is("eE") {
		is("+-")
		good = digits()
	}
	switch {
	case i >= len(text) && !(good && s.all):
		return i, cut
	case !good:
		return i, doubtful
	}
	return i, whole
}
