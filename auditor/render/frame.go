package render

import "strings"

// A code frame shows the line of a document that a grant stands on, and under it
// the mark:
//
//	9 |       "Action": "codeartifact:Read*",
//	  |                 ^~~~~~~~~~~~~~~~~~~~ lets the token read this repository

const (
	frameColumns = 100 // of a line of code; longer ones are windowed around the mark
	leadColumns  = 30  // of code kept in front of the mark in a window
	tabColumns   = 4
)

// cell is one character of a line as the terminal shows it.
type cell struct {
	shown   string
	columns int
}

// cells returns the characters of one line, tabs expanded.
func cells(line string) []cell {
	var out []cell
	at := 0
	for len(line) > 0 {
		c := cell{}
		if line[0] == '\t' {
			n := tabColumns - at%tabColumns
			c = cell{strings.Repeat(" ", n), n}
			line = line[1:]
		} else {
			shown, size := visibleRune(line)
			c = cell{shown, columns(shown)}
			line = line[size:]
		}
		at += c.columns
		out = append(out, c)
	}
	return out
}

// span is a range of cells, counted from 0, the end excluded.
type span struct{ start, end int }

// window returns the cells to show so that mark can be seen: all of them where
// they fit, otherwise a part that begins a little before the mark.
func window(line []cell, mark span) span {
	if total(line) <= frameColumns {
		return span{0, len(line)}
	}
	start, lead := mark.start, 0
	for start > 0 && lead+line[start-1].columns <= leadColumns {
		start--
		lead += line[start].columns
	}
	end, used := start, 0
	for end < len(line) && used+line[end].columns <= frameColumns {
		used += line[end].columns
		end++
	}
	for start > 0 && used+line[start-1].columns <= frameColumns { // the mark is near the end of the line
		start--
		used += line[start].columns
	}
	return span{start, end}
}

func total(line []cell) int {
	n := 0
	for _, c := range line {
		n += c.columns
	}
	return n
}

// code returns the shown part of a line, with … where something is left out.
func code(line []cell, part span) string {
	var out strings.Builder
	if part.start > 0 {
		out.WriteString("…")
	}
	for _, c := range line[part.start:part.end] {
		out.WriteString(c.shown)
	}
	if part.end < len(line) {
		out.WriteString("…")
	}
	return strings.TrimRight(out.String(), " ")
}

// caret returns the mark under the shown part: ^ below its first column and ~
// below the others.
func caret(line []cell, part, mark span) (indent, underline string) {
	before := total(line[part.start:max(part.start, min(mark.start, len(line)))])
	if part.start > 0 {
		before++ // the …
	}
	from, to := min(mark.start, len(line)), min(mark.end, part.end)
	under := 1
	if from < to {
		under = max(1, total(line[from:to]))
	}
	return strings.Repeat(" ", before), "^" + strings.Repeat("~", under-1)
}

// lineOf returns line n of text, counted from 1, without its end; false when
// the text has fewer.
func lineOf(text string, n int) (string, bool) {
	if n < 1 {
		return "", false
	}
	for range n - 1 {
		_, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return "", false
		}
		text = rest
	}
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), true
}
