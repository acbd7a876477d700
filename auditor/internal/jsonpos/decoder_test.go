package jsonpos

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// transcript reads everything from d as tokens, one line each.
func transcript(d *Decoder) string {
	var b strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			line, column := 0, 0
			var syntax *SyntaxError
			if errors.As(err, &syntax) {
				line, column = d.Position(int64(syntax.Offset))
			}
			fmt.Fprintf(&b, "%d:%d %v\n", line, column, err)
			return b.String()
		}
		line, column := d.Position(token.Start)
		fmt.Fprintf(&b, "%d:%d [%d,%d) %s %q %v\n", line, column, token.Start, token.End, token.Kind, token.Text, token.Name)
	}
}

const streamed = "{\"é\": [1, \"x\\ny\"],\r\n \"é\": null} \n true"

const streamedTranscript = `1:1 [0,1) an object "" false
1:2 [1,5) a string "é" true
1:7 [7,8) a list "" false
1:8 [8,9) a number "1" false
1:11 [11,17) a string "x\ny" false
1:17 [17,18) the end of a list "" false
2:2 [22,26) a string "é" true
2:7 [28,32) null "null" false
2:11 [32,33) the end of an object "" false
3:2 [36,40) a boolean "true" false
0:0 EOF
`

func TestDecoderReadsTokensWithPlaces(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"whole":     strings.NewReader(streamed),
		"by bytes":  iotest.OneByteReader(strings.NewReader(streamed)),
		"late EOF":  iotest.DataErrReader(strings.NewReader(streamed)),
		"BOM":       strings.NewReader("\ufeff" + streamed),
		"UTF-16 LE": bytes.NewReader(utf16Of(streamed, binary.LittleEndian)),
		"UTF-16 BE": iotest.OneByteReader(bytes.NewReader(utf16Of(streamed, binary.BigEndian))),
	} {
		if got := transcript(NewDecoder(r, 1<<20)); got != streamedTranscript {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, streamedTranscript)
		}
	}
}

