package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

// shown returns the diff of what was changed, and as comments, which patch and
// git apply pass over, what else there is to choose and what is left.
func (m *mending) shown(read *inventory.Inventory, visible bool) []byte {
	var out bytes.Buffer
	for _, c := range m.changes {
		m.paint(&out, unified(m.header(c, read), c.before.Text, c.after.Text), visible)
	}
	if m.quiet {
		return out.Bytes()
	}
	m.rest(&out)
	return out.Bytes()
}

// unified returns a unified diff with three lines of context.
func unified(name, before, after string) []byte {
	text := diff.Diff(name, []byte(before), name, []byte(after))
	if at := bytes.IndexByte(text, '\n'); at >= 0 {
		return text[at+1:] // the first line names the command that made it
	}
	return nil
}

// header is how the diff calls a document: by its path, or the policy in its place.
func (m *mending) header(c *change, read *inventory.Inventory) string {
	name := c.Policy
	if fileAt(read, c.Policy) == nil {
		name = render.Short(m.report, c.Policy)
	}
	switch {
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }):
		return strconv.Quote(name)
	case strings.Contains(name, " "):
		return name + "\t" // without it the name ends at the space
	}
	return name
}

func fileAt(inv *inventory.Inventory, path string) *inventory.File {
	i := slices.IndexFunc(inv.Files, func(f *inventory.File) bool { return f.Path == path })
	if i < 0 {
		return nil
	}
	return inv.Files[i]
}

// paint writes a diff. On a terminal, characters that it would obey are shown as
// escapes; elsewhere the text is exact, so that it can be applied.
func (m *mending) paint(out *bytes.Buffer, text []byte, visible bool) {
	for line := range strings.Lines(string(text)) {
		line, end := strings.TrimSuffix(line, "\n"), "\n"
		if visible {
			fields := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
			for i := range fields {
				fields[i] = render.Visible(fields[i])
			}
			line = strings.Join(fields, "\t")
		}
		colour := ""
		switch {
		case !m.color:
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
			colour = "1"
		case strings.HasPrefix(line, "@@"):
			colour = "36"
		case strings.HasPrefix(line, "-"):
			colour = "31"
		case strings.HasPrefix(line, "+"):
			colour = "32"
		}
		if colour != "" {
			line = "\x1b[" + colour + "m" + line + "\x1b[0m"
		}
		out.WriteString(line + end)
	}
}

// rest writes what is not in the diff: the options, and what no fix mends.
func (m *mending) rest(out *bytes.Buffer) {
	for _, o := range m.made {
		m.instead(out, o)
	}
	options := 0
	for i := range m.report.Findings {
		f := &m.report.Findings[i]
		for j := range f.Fixes {
			o := option{f, &f.Fixes[j]}
			if o.fix.Safe && m.safe {
				continue
			}
			if options++; options == 1 || j == 0 {
				fmt.Fprintf(out, "# %s: %v: %s [%s]\n", render.Short(m.report, f.Subject.ID), f.Severity, render.Visible(f.Message), f.Rule)
			}
			m.option(out, o)
		}
	}
	m.left(out, options)
}

func (m *mending) option(out *bytes.Buffer, o option) {
	fmt.Fprintf(out, "#   --apply %s: %s\n", m.word(o), render.Visible(o.fix.Title))
	if o.fix.Elsewhere != "" {
		fmt.Fprintf(out, "#     there: %s\n", render.Visible(o.fix.Elsewhere))
	}
}

// instead writes what a safe fix that was made leaves to do elsewhere, and what
// could be chosen in its place.
func (m *mending) instead(out *bytes.Buffer, o option) {
	if o.fix.Elsewhere == "" && (len(o.Fixes) == 1 || m.writes) {
		return
	}
	fmt.Fprintf(out, "# %s: fixed: %s [%s]\n", render.Short(m.report, o.Subject.ID), render.Visible(o.fix.Title), o.Rule)
	if o.fix.Elsewhere != "" {
		fmt.Fprintf(out, "#   there: %s\n", render.Visible(o.fix.Elsewhere))
	}
	for i := range o.Fixes {
		if other := (option{o.Finding, &o.Fixes[i]}); other.fix.ID != o.fix.ID && !m.writes {
			m.option(out, other)
		}
	}
}

