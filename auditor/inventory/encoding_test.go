package inventory

import "testing"

func TestDecodeDocument(t *testing.T) {
	for text, want := range map[string]string{
		"%7B%22a%22%3A%22b+c%2Bd%22%7D": `{"a":"b+c+d"}`,
		`{"a":"b+c%2Bd"}`:               `{"a":"b+c%2Bd"}`,
		" %0A{%22a%22:1}":               " \n{\"a\":1}",
		"{%22a%22:1}":                   `{"a":1}`,
		"{}":                            "{}",
		"":                              "",
	} {
		if got, err := DecodeDocument(text); err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", text, got, err, want)
		}
	}
	if _, err := DecodeDocument("%7B%2"); err == nil {
		t.Error("half an escape was decoded")
	}
}

func FuzzEncodeDocument(f *testing.F) {
	for _, text := range []string{"", "{}", `{"a":"%2B+"}`, "%7B", " {\n%", "\xff", "%zz"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := DecodeDocument(encodeDocument(text)); err != nil || got != text {
			t.Errorf("%q is written as %q and read as %q, %v", text, encodeDocument(text), got, err)
		}
	})
}
