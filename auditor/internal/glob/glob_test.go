package glob

import (
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// slowMatch is the definition of a wildcard pattern, written as recursion.
func slowMatch(pattern, s []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(s) == 0
	case pattern[0] == '*':
		return slowMatch(pattern[1:], s) || len(s) > 0 && slowMatch(pattern, s[1:])
	case len(s) == 0:
		return false
	case pattern[0] == '?' || pattern[0] == s[0]:
		return slowMatch(pattern[1:], s[1:])
	}
	return false
}

// allStrings returns every string over alphabet of at most n characters,
// shortest first.
func allStrings(alphabet string, n int) []string {
	all := []string{""}
	for from := 0; n > 0; n-- {
		to := len(all)
		for _, s := range all[from:to] {
			for _, c := range alphabet {
				all = append(all, s+string(c))
			}
		}
		from = to
	}
	return all
}

func randomPattern(r *rand.Rand, alphabet string) string {
	var b strings.Builder
	for range r.IntN(5) {
		b.WriteByte(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func TestMatchAgreesWithItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	inputs := allStrings("ab", 5)
	for range 3000 {
		text := randomPattern(r, "ab*?")
		p := Compile(text)
		narrow := New().Wild(text, Chars("ab")).Pattern() // the other way through Match
		for _, s := range inputs {
			want := slowMatch([]rune(text), []rune(s))
			if p.Match(s) != want || narrow.Match(s) != want {
				t.Fatalf("%q on %q: got %v and %v, want %v", text, s, p.Match(s), narrow.Match(s), want)
			}
		}
	}
}

func TestFindAgreesWithBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	inputs := allStrings("ab", 6)
	found, none := 0, 0
	for range 4000 {
		shape := Union{New().Wild(randomPattern(r, "ab?*"), Chars("ab")).Pattern()}
		var sets []Union
		var want []bool
		for range 1 + r.IntN(4) {
			var u Union
			for range r.IntN(3) {
				u = append(u, Compile(randomPattern(r, "aab*?")))
			}
			sets, want = append(sets, u), append(want, r.IntN(2) == 0)
		}
		accept := func(in []bool) bool {
			for i := range in {
				if in[i] != want[i] {
					return false
				}
			}
			return true
		}
		holds := func(s string) bool {
			in := make([]bool, len(sets))
			for i, u := range sets {
				in[i] = u.Match(s)
			}
			return shape.Match(s) && accept(in)
		}
		m := NewMachine(sets)
		got, ok, err := m.Find(m.Start(), shape, nil, accept, &Budget{Left: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		member, is, err := m.FindMember(m.Start(), shape, want, &Budget{Left: 1 << 20})
		if member != got || is != ok || err != nil {
			t.Fatalf("FindMember: %q, %v, %v; Find: %q, %v", member, is, err, got, ok)
		}
		if ok && !holds(got) {
			t.Fatalf("found %q, which does not hold", got)
		}
		shortest, exists := "", false
		for _, s := range inputs {
			if holds(s) {
				shortest, exists = s, true
				break
			}
		}
		switch {
		case exists && (!ok || len(got) != len(shortest)):
			t.Fatalf("found %q (%v), but %q holds", got, ok, shortest)
		case ok:
			found++
		default:
			none++
		}
	}
	if found < 500 || none < 500 {
		t.Fatalf("the sample is one-sided: %d found, %d without", found, none)
	}
}

func TestSpreadTellsEveryBeginningApart(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	beginnings, endings := allStrings("ab", 3), allStrings("ab", 4)
	for range 500 {
		var sets []Union
		for range 1 + r.IntN(3) {
			sets = append(sets, Union{Compile(randomPattern(r, "aab*?"))})
		}
		shape := Union{New().One(Chars("ab")).Many(Chars("ab")).Pattern()}
		m := NewMachine(sets)
		branches, err := m.Spread([]State{m.Start()}, shape, []string{"ba"}, &Budget{Left: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if len(branches) == 0 || branches[0].Text != "ba" {
			t.Fatalf("preferred beginning does not come first: %v", branches)
		}
		for _, begin := range beginnings[1:] {
			alike := false
			for _, b := range branches {
				same := true
				for _, end := range endings {
					for _, set := range sets {
						same = same && set.Match(begin+end) == set.Match(b.Text+end)
					}
				}
				alike = alike || same
			}
			if !alike {
				t.Fatalf("no branch of %v behaves as %q", branches, begin)
			}
		}
	}
}

func TestFindPrefersWhatIsKnown(t *testing.T) {
	m := NewMachine([]Union{{Compile("arn:*:domain/t*")}})
	in := func(in []bool) bool { return in[0] }
	got, ok, err := m.Find(m.Start(), Union{Everything()}, []string{"arn:x:domain/other", "arn:x:domain/team"}, in, &Budget{Left: 1000})
	if got != "arn:x:domain/team" || !ok || err != nil {
		t.Fatalf("got %q, %v, %v", got, ok, err)
	}
}

func TestHostilePatternsEndInABudget(t *testing.T) {
	var sets []Union
	for i := range 12 {
		sets = append(sets, Union{Compile(strings.Repeat("*"+string(rune('a'+i))+"?", 12))})
	}
	m := NewMachine(sets)
	_, ok, err := m.Find(m.Start(), Union{Everything()}, nil, func(in []bool) bool {
		for _, x := range in {
			if !x {
				return false
			}
		}
		return true
	}, &Budget{Left: 50_000})
	if ok || err != ErrBudget {
		t.Fatalf("got %v, %v; want the budget to end first", ok, err)
	}
}

func TestCharactersBeyondASCII(t *testing.T) {
	m := NewMachine([]Union{{Compile("é*")}, {Compile("?")}})
	got, ok, err := m.Find(m.Start(), Union{Everything()}, nil, func(in []bool) bool { return !in[0] && in[1] }, &Budget{Left: 1000})
	if got != "a" || !ok || err != nil {
		t.Fatalf("got %q, %v, %v", got, ok, err)
	}
	got, ok, err = m.Find(m.Start(), Union{Everything()}, nil, func(in []bool) bool { return in[0] && in[1] }, &Budget{Left: 1000})
	if got != "é" || !ok || err != nil {
		t.Fatalf("got %q, %v, %v", got, ok, err)
	}
}

func TestFoldIgnoresCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z.\-]{0,12}`).Draw(t, "text")
		p := New().Fold(text).Pattern()
		if !p.Match(strings.ToUpper(text)) || !p.Match(strings.ToLower(text)) {
			t.Fatalf("%q does not match itself in another case", text)
		}
	})
}
