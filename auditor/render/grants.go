package render

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// grants writes the place of each grant and its code frame. Grants on one line
// share the line, each with a mark of its own.
func (t text) grants(e entry) {
	shown := e.Grants[:min(len(e.Grants), shownGrants)]
	gutter := 1
	for _, g := range shown {
		gutter = max(gutter, len(strconv.Itoa(g.Line)))
	}
	var last frame
	for _, g := range shown {
		f, ok := t.frame(g)
		switch {
		case !ok:
			t.unframed(g)
		case last.shares(f):
			f.part = last.part
			t.mark(f, gutter)
		default:
			t.line("  " + t.place(g))
			t.line(fmt.Sprintf("  %s %s", t.paint(dim, fmt.Sprintf("%*d |", gutter, g.Line)), code(f.line, f.part)))
			t.mark(f, gutter)
		}
		last = f
	}
	if more := len(e.Grants) - len(shown); more > 0 {
		t.line("  and " + count(more, "more place"))
	}
}

// frame is what is shown of one grant.
type frame struct {
	finding.Grant
	name string
	line []cell
	part span // of line, what is shown
	mark span
}

// frame finds the line of g in its document; false when the document or the
// place is not known.
func (t text) frame(g finding.Grant) (frame, bool) {
	source, ok := lineOf(g.Text, g.Line)
	if !ok || g.Text == "" || g.Column < 1 {
		return frame{}, false
	}
	line := cells(source)
	mark := span{min(g.Column-1, len(line)), g.EndColumn - 1}
	if g.EndLine > g.Line {
		mark.end = len(cells(strings.TrimRight(source, " \t")))
	}
	mark.end = max(mark.start+1, mark.end)
	return frame{Grant: g, name: t.document(g), line: line, part: window(line, mark), mark: mark}, true
}

// shares reports whether next can be marked under the line that f shows.
func (f frame) shares(next frame) bool {
	return f.Line == next.Line && f.name == next.name && f.Text == next.Text &&
		f.part.start <= next.mark.start && min(next.mark.end, len(next.line)) <= f.part.end
}

func (t text) mark(f frame, gutter int) {
	indent, underline := caret(f.line, f.part, f.mark)
	row := fmt.Sprintf("  %s %s%s", t.paint(dim, strings.Repeat(" ", gutter)+" |"), indent, t.paint(yellow, underline))
	if f.Says != "" {
		row += " " + Visible(f.Says)
	}
	if f.EndLine > f.Line {
		row += fmt.Sprintf(" (to line %d)", f.EndLine)
	}
	t.line(row)
}

// unframed writes a grant whose text is not at hand.
func (t text) unframed(g finding.Grant) {
	if g.Says == "" {
		t.line("  " + t.place(g))
		return
	}
	t.line("  " + t.place(g) + ": " + Visible(g.Says))
}
