package jsonpos

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// FuzzTree holds Tree against encoding/json: what one accepts the other accepts,
// but for the documented differences, and they agree on every scalar. A Decoder
// of the same bytes, given one at a time, agrees with the Tree.
func FuzzTree(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `""`, `null`, ` -1.5e+3 `, `{"a":{"a":[1,"\u00e9\ud83d\ude00",true,{}],"a":null}}`, "\t[ ]\r\n",
		`{"a":1,}`, `[1 2]`, `{"a"`, `"\ud800"`, `"\ud83d\u0041"`, `"\ud83d\ud83d"`, `"\ud83d\uDE0"`, `"\udc00\ud800"`, `"\u00g0"`, `"\x"`, `-`, `1.`, `1e`, `-0`, `0.0E-1`, `tru`, `{"a" 1}`, `{,}`, `[,]`, `]`, `{]`, "\"a\tb\"", "\"abcdefgh\x1f\"", "\"\xff\"", `01`, `{} {}`, "\x00", `[nul]`, strings.Repeat("[", 70),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var tree Tree
		err := tree.Parse(text)
		stream := drain(NewDecoder(iotest.OneByteReader(strings.NewReader(text)), 1<<20))
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("%v is no *SyntaxError", err)
			}
			if syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Message == "" {
				t.Fatalf("bad error: %v in %d bytes", err, len(text))
			}
			if json.Valid([]byte(text)) && utf8.ValidString(text) && !differs(syntax.Message) {
				t.Fatalf("encoding/json accepts this, got %v", err)
			}
			// A stream may hold several values or none, and a mark in front.
			if stream == nil && !strings.Contains(syntax.Message, "expected nothing more") && strings.TrimSpace(text) != "" && !marked(text) {
				t.Fatalf("the decoder accepts this, the tree says %v", err)
			}
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatal("encoding/json refuses this")
		}
		if stream != nil {
			t.Fatalf("the tree accepts this, the decoder says %v", stream)
		}
		check(t, text, tree.Root(), 0, len(text))
		if !marked(text) {
			alike(t, &tree, text)
		}
	})
}

// alike holds a value as the element of a list against the tree of its text.
func alike(t *testing.T, parsed *Tree, text string) {
	d := NewDecoder(strings.NewReader("["+text+"]"), 1<<20)
	var b Batch
	var tree Tree
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	if more, err := d.Batch(&b); more || b.Len() != 1 || err != nil && !strings.Contains(err.Error(), "too many levels") {
		t.Fatalf("got %d elements and more: %v, %v", b.Len(), more, err)
	}
	raw := b.Raw(0)
	if err := tree.Read(raw); err != nil {
		t.Fatal(err)
	}
	shift := int32(parsed.Root().Start())
	if line, column := b.Position(raw.Start); line != 1+strings.Count(text[:shift], "\n") || column < 1 {
		t.Fatalf("got line %d, column %d of %q", line, column, text)
	}
	raw.Start-- // the bracket
	for i, n := range tree.nodes {
		n.start, n.end = n.start+shift, n.end+shift
		if n.named {
			n.nameStart, n.nameEnd = n.nameStart+shift, n.nameEnd+shift
		}
		if n != parsed.nodes[i] {
			t.Fatalf("node %d is %+v in the value read, %+v in the text", i, n, parsed.nodes[i])
		}
	}
	if len(tree.nodes) != len(parsed.nodes) || raw.Start != int64(shift) {
		t.Fatalf("%d nodes at %d, want %d at %d", len(tree.nodes), raw.Start, len(parsed.nodes), shift)
	}
}

// differs says whether a message is one of the documented differences.
func differs(message string) bool {
	return strings.Contains(message, "surrogate pair") || strings.Contains(message, "too many levels")
}

func marked(text string) bool {
	mark, order, err := encodingOf([]byte(text))
	return mark > 0 || order != nil || err != nil
}

func drain(d *Decoder) error {
	for {
		if _, err := d.Token(); err != nil {
			if err.Error() == "EOF" {
				return nil
			}
			return err
		}
	}
}

// check holds v and what is inside it against encoding/json and against [from, to).
func check(t *testing.T, text string, v Value, from, to int) {
	if v.NameStart() < from || v.NameEnd() > v.Start() && v.NameEnd() != v.NameStart() || v.Start() >= v.End() || v.End() > to {
		t.Fatalf("place [%d,%d) of %s outside [%d,%d)", v.Start(), v.End(), v.Kind(), from, to)
	}
	if v.NameEnd() > v.NameStart() {
		var name string
		if err := json.Unmarshal([]byte(text[v.NameStart():v.NameEnd()]), &name); err != nil || name != v.Name() {
			t.Fatalf("name %q, encoding/json says %q, %v", v.Name(), name, err)
		}
	}
	written := text[v.Start():v.End()]
	switch v.Kind() {
	case String:
		var s string
		if err := json.Unmarshal([]byte(written), &s); err != nil || s != v.Text() {
			t.Fatalf("string %q, encoding/json says %q, %v", v.Text(), s, err)
		}
		if again := string(AppendQuote(nil, s)); unquote(again) != s {
			t.Fatalf("%q quoted is %s", s, again)
		}
	case Number, Bool, Null:
		if !json.Valid([]byte(written)) || written != v.Text() {
			t.Fatalf("scalar %q in %q", v.Text(), written)
		}
	}
	if p := Pointer(text, v.Start()); v.Kind() != Object && v.Kind() != Array && p == "" && v.Start() > strings.IndexAny(text, "{[\"0123456789-tfn") {
		t.Fatalf("no pointer to %q", written)
	}
	at := v.Start()
	for child := range v.Children() {
		check(t, text, child, at, v.End())
		at = child.End()
	}
}