func utf16Of(text string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, unit := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func TestDecoderReadsValues(t *testing.T) {
	d := NewDecoder(iotest.OneByteReader(strings.NewReader(` {"skip": [[1,{"a":2}],3], "keep" : {"b": [ ] }} 7`)), 1<<10)
	step := func(want string, got ...any) {
		t.Helper()
		if s := fmt.Sprint(got...); s != want {
			t.Fatalf("got %s, want %s", s, want)
		}
	}
	must := func(token Token, err error) string { return fmt.Sprint(token.Kind, token.Text, err) }
	step("an object<nil>", must(d.Token()))
	step("a stringskip<nil>", must(d.Token()))
	step("<nil>", d.Skip())
	kind, err := d.Peek()
	step("a string <nil>", kind, err)
	step("a stringkeep<nil>", must(d.Token()))
	text, start, err := d.Value()
	step(`{"b": [ ] }36 <nil>`, text, start, err)
	kind, err = d.Peek()
	step("the end of an object <nil>", kind, err)
	step("1", d.Depth())
	step("the end of an object<nil>", must(d.Token()))
	step("<nil>", d.Skip())
	_, err = d.Peek()
	step("EOF", err)
}

func TestDecoderErrors(t *testing.T) {
	all := func(d *Decoder) error { return eachToken(d) }
	value := func(d *Decoder) error { _, _, err := d.Value(); return err }
	skip := (*Decoder).Skip
	inList := func(read func(*Decoder) error) func(*Decoder) error {
		return func(d *Decoder) error {
			if _, err := d.Token(); err != nil {
				return err
			}
			return read(d)
		}
	}
	broken := errors.New("cable unplugged")
	for _, test := range []struct {
		text string
		read func(*Decoder) error
		want string
	}{
		{``, all, "EOF"},
		{`{"a" 1}`, all, "offset 5: unexpected '1' (expected ':')"},
		{`[1, ]`, all, "offset 4: unexpected ']' (expected a value)"},
		{`[1`, all, "offset 2: text ends too early (expected ',' or ']')"},
		{`1 ]`, all, "offset 2: unexpected ']' (expected a JSON value)"},
		{strings.Repeat("[", 100), all, "offset 64: too many levels of objects and lists (expected at most 64)"},
		{"\xff\xfe[\x00\x00\xd8]\x00", all, "offset 1: half a surrogate pair, 0xd800, in UTF-16 (expected both halves)"},
		{"\xff\xfe[\x00]", all, "offset 1: half a UTF-16 character at the end of the text (expected an even number of bytes)"},
		{"\xff\xfe\x00\x00", all, "offset 0: text is UTF-32 (expected UTF-8 or UTF-16)"},
		{`{"a": [1, {"b": tru}]}`, value, "offset 19: invalid character '}' in literal true (expected 'e')"},
		{`{"a": [1, {"b": 2,}]}`, value, "offset 18: unexpected '}' (expected a name in double quotes)"},
		{`{"a": [1, {"b": 2`, value, "offset 17: text ends too early (expected ',' or '}')"},
		{`[]`, inList(value), "offset 1: unexpected ']' (expected a value or ']')"},
		{`[]`, inList(skip), "offset 1: the end of a list (expected a value)"},
		{`[{"a": 1, 2}]`, skip, "offset 10: unexpected '2' (expected a name in double quotes)"},
		{`"` + strings.Repeat("x", 200_000), all, "offset 0: value is too long (expected at most 1024 bytes)"},
		{`[` + strings.Repeat("1,", 100_000), value, "offset 0: value is too long (expected at most 1024 bytes)"},
		{strings.Repeat(" ", 200_000), all, "offset 0: value is too long (expected at most 1024 bytes)"},
	} {
		d := NewDecoder(strings.NewReader(test.text), 1024)
		err := test.read(d)
		if fmt.Sprint(err) != test.want {
			t.Errorf("read %.30q:\n got %v\nwant %s", test.text, err, test.want)
		}
		if again := test.read(d); fmt.Sprint(again) != test.want {
			t.Errorf("read %.30q again: got %v, want the same error", test.text, again)
		}
	}
	err := eachToken(NewDecoder(io.MultiReader(strings.NewReader("[1,"), iotest.ErrReader(broken)), 1024))
	if !errors.Is(err, broken) || err.Error() != "read JSON at offset 2: cable unplugged" {
		t.Errorf("broken reader: got %v", err)
	}
}

func eachToken(d *Decoder) error {
	for {
		if _, err := d.Token(); err != nil {
			return err
		}
	}
}

// repeated is text n times over.
type repeated struct {
	text string
	at   int
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.at:])
	if r.at += n; r.at == len(r.text) {
		r.at, r.n = 0, r.n-1
	}
	return n, nil
}

