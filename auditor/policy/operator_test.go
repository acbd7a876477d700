package policy

import "testing"

func TestParseOperator(t *testing.T) {
	for base := StringEquals; base <= Null; base++ {
		name := base.String()
		for prefix, quantifier := range map[string]Quantifier{"": NoQuantifier, "ForAnyValue:": ForAnyValue, "ForAllValues:": ForAllValues} {
			if got, want := ParseOperator(prefix+name), (Operator{prefix + name, quantifier, base, false}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			text := prefix + name + "IfExists"
			want := Operator{text, quantifier, base, true}
			if base == Null {
				want = Operator{Text: text}
			}
			if got := ParseOperator(text); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}
	if n := len(operators); n != 27 {
		t.Errorf("got %d comparisons, want the 27 that IAM documents", n)
	}
	for _, text := range []string{"", "stringEquals", "StringEqualsifexists", "IfExists", "ForAnyValue:", "ForAnyValue:ForAnyValue:Bool", "foranyvalue:Bool", "BoolIfExistsIfExists", "IpAddress ", "ArnEqualsIgnoreCase"} {
		if got, want := ParseOperator(text), (Operator{Text: text}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"Principle": "Principal", "principals": "Principal", "ACTION": "Action", "Actoin": "Action", "Notaction": "NotAction", "NotActions": "NotAction",
		"Resources": "Resource", "Cond": "", "Comment": "", "": "", "id": "Sid", "Side": "Sid", "sid": "Sid", "Effects": "Effect",
	} {
		if got := nearest(name, statementElements); got != want {
			t.Errorf("nearest to %q: got %q, want %q", name, got, want)
		}
	}
}
