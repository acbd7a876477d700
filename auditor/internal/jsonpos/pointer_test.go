package jsonpos

import (
	"strings"
	"testing"
)

func TestPointer(t *testing.T) {
	const text = `{"Statement": [{"Effect": "Allow"}, {"Action": ["a", "b/c"], "Action": "d", "x/y~": {"k": [{}]}}]} `
	for _, test := range []struct{ at, want string }{
		{`{"Statement`, ""},
		{`"Statement"`, "/Statement"},
		{`[{"Effect`, "/Statement"},
		{`{"Effect`, "/Statement/0"},
		{`"Allow"`, "/Statement/0/Effect"},
		{`low"`, "/Statement/0/Effect"},
		{`{"Action`, "/Statement/1"},
		{`["a"`, "/Statement/1/Action"},
		{`"b/c"`, "/Statement/1/Action/1"},
		{`"d"`, "/Statement/1/Action"},
		{`"x/y~"`, "/Statement/1/x~1y~0"},
		{`{}`, "/Statement/1/x~1y~0/k/0"},
		{` `, "/Statement"},
	} {
		if got := Pointer(text, strings.Index(text, test.at)); got != test.want {
			t.Errorf("pointer at %q: got %q, want %q", test.at, got, test.want)
		}
	}
	if got := Pointer(text, len(text)); got != "" {
		t.Errorf("pointer behind the value: got %q, want none", got)
	}
}
