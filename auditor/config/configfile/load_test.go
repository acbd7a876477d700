package configfile

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

var update = flag.Bool("update", false, "rewrite the expected messages; read the diff")

var catalogue = []string{"exposure/public", "grant/admin-access", "grant/full-access", "token/any-service", "token/misplaced"}

func TestLoadReadsWhatTheContractShows(t *testing.T) {
	data, err := os.ReadFile("testdata/accept/contract.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load("caudit.yaml", data, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Config{
		Organization:     "o-a1b2c3d4e5",
		TrustedAccounts:  []string{"444455556666", "012345678901"},
		Administrators:   []string{"arn:aws:iam::111122223333:role/artifact-admin", "arn:aws:iam::*:role/platform/artifact-admin"},
		MaxTokenLifetime: 90 * time.Minute,
		Kinds:            []config.KindRule{{Path: "scps/**", Kind: inventory.SCP}, {Path: "**/*.domain.json", Kind: inventory.DomainPolicy}},
		Rules:            map[string]config.RuleSetting{"grant/full-access": {Severity: "info"}, "token/misplaced": {Disabled: true}},
		Exceptions: []config.Exception{{
			Rules:   []string{"grant/full-access"},
			Match:   config.Match{Account: "111122223333", Principal: "arn:aws:iam::111122223333:role/break-glass"},
			Reason:  "break-glass role, MFA enforced",
			Owner:   "platform-security@example.com",
			Expires: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC),
			Ticket:  "SEC-12",
			Path:    "caudit.yaml",
			Line:    9,
		}, {
			Rules:   []string{"token/*"},
			Reason:  "moving off the old pipeline",
			Owner:   "ci@example.com",
			Expires: time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC),
			Path:    "caudit.yaml",
			Line:    15,
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Load (-want +got):\n%s", diff)
	}
}

// Each archive holds a configuration and every message it earns, in the order
// of the file.
func TestLoadNamesEveryMistake(t *testing.T) {
	files, err := filepath.Glob("testdata/reject/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Load("caudit.yaml", archive.Files[0].Data, catalogue)
			var all *Error
			if !errors.As(err, &all) || got != nil {
				t.Fatalf("Load = %v, %v; want no configuration and an *Error", got, err)
			}
			message := err.Error() + "\n"
			if *update {
				archive.Files[1].Data = []byte(message)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), message); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadSurvivesBytesThatAreNoText(t *testing.T) {
	for _, text := range []string{"\x00", "version: \xff", "a: &x [*x]\nversion: 1\n", "a: *nope", strings.Repeat("[", 100_000)} {
		if c, err := Load("caudit.yaml", []byte(text), catalogue); err == nil {
			t.Errorf("Load(%.20q) = %+v, want an error", text, c)
		}
	}
}

func FuzzLoad(f *testing.F) {
	data, err := os.ReadFile("testdata/accept/contract.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("a: &x [*x]\nversion: 1\n")
	f.Add("exceptions: [{rules: ['*'], match: {}}]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Load("caudit.yaml", []byte(text), catalogue)
		if (c == nil) != (err != nil) {
			t.Fatalf("Load = %v, %v: want exactly one of the two", c, err)
		}
		if c == nil {
			return
		}
		for _, e := range c.Exceptions {
			if e.Reason == "" || e.Owner == "" || e.Expires.IsZero() || len(e.Rules) == 0 {
				t.Fatalf("incomplete exception %+v", e)
			}
		}
	})
}
