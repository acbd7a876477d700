package spelling

import (
	"strings"
	"testing"
)

func TestEdits(t *testing.T) {
	long := strings.Repeat("x", Longest+1)
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"Principal", "Principal", 0},
		{"Principle", "Principal", 2},
		{"Acton", "Action", 1},
		{"Actions", "Action", 1},
		{"", "abc", 3},
		{"kitten", "sitting", 3},
		{long, long, Longest},
		{"a", long, Longest},
	}
	for _, test := range tests {
		if got, back := Edits(test.a, test.b), Edits(test.b, test.a); got != test.want || back != test.want {
			t.Errorf("%.20q, %.20q: got %d, and %d the other way, want %d", test.a, test.b, got, back, test.want)
		}
	}
}
