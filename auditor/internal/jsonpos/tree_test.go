package jsonpos

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTreeKnowsItsOffsets(t *testing.T) {
	const text = " {\"a\" : [1, \"x\\u0041\\n\", null], \"a\":{}, \"k\\\"\": true,\r\n \"ü\": [ ] } \n"
	var tree Tree
	if err := tree.Parse(text); err != nil {
		t.Fatal(err)
	}
	var lines []string
	var walk func(v Value, depth int)
	walk = func(v Value, depth int) {
		line := strings.Repeat("  ", depth)
		if v.NameEnd() > v.NameStart() {
			line += fmt.Sprintf("%s=%s ", v.Name(), text[v.NameStart():v.NameEnd()])
		}
		line += fmt.Sprintf("%s %q %q", v.Kind(), text[v.Start():v.End()], v.Text())
		lines = append(lines, line)
		for child := range v.Children() {
			walk(child, depth+1)
		}
	}
	walk(tree.Root(), 0)
	want := []string{
		`an object "{\"a\" : [1, \"x\\u0041\\n\", null], \"a\":{}, \"k\\\"\": true,\r\n \"ü\": [ ] }" ` +
			`"{\"a\" : [1, \"x\\u0041\\n\", null], \"a\":{}, \"k\\\"\": true,\r\n \"ü\": [ ] }"`,
		`  a="a" a list "[1, \"x\\u0041\\n\", null]" "[1, \"x\\u0041\\n\", null]"`,
		`    a number "1" "1"`,
		`    a string "\"x\\u0041\\n\"" "xA\n"`,
		`    null "null" "null"`,
		`  a="a" an object "{}" "{}"`,
		`  k"="k\"" a boolean "true" "true"`,
		`  ü="ü" a list "[ ]" "[ ]"`,
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if got := tree.Root().Len(); got != 4 {
		t.Errorf("root has %d children, want 4", got)
	}
}

func TestSyntaxErrors(t *testing.T) {
	deep := strings.Repeat("[", MaxDepth+1)
	for _, test := range []struct {
		text   string
		offset int
		want   string
	}{
		{``, 0, "text is empty (expected a JSON value)"},
		{"\r\n", 2, "text is empty (expected a JSON value)"},
		{`{`, 1, "text ends too early (expected a name in double quotes or '}')"},
		{`{"a`, 3, `text ends inside a string (expected '"')`},
		{`{"a"`, 4, "text ends too early (expected ':')"},
		{`{"a":`, 5, "text ends too early (expected a value)"},
		{`{"a":1`, 6, "text ends too early (expected ',' or '}')"},
		{`{"a":1, `, 8, "text ends too early (expected a name in double quotes)"},
		{`[`, 1, "text ends too early (expected a value or ']')"},
		{`[1`, 2, "text ends too early (expected ',' or ']')"},
		{`[1,`, 3, "text ends too early (expected a value)"},
		{`tru`, 3, "text ends inside a number or word (expected the rest of it)"},
		{`-`, 1, "text ends inside a number or word (expected the rest of it)"},
		{`{"a":1,}`, 7, "unexpected '}' (expected a name in double quotes)"},
		{"{\"a\":1,\n}", 8, "unexpected '}' (expected a name in double quotes)"},
		{`[1, ]`, 4, "unexpected ']' (expected a value)"},
		{`{"a":,}`, 5, "unexpected ',' (expected a value)"},
		{`{"a"::1}`, 5, "unexpected ':' (expected a value)"},
		{`{"a" 1}`, 5, "unexpected '1' (expected ':')"},
		{`{"a",1}`, 4, "unexpected ',' (expected ':')"},
		{`{"a":1 "b":2}`, 7, `unexpected '"' (expected ',' or '}')`},
		{`{"a":1]`, 6, "unexpected ']' (expected ',' or '}')"},
		{`{a:1}`, 1, "unexpected 'a' (expected a name in double quotes or '}')"},
		{`{'a':1}`, 1, `unexpected '\'' (expected a name in double quotes or '}')`},
		{`{1:2}`, 1, "unexpected '1' (expected a name in double quotes or '}')"},
		{`{{}}`, 1, "unexpected '{' (expected a name in double quotes or '}')"},
		{`{"a":1,[]}`, 7, "unexpected '[' (expected a name in double quotes)"},
		{`[,1]`, 1, "unexpected ',' (expected a value or ']')"},
		{`[1,,2]`, 3, "unexpected ',' (expected a value)"},
		{`[1 2]`, 3, "unexpected '2' (expected ',' or ']')"},
		{`[1:2]`, 2, "unexpected ':' (expected ',' or ']')"},
		{`[1}`, 2, "unexpected '}' (expected ',' or ']')"},
		{`}`, 0, "unexpected '}' (expected a JSON value)"},
		{`,1`, 0, "unexpected ',' (expected a JSON value)"},
		{`# c`, 0, "unexpected '#' (expected a JSON value)"},
		{"\xff", 0, "unexpected byte 0xff (expected a JSON value)"},
		{"\x00", 0, `unexpected '\x00' (expected a JSON value)`},
		{"{} x", 3, "unexpected 'x' (expected nothing more)"},
		{"{}}", 2, "unexpected '}' (expected nothing more)"},
		{`{} {}`, 3, "text behind the end of the JSON value (expected nothing more)"},
		{`01`, 1, "text behind the end of the JSON value (expected nothing more)"},
		{`1,`, 1, "unexpected ',' (expected nothing more)"},
		{`[nulx]`, 4, "invalid character 'x' in literal null (expected 'l')"},
		{`[1.x]`, 3, "invalid character 'x' in number (expected digit)"},
		{`["\q"]`, 2, "invalid escape sequence `\\q` in string"},
		{`["\ud800"]`, 2, `escape \ud800 is half a surrogate pair (expected both halves)`},
		{`["\udc00\ud800"]`, 2, `escape \udc00 is half a surrogate pair (expected both halves)`},
		{"[\"a\xff\"]", 3, "invalid UTF-8"},
		{"[\"a\nb\"]", 3, `invalid character '\n' in string (expected non-control character)`},
		{deep, MaxDepth, "too many levels of objects and lists (expected at most 64)"},
		{strings.Repeat(`{"a":`, 100_000), 5 * MaxDepth, "too many levels of objects and lists (expected at most 64)"},
	} {
		var tree Tree
		err := tree.Parse(test.text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("parse %.40q: got %v, want a syntax error", test.text, err)
			continue
		}
		if syntax.Offset != test.offset || syntax.Message != test.want {
			t.Errorf("parse %.40q:\n got %d: %s\nwant %d: %s", test.text, syntax.Offset, syntax.Message, test.offset, test.want)
		}
	}
}

func TestDeepestTree(t *testing.T) {
	var tree Tree
	if err := tree.Parse(strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)); err != nil {
		t.Error(err)
	}
}

func TestTreeIsReusable(t *testing.T) {
	var tree Tree
	for _, text := range []string{`{"a":[1,2,3]}`, `[`, `"x"`, `{"b":"` + strings.Repeat("y", 10_000) + `"}`, `7`} {
		first := tree.Parse(text)
		fresh := new(Tree).Parse(text)
		if fmt.Sprint(first) != fmt.Sprint(fresh) {
			t.Errorf("parse %.20q: used tree says %v, new tree %v", text, first, fresh)
		}
	}
	if got := tree.Root().Text(); got != "7" {
		t.Errorf("root is %q, want 7", got)
	}
}
