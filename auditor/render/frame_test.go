package render

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// The caret stands below the first column of the mark, however wide the
// characters before it are.
func TestCaretStandsBelowTheMark(t *testing.T) {
	for _, tt := range []struct{ name, line, mark, shown, row string }{
		{"ascii", `  "Action": "*",`, `"*"`, `  "Action": "*",`, `            ^~~`},
		{"multi-byte", `"größe": "*"`, `"*"`, `"größe": "*"`, `         ^~~`},
		{"east asian wide", `"日本": "*"`, `"*"`, `"日本": "*"`, `        ^~~`},
		{"wide inside the mark", `"日本": "*"`, `"日本"`, `"日本": "*"`, `^~~~~~`},
		{"combining", "\"e\u0301\": \"*\"", `"*"`, "\"e\u0301\": \"*\"", `     ^~~`},
		{"tab at the start", "\t\"*\"", `"*"`, `    "*"`, `    ^~~`},
		{"tab in the line", "ab\t\"*\"", `"*"`, `ab  "*"`, `    ^~~`},
		{"escape", "\x1b[1m\"*\"", `"*"`, `\x1b[1m"*"`, `       ^~~`},
		{"emoji", `"🚀": "*"`, `"*"`, `"🚀": "*"`, `      ^~~`},
		{"bytes that are no text", "\xff\xfe\"*\"", `"*"`, `\xff\xfe"*"`, `        ^~~`},
	} {
		before, _, _ := strings.Cut(tt.line, tt.mark)
		start := utf8.RuneCountInString(before)
		mark := span{start, start + utf8.RuneCountInString(tt.mark)}
		line := cells(tt.line)
		part := window(line, mark)
		indent, underline := caret(line, part, mark)
		if got := code(line, part); got != tt.shown {
			t.Errorf("%s: line %q, want %q", tt.name, got, tt.shown)
		}
		if got := indent + underline; got != tt.row {
			t.Errorf("%s: mark %q, want %q", tt.name, got, tt.row)
		}
	}
}

func TestLineOf(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want string
		ok   bool
	}{
		{"a\r\nb\n", 1, "a", true},
		{"a\r\nb\n", 2, "b", true},
		{"a\r\nb\n", 3, "", true},
		{"a", 2, "", false},
		{"a", 0, "", false},
		{"", 1, "", true},
	} {
		if got, ok := lineOf(tt.text, tt.n); got != tt.want || ok != tt.ok {
			t.Errorf("lineOf(%q, %d) = %q, %v; want %q, %v", tt.text, tt.n, got, ok, tt.want, tt.ok)
		}
	}
}

// Whatever the line and the mark, what is shown fits, contains the beginning of
// the mark, and the caret stands right below it.
func FuzzFrame(f *testing.F) {
	f.Add(`  "Action": "*",`, 12, 3)
	f.Add(strings.Repeat("日本", 200), 300, 50)
	f.Add(strings.Repeat("x", 500), 499, 1)
	f.Add(strings.Repeat("\t\u202e", 90), 100, 400)
	f.Add("", 0, 0)
	f.Fuzz(func(t *testing.T, text string, start, length int) {
		line := cells(strings.ReplaceAll(text, "\n", ""))
		if start < 0 || start > len(line) || length < 1 || length > 1<<20 {
			return
		}
		mark := span{start, start + length}
		part := window(line, mark)
		shown := code(line, part)
		indent, underline := caret(line, part, mark)
		if columns(shown) > frameColumns+2 || columns(indent)+columns(underline) > frameColumns+2 {
			t.Fatalf("shown %d columns, mark ends at %d", columns(shown), columns(indent)+columns(underline))
		}
		for _, r := range shown {
			if hidden(r) {
				t.Fatalf("character %U is shown", r)
			}
		}
		if start == len(line) {
			return
		}
		if part.start > start || part.end <= start {
			t.Fatalf("window %v leaves out the mark %v", part, mark)
		}
		if want := total(line[part.start:start]) + columns(shown[:max(0, len("…")*min(1, part.start))]); columns(indent) != want {
			t.Fatalf("indent %d, want %d", columns(indent), want)
		}
	})
}
