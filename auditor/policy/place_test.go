package policy

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPlaces holds the place of every element of one document, to the letter.
func TestPlaces(t *testing.T) {
	data, err := os.ReadFile("testdata/places.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	eachPlace(doc, func(kind string, p Place, _ string) {
		from, to := doc.Position(p.Start), doc.Position(p.End)
		text := doc.Text[p.Start:p.End]
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			text = text[:i] + "…"
		}
		fmt.Fprintf(&b, "%s %d:%d-%d:%d %s %s\n", kind, from.Line, from.Column, to.Line, to.Column, doc.Pointer(p), text)
	})
	want, err := os.ReadFile("testdata/places.txt")
	if *update {
		want, err = []byte(b.String()), os.WriteFile("testdata/places.txt", []byte(b.String()), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	checkPlaces(t, doc)
}

// eachPlace calls f for every place in doc, with the text that the element says,
// empty where it is no single string.
func eachPlace(doc *Document, f func(kind string, p Place, says string)) {
	for _, s := range doc.Statements {
		f("statement", s.Place, "")
		for _, p := range Principals(s.Principals) {
			f("principal", p.Place, p.Text)
		}
		for _, v := range Values(s.Actions) {
			f("action", v.Place, v.Text)
		}
		for _, v := range Values(s.Resources) {
			f("resource", v.Place, v.Text)
		}
		for _, c := range s.Conditions {
			f("condition", c.Place, "")
			for _, v := range c.Values {
				f("value", v.Place, v.Text)
			}
		}
	}
}

// checkPlaces holds what is true of every document: places lie inside the text,
// the text at a value's place says what the value says, and the pointer found by
// way of the statement is the pointer found from the beginning.
func checkPlaces(t *testing.T, doc *Document) {
	t.Helper()
	slow := &Document{Text: doc.Text}
	eachPlace(doc, func(kind string, p Place, says string) {
		if p.Start < 0 || p.Start >= p.End || p.End > len(doc.Text) {
			t.Fatalf("%s at [%d,%d) of %d bytes", kind, p.Start, p.End, len(doc.Text))
		}
		if got, want := doc.Pointer(p), slow.Pointer(p); got != want || got == "" {
			t.Fatalf("%s: pointer %q, counted from the beginning %q", kind, got, want)
		}
		written := doc.Text[p.Start:p.End]
		if kind == "statement" || kind == "condition" {
			return
		}
		unquoted := written
		if written[0] == '"' {
			if err := json.Unmarshal([]byte(written), &unquoted); err != nil {
				t.Fatalf("%s %s: %v", kind, written, err)
			}
		}
		if unquoted != says {
			t.Fatalf("%s is %q, text says %s", kind, says, written)
		}
	})
	for _, p := range doc.Problems {
		if p.Start < 0 || p.Start > p.End || p.End > len(doc.Text) || p.Message == "" {
			t.Fatalf("bad problem %+v in %d bytes", p, len(doc.Text))
		}
	}
}

func TestPositionCountsCharacters(t *testing.T) {
	long := strings.Repeat("€", 5000)
	doc := &Document{Text: "é€😀x\r\n\nab" + long + "\nz"}
	for _, test := range []struct {
		offset int
		want   Position
	}{
		{-1, Position{1, 1}},
		{0, Position{1, 1}},
		{2, Position{1, 2}},
		{5, Position{1, 3}},
		{9, Position{1, 4}},
		{10, Position{1, 5}}, // the carriage return
		{12, Position{2, 1}},
		{13, Position{3, 1}},
		{15, Position{3, 3}},
		{15 + 3*4000, Position{3, 4003}},
		{15 + 3*5000, Position{3, 5003}},
		{15 + 3*5000 + 1, Position{4, 1}},
		{15 + 3*5000 + 2, Position{4, 2}},
		{1 << 30, Position{4, 2}},
	} {
		if got := doc.Position(test.offset); got != test.want {
			t.Errorf("position of %d: got %v, want %v", test.offset, got, test.want)
		}
	}
}

func TestPositionAgreesWithCounting(t *testing.T) {
	text := strings.Repeat("aé€😀\n"+strings.Repeat("x😀", 700), 5)
	doc := &Document{Text: text}
	want := Position{1, 1}
	for offset, r := range text {
		if got := doc.Position(offset); got != want {
			t.Fatalf("position of %d: got %v, want %v", offset, got, want)
		}
		if want.Column++; r == '\n' {
			want = Position{want.Line + 1, 1}
		}
	}
}