func TestDecoderMemoryIsBounded(t *testing.T) {
	element := `{"UserName": "` + strings.Repeat("a", 900) + `", "Path": ["/", null, 12, {}]},` + "\n"
	const n = 100_000
	d := NewDecoder(io.MultiReader(strings.NewReader("["), &repeated{text: element, n: n}, strings.NewReader("0]")), 1<<20)
	var before, after runtime.MemStats
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range n {
		var err error
		if i%2 == 0 {
			err = d.Skip()
		} else {
			_, _, err = d.Value()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d bytes kept after %d bytes read", grown, n*len(element))
	}
	if line, column := d.Position(d.Offset()); line != n || column != len(element)-1 {
		t.Errorf("position is %d:%d, want %d:%d", line, column, n, len(element)-1)
	}
	runtime.KeepAlive(d)
}

// batched reads the list that d begins with, batch by batch.
func batched(t *testing.T, d *Decoder) (transcript []string, err error) {
	t.Helper()
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var b Batch
	for more := true; more && err == nil; {
		more, err = d.Batch(&b)
		for i := range b.Len() {
			var tree Tree
			raw := b.Raw(i)
			bad := tree.Read(raw)
			line, column := b.Position(raw.Start)
			transcript = append(transcript, fmt.Sprintf("%d:%d %d %s %v", line, column, raw.Start, raw.text, bad))
		}
	}
	return transcript, err
}

func TestBatches(t *testing.T) {
	deep := strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)
	d := NewDecoder(iotest.OneByteReader(strings.NewReader("[ {\"é\": \"b\\\\\\\"\"},\n "+deep+" , 7]8")), 1<<10)
	got, err := batched(t, d)
	want := []string{
		`1:3 2 {"é": "b\\\""} <nil>`,
		"2:2 20 " + deep + " offset 64: too many levels of objects and lists (expected at most 64)",
		fmt.Sprintf("2:%d %d 7 <nil>", 2+len(deep)+3, 20+len(deep)+3),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || err != nil {
		t.Errorf("got %v\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if token, err := d.Token(); err != nil || token.Text != "8" {
		t.Errorf("behind the list got %+v, %v", token, err)
	}
}

// Batches of a long list agree with its values read one by one.
func TestBatchesOfALongList(t *testing.T) {
	var text strings.Builder
	text.WriteString(strings.Repeat(" ", 40<<10) + "[")
	for i := range 20_000 {
		fmt.Fprintf(&text, "{\"ü%d\": [%d]}, %s", i, i, strings.Repeat("\n ", i%3))
	}
	whole := text.String() + strings.Repeat(" ", 1<<17) + "null]"
	got, err := batched(t, NewDecoder(strings.NewReader(whole), 1<<20))
	if err != nil || len(got) != 20_001 {
		t.Fatalf("%d elements, %v", len(got), err)
	}
	d := NewDecoder(strings.NewReader(whole), 1<<20)
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		value, start, err := d.Value()
		if err != nil {
			t.Fatal(err)
		}
		line, column := d.Position(start)
		if want := fmt.Sprintf("%d:%d %d %s <nil>", line, column, start, value); got[i] != want {
			t.Fatalf("element %d is %s, want %s", i, got[i], want)
		}
	}
}

// A batch is the same however little comes at a time: whatever ends what was read,
// a string, an escape, a character or a number, the rest is waited for.
func TestBatchesOfPieces(t *testing.T) {
	text := `[ "a\\\"b" , {"\ud83d\ude00":"\u00e9 ü 😀 eight bytes and more"}, -12.5e+3,[true ,false,null,[],{} ], 0 ]`
	whole, err := batched(t, NewDecoder(strings.NewReader(text), 1<<10))
	if err != nil || len(whole) != 5 {
		t.Fatalf("%d elements, %v", len(whole), err)
	}
	pieces, err := batched(t, NewDecoder(iotest.OneByteReader(strings.NewReader(text)), 1<<10))
	if strings.Join(pieces, "\n") != strings.Join(whole, "\n") || err != nil {
		t.Errorf("got %v\n%s\nwant\n%s", err, strings.Join(pieces, "\n"), strings.Join(whole, "\n"))
	}
}

// What comes before an error is there, and the error has its place.
func TestBatchEndsWithAnError(t *testing.T) {
	for text, want := range map[string]string{
		"[1,\n 2":          "2 2:3 text ends too early (expected ',' or ']')",
		"[1,\n 2}":         "2 2:3 unexpected '}' (expected ',' or ']')",
		"[1,\n {\"a\" 2}]": "1 2:7 unexpected '2' (expected ':')",
		"[1 2]":            "1 1:4 unexpected '2' (expected ',' or ']')",
		"[1, x]":           "1 1:5 unexpected 'x' (expected a value)",
	} {
		d := NewDecoder(strings.NewReader(text), 1<<10)
		got, err := batched(t, d)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: got %v", text, err)
			continue
		}
		line, column := d.Position(int64(syntax.Offset))
		if s := fmt.Sprintf("%d %d:%d %s", len(got), line, column, syntax.Message); s != want {
			t.Errorf("%q: got %s, want %s", text, s, want)
		}
	}
}
