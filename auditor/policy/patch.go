package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// Edit is one operation of a JSON Patch (RFC 6902): "add", "remove" or "replace".
type Edit struct {
	Op      string
	Pointer string // RFC 6901; a list's "-" is its end
	Value   any    // what json.Marshal takes; nothing for "remove"
}

// Apply returns the document's text after the edits, in order. Nothing changes
// outside the elements edited, and what is written follows the layout around
// it: over lines where the document is, in one line where it is not.
//
// An edit of something that is not there, or that stands there twice, is an error.
func (d *Document) Apply(edits ...Edit) (string, error) {
	text := d.Text
	for _, e := range edits {
		var err error
		if text, err = apply(text, e); err != nil {
			return "", fmt.Errorf("%s %s: %w", e.Op, e.Pointer, err)
		}
	}
	return text, nil
}

func apply(text string, e Edit) (string, error) {
	var tree jsonpos.Tree
	if err := tree.Parse(text); err != nil {
		return "", err
	}
	cut := strings.LastIndexByte(e.Pointer, '/')
	if cut < 0 {
		return "", fmt.Errorf("the whole document cannot be edited")
	}
	parent, err := lookup(tree.Root(), e.Pointer[:cut])
	if err != nil {
		return "", err
	}
	name := unescape(e.Pointer[cut+1:])
	members := siblings(parent)
	at, found := position(parent, members, name)
	switch {
	case found > 1:
		return "", fmt.Errorf("%q stands there %d times", name, found)
	case e.Op == "replace" && found == 1:
		return replace(text, members[at], e.Value)
	case e.Op == "remove" && found == 1:
		return remove(text, parent, members, at), nil
	case e.Op == "add" && found == 1 && parent.Kind() == jsonpos.Object:
		return replace(text, members[at], e.Value)
	case e.Op == "add" && parent.Kind() == jsonpos.Object:
		return add(text, parent, members, string(jsonpos.AppendQuote(nil, name)), e.Value)
	case e.Op == "add" && parent.Kind() == jsonpos.Array && name == "-":
		return add(text, parent, members, "", e.Value)
	}
	return "", fmt.Errorf("there is no such element")
}

// lookup follows a pointer.
func lookup(v jsonpos.Value, pointer string) (jsonpos.Value, error) {
	if pointer == "" {
		return v, nil
	}
	for _, step := range strings.Split(pointer[1:], "/") {
		members := siblings(v)
		at, found := position(v, members, unescape(step))
		if found != 1 {
			return v, fmt.Errorf("%q is there %d times", step, found)
		}
		v = members[at]
	}
	return v, nil
}

func unescape(step string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
}

func siblings(v jsonpos.Value) []jsonpos.Value {
	var out []jsonpos.Value
	for child := range v.Children() {
		out = append(out, child)
	}
	return out
}

// position finds a member by name or an element by index, and how many there are.
func position(parent jsonpos.Value, members []jsonpos.Value, name string) (at, found int) {
	if parent.Kind() == jsonpos.Array {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(members) {
			return -1, 0
		}
		return i, 1
	}
	for i, m := range members {
		if m.Name() == name {
			at = i
			found++
		}
	}
	return at, found
}

func replace(text string, v jsonpos.Value, value any) (string, error) {
	written, err := spell(text, v.Start(), value)
	return text[:v.Start()] + written + text[v.End():], err
}

// add enters a member or element behind the last one, laid out as the others.
func add(text string, parent jsonpos.Value, members []jsonpos.Value, name string, value any) (string, error) {
	if len(members) == 0 {
		written, err := spell(text, parent.Start(), value)
		if name != "" {
			written = name + ": " + written
		}
		return text[:parent.Start()+1] + written + text[parent.End()-1:], err
	}
	first, last := members[0], members[len(members)-1]
	space := text[parent.Start()+1 : begin(first)]
	separator := ":"
	if name != "" {
		separator = text[first.NameEnd():first.Start()]
	}
	written, err := spell(text, begin(last), value)
	if name != "" {
		written = name + separator + written
	}
	return text[:last.End()] + "," + space + written + text[last.End():], err
}

// remove takes out a member or element with the comma and the space that
// belonged to it.
func remove(text string, parent jsonpos.Value, members []jsonpos.Value, at int) string {
	switch {
	case len(members) == 1:
		return text[:parent.Start()+1] + text[parent.End()-1:]
	case at == len(members)-1:
		return text[:members[at-1].End()] + text[members[at].End():]
	}
	return text[:begin(members[at])] + text[begin(members[at+1]):]
}

// begin is where a member's name begins, or an element.
func begin(v jsonpos.Value) int {
	if v.NameEnd() > v.NameStart() {
		return v.NameStart()
	}
	return v.Start()
}

// spell writes a value for the place at offset: over lines, indented like the
// line there, when the document is laid out so, and in one line when not.
func spell(text string, offset int, value any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if strings.Contains(strings.TrimSpace(text), "\n") {
		line := text[strings.LastIndexByte(text[:offset], '\n')+1:]
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		enc.SetIndent(indent, unit(text))
	}
	err := enc.Encode(value)
	written := strings.TrimSpace(b.String())
	if strings.Contains(text, "\r\n") {
		written = strings.ReplaceAll(written, "\n", "\r\n")
	}
	return written, err
}

// unit is what the document indents one level by: the white space that begins
// its first indented line.
func unit(text string) string {
	for line := range strings.Lines(text) {
		if space := line[:len(line)-len(strings.TrimLeft(line, " \t"))]; space != "" && strings.TrimSpace(line) != "" {
			return space
		}
	}
	return "  "
}
