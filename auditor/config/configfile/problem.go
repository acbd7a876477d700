package configfile

import (
	"fmt"
	"strings"
)

// Error is everything that is wrong with one file.
type Error struct {
	Path     string
	Problems []Problem // in the order of the file; at least one
}

// Problem is one mistake with its place, line and column counted from 1.
type Problem struct {
	Line, Column int
	Message      string // what is wrong (what was expected)
}

// Error returns one line for each problem: path:line:column: message.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", e.Path, p.Line, p.Column, p.Message)
	}
	return strings.Join(lines, "\n")
}
