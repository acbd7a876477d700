package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// element is one element of a list in a page, in memory whole until the next is
// read: what is kept of it is copied. Its methods read values out of it and note as
// gaps what is not as it should be.
type element struct {
	*page
	batch *jsonpos.Batch
	start int64 // offset in the file
	value jsonpos.Value
	name  string // what gaps call it
}

// gap notes something about a place in the element. Lines and columns are the
// file's.
func (e element) gap(offset int, format string, args ...any) {
	line, column := e.batch.Position(e.start + int64(offset))
	reason := fmt.Sprintf(format, args...)
	if e.name != "" {
		reason = e.name + ": " + reason
	}
	e.page.gaps = append(e.page.gaps, inventory.Gap{Where: e.path, Reason: reason, Line: line, Column: column})
}

// lost notes that the element is no JSON the tree takes.
func (e element) lost(err error) {
	if syntax, ok := errors.AsType[*jsonpos.SyntaxError](err); ok {
		e.gap(syntax.Offset, "%s", syntax.Message)
		return
	}
	e.gap(0, "%s", err)
}

// is reports whether v has the kind, and notes a gap where it has another that is
// not null.
func (e element) is(v jsonpos.Value, kind jsonpos.Kind) bool {
	if v.Kind() == kind {
		return true
	}
	if v.Kind() != jsonpos.Null {
		name := v.Name()
		if name == "" {
			name = "element"
		}
		e.gap(v.Start(), "%s is %s (expected %s)", name, v.Kind(), kind)
	}
	return false
}

// string returns a string's text, empty for null.
func (e element) string(v jsonpos.Value) string {
	if !e.is(v, jsonpos.String) {
		return ""
	}
	return strings.Clone(v.Text())
}

// word reads a string that other entities are likely to have too.
func (e element) word(v jsonpos.Value) string {
	if !e.is(v, jsonpos.String) {
		return ""
	}
	return e.words.keep(v.Text())
}

// id reads the name that ends an ARN, which nearly always ends that of the element.
func (e element) id(v jsonpos.Value) string {
	if !e.is(v, jsonpos.String) {
		return ""
	}
	if text := v.Text(); !strings.HasSuffix(e.name, text) {
		return strings.Clone(text)
	}
	return e.name[len(e.name)-len(v.Text()):]
}

// objects calls read for each object in the list v.
func (e element) objects(v jsonpos.Value, read func(jsonpos.Value)) {
	if !e.is(v, jsonpos.Array) {
		return
	}
	for child := range v.Children() {
		if e.is(child, jsonpos.Object) {
			read(child)
		} else if child.Kind() == jsonpos.Null {
			e.gap(child.Start(), "element is null (expected an object)")
		}
	}
}

// member returns the first member of an object with that name.
func member(object jsonpos.Value, name string) (jsonpos.Value, bool) {
	for v := range object.Children() {
		if v.Name() == name {
			return v, true
		}
	}
	return jsonpos.Value{}, false
}

// identify reads the ARN that says which entity the element is, and names the
// element by it. Without a good one there is nothing to judge.
func (e *element) identify(name string, good func(arn.ARN) bool, expected string) (arn.ARN, bool) {
	if e.value.Kind() != jsonpos.Object {
		e.gap(e.value.Start(), "element is %s (expected an object that describes %s)", e.value.Kind(), expected)
		return arn.ARN{}, false
	}
	v, ok := member(e.value, name)
	if !ok || v.Kind() != jsonpos.String {
		e.gap(e.value.Start(), "element has no %s (expected the ARN of %s)", name, expected)
		return arn.ARN{}, false
	}
	text := strings.Clone(v.Text())
	parsed, err := arn.Parse(text)
	if err != nil || !good(parsed) {
		e.gap(v.Start(), "%s is %q (expected the ARN of %s)", name, v.Text(), expected)
		return arn.ARN{}, false
	}
	e.name = text
	return parsed, true
}

// isOne reports whether the resource is "kind/name", with a path between or not.
func isOne(a arn.ARN, kind string) bool {
	return strings.HasPrefix(a.Resource, kind+"/") && a.Name() != ""
}

// document reads a policy document: an object as tools print it, or a string as
// it is stored or as the API encodes it. It returns nil for null, and after a gap.
//
// What the document is to its holder is said by a phrase and, of inline policies,
// versions and guards, its name.
func (e element) document(v jsonpos.Value, what string, name ...string) *inventory.Document {
	if v.Kind() == jsonpos.Null {
		return nil
	}
	if known := e.spellings.of(v.Raw()); known != nil {
		e.policies++
		return known
	}
	for _, n := range name {
		what = strings.TrimPrefix(what+" "+strconv.Quote(n), " ")
	}
	text := ""
	switch v.Kind() {
	case jsonpos.Object:
		text = laidOut(strings.Clone(v.Text()))
	case jsonpos.String:
		decoded, err := inventory.DecodeDocument(strings.Clone(v.Text()))
		if err != nil {
			e.gap(v.Start(), "%s: %v", what, err)
			return nil
		}
		text = decoded
	default:
		e.gap(v.Start(), "%s is %s (expected a policy document)", what, v.Kind())
		return nil
	}
	e.policies++
	document := e.builder.Intern(text)
	e.spellings.keep(v.Raw(), document)
	return document
}