// left says how much is left, and whether it was all seen.
func (m *mending) left(out *bytes.Buffer, options int) {
	gaps := ""
	if n := len(m.report.Gaps); n > 0 {
		gaps = fmt.Sprintf(", %s not judged", count(n, "place"))
	}
	n := len(m.report.Findings)
	switch {
	case m.report.Coverage.Empty():
		fmt.Fprintln(out, "# nothing to look at")
	case n == 0 && len(m.changes) == 0:
		fmt.Fprintf(out, "# nothing to fix: no finding%s\n", gaps)
	case len(m.changes) == 0 && options == 0:
		fmt.Fprintf(out, "# nothing to fix: %s without a fix%s; caudit scan shows what is wrong\n", count(n, "finding"), gaps)
	case n == 0:
		fmt.Fprintf(out, "# left: no finding%s\n", gaps)
	case m.undone() > 0:
		fmt.Fprintf(out, "# left: %s, %s that could not be made%s\n", count(n, "finding"), count(m.undone(), "safe change"), gaps)
	case options == 0:
		fmt.Fprintf(out, "# left: %s without a fix%s; caudit scan shows what is wrong\n", count(n, "finding"), gaps)
	default:
		fmt.Fprintf(out, "# left: %s, %s to choose%s\n", count(n, "finding"), count(options, "option"), gaps)
	}
}

// undone counts the safe fixes that are still there to be made: what was to be
// written and could not be.
func (m *mending) undone() int {
	n := 0
	for _, f := range m.report.Findings {
		if m.safe && m.writes && slices.ContainsFunc(f.Fixes, func(fix finding.Fix) bool { return fix.Safe }) {
			n++
		}
	}
	return n
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// told says what was written and what is left.
func (m *mending) told(written []*change) []byte {
	var out bytes.Buffer
	if m.quiet {
		return nil
	}
	for _, c := range written {
		for _, fix := range c.made {
			fmt.Fprintf(&out, "wrote %s: %s\n", render.Visible(c.Policy), render.Visible(fix))
		}
	}
	var rest bytes.Buffer
	m.rest(&rest)
	for line := range strings.Lines(rest.String()) {
		out.WriteString(strings.TrimPrefix(line, "# "))
	}
	return out.Bytes()
}

// save writes every changed document into its file. One that cannot be written
// does not keep the others from it.
func (m *mending) save(read *inventory.Inventory) (written []*change, failed error) {
	var wrong []error
	for _, c := range m.changes {
		if err := m.replace(c, read); err != nil {
			wrong = append(wrong, err)
			continue
		}
		written = append(written, c)
	}
	return written, errors.Join(wrong...)
}

// replace writes one document, if its file still holds what was read.
func (m *mending) replace(c *change, read *inventory.Inventory) error {
	file := fileAt(read, c.Policy)
	if file == nil {
		return wrongUsage(fmt.Sprintf("%s is part of an export, which is not written", render.Short(m.report, c.Policy)),
			"caudit fix --diff shows the change; make it where the policy is kept")
	}
	raw, err := os.ReadFile(file.Path)
	if err != nil {
		return fmt.Errorf("write fix: %w", err)
	}
	changed, ok := encodedLike(raw, c.before.Text, c.after.Text)
	if !ok {
		now := source.ReadFrom(file.Path, bytes.NewReader(raw), source.Options{}).Inventory.Files
		if len(now) == 1 && now[0].Document.Text == c.before.Text {
			return wrongUsage(fmt.Sprintf("%s is an answer of CodeArtifact, which is not written", file.Path),
				"caudit fix --diff shows the change; make it where the policy is kept")
		}
		return wrongUsage(fmt.Sprintf("%s changed since it was read; it is left as it is", file.Path), "run caudit fix again")
	}
	info, err := os.Stat(file.Path)
	if err != nil {
		return fmt.Errorf("write fix: %w", err)
	}
	switch {
	case !info.Mode().IsRegular():
		return fmt.Errorf("write fix: %s is no regular file", file.Path)
	case info.Mode().Perm()&0o200 == 0:
		// The folder would let it be replaced; whoever protected it would not.
		return fmt.Errorf("write fix: %s is read-only", file.Path)
	}
	if err := writeFile(file.Path, changed); err != nil {
		return fmt.Errorf("write fix: %w", err)
	}
	return nil
}

// encodedLike returns after in the encoding in which raw is before: UTF-8 or
// UTF-16, with or without a byte order mark. It reports false where raw is not
// before in any.
func encodedLike(raw []byte, before, after string) ([]byte, bool) {
	for _, encode := range []func(string) []byte{
		func(s string) []byte { return []byte(s) },
		func(s string) []byte { return []byte("\ufeff" + s) },
		func(s string) []byte { return utf16With(s, 0, 1) },
		func(s string) []byte { return utf16With(s, 1, 0) },
	} {
		if bytes.Equal(encode(before), raw) {
			return encode(after), true
		}
	}
	return nil, false
}

// utf16With encodes text as UTF-16 with a byte order mark, the low byte of each
// unit at one place of its two and the high byte at the other.
func utf16With(text string, low, high int) []byte {
	units := utf16.Encode([]rune("\ufeff" + text))
	out := make([]byte, 2*len(units))
	for i, u := range units {
		out[2*i+low], out[2*i+high] = byte(u), byte(u>>8)
	}
	return out
}
