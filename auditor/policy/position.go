package policy

import (
	"sort"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// Position is a line and a column, both counted from 1, the column in
// characters. A line ends with "\n" or "\r\n".
type Position struct{ Line, Column int }

// Position returns the line and column of a byte offset in d.Text. An offset
// outside of it is moved to its nearest end.
func (d *Document) Position(offset int) Position { return d.lines.position(d.Text, offset) }

// lineIndex makes positions cheap to ask for many times in one text. It is built
// when the first is asked for; building it twice at once gives the same.
type lineIndex struct{ marks atomic.Pointer[[]mark] }

// mark is a place whose position is known. One stands at the beginning of each
// line, and one at every markDistance bytes of a long line, since policies often
// come as a single line and any number of positions may be asked for.
type mark struct {
	offset   int
	position Position
}

const markDistance = 1 << 10

func (x *lineIndex) position(text string, offset int) Position {
	marks := x.marks.Load()
	if marks == nil {
		marks = new(marksOf(text))
		x.marks.Store(marks)
	}
	offset = max(0, min(offset, len(text)))
	last := sort.Search(len(*marks), func(i int) bool { return (*marks)[i].offset > offset }) - 1
	near := (*marks)[last]
	near.position.Column += utf8.RuneCountInString(text[near.offset:offset])
	return near.position
}

func marksOf(text string) []mark {
	at := mark{0, Position{1, 1}}
	marks := []mark{at}
	for at.offset < len(text) {
		rest := text[at.offset:min(at.offset+markDistance, len(text))]
		if newline := strings.IndexByte(rest, '\n'); newline >= 0 {
			at.offset += newline + 1
			at.position = Position{at.position.Line + 1, 1}
		} else {
			// A mark inside a character would count it twice.
			for len(rest) > 1 && at.offset+len(rest) < len(text) && !utf8.RuneStart(text[at.offset+len(rest)]) {
				rest = rest[:len(rest)-1]
			}
			at.offset += len(rest)
			at.position.Column += utf8.RuneCountInString(rest)
		}
		marks = append(marks, at)
	}
	return marks
}
