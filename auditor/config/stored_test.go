package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func TestStoredConfigurationMeansTheSame(t *testing.T) {
	c := &Config{
		Organization: "o-a1b2c3d4e5", TrustedAccounts: []string{"444455556666"}, Administrators: []string{breakGlass}, MaxTokenLifetime: 90 * time.Minute,
		Kinds: []KindRule{{"scps/**", inventory.SCP}}, Rules: map[string]RuleSetting{"a/b": {Severity: "low"}, "c/d": {Disabled: true}},
		Exceptions: []Exception{{
			Rules: []string{"grant/*"}, Match: Match{Account: "111122223333", Subject: "s", Principal: "p", Path: "f", ID: "i"},
			Reason: "r", Owner: "o", Expires: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC), Ticket: "t", Path: "caudit.yaml", Line: 7,
		}},
	}
	for _, c := range []*Config{c, {}} {
		text, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, back); diff != "" {
			t.Error(diff)
		}
	}
}

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		``: "EOF", `{}`: "schema", `{"schema":"caudit/config/2"}`: "schema", `{"schema":"caudit/config/1","mute":["*"]}`: "unknown field",
		`{"schema":"caudit/config/1"} {}`: "follows", `{"schema":"caudit/config/1","maxTokenLifetime":"soon"}`: "lifetime",
		`{"schema":"caudit/config/1","kinds":[{"path":"a","kind":"b"}]}`:                                               "kind",
		`{"schema":"caudit/config/1","exceptions":[{"rules":["a/b"],"reason":"r","owner":"o","expires":"soon"}]}`:      "exception 1",
		`{"schema":"caudit/config/1","exceptions":[{"rules":["a/b"],"reason":"","owner":"o","expires":"2027-03-31"}]}`: "exception 1",
	} {
		if c, err := Decode([]byte(text)); err == nil || c != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v (expected %q)", text, c, err, want)
		}
	}
}
