package render

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

var update = flag.Bool("update", false, "rewrite the golden files; read the diff")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func rendered(t *testing.T, r *auditor.Report, f Format, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, f, r, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// formats are all of them.
func formats() []Format {
	var all []Format
	for f := Text; f <= GitHub; f++ {
		all = append(all, f)
	}
	return all
}

// somewhere finds every document in line 3 of a dump.
func somewhere(finding.Grant) (Region, bool) {
	return Region{Path: "dumps/account 1.json", Line: 3, Column: 5, EndLine: 3, EndColumn: 900}, true
}

func TestReportsLookAsTheyShould(t *testing.T) {
	for name, r := range reports() {
		for _, f := range formats() {
			if long := f == SARIF || f == HTML; long && name != "everything" && name != "gap" {
				continue
			}
			t.Run(name+"."+f.String(), func(t *testing.T) {
				golden(t, name+"."+f.String(), rendered(t, r, f, Options{Find: somewhere}))
			})
		}
	}
	t.Run("colour", func(t *testing.T) { golden(t, "colour.text", rendered(t, everything(), Text, Options{Color: true})) })
	t.Run("quiet", func(t *testing.T) { golden(t, "quiet.text", rendered(t, terminal(), Text, Options{Quiet: true})) })
	t.Run("quiet clean", func(t *testing.T) {
		if out := rendered(t, reports()["clean"], Text, Options{Quiet: true}); len(out) > 0 {
			t.Errorf("there is nothing to say:\n%s", out)
		}
	})
	t.Run("notes", func(t *testing.T) {
		golden(t, "notes.text", rendered(t, reports()["clean"], Text, Options{Notes: []string{"2 findings that the baseline knows"}}))
	})
}

// Whatever a policy says, a terminal gets printable characters and our own line
// ends, and the attacker never gets a line of their own.
func TestNothingHostileReachesTheTerminal(t *testing.T) {
	for _, f := range formats() {
		out := string(rendered(t, hostile(), f, Options{Find: somewhere, Notes: []string{hostile().Findings[0].Message}}))
		if f == CSV {
			out = strings.ReplaceAll(out, "\r\n", "\n")
		}
		for i, r := range out {
			if r != '\n' && hidden(r) {
				t.Errorf("%v: character %U at byte %d", f, r, i)
			}
		}
		if !strings.Contains(out, "clean: no finding") {
			t.Fatalf("%v: the sample lost its hook", f)
		}
		for line := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(line), "clean") {
				t.Errorf("%v: a line of the attacker's: %q", f, line)
			}
		}
	}
}

func TestCleanIsNeverSaidOverDoubt(t *testing.T) {
	for name, r := range reports() {
		got := strings.Contains(string(rendered(t, r, Text, Options{})), "\nclean: ") || strings.HasPrefix(string(rendered(t, r, Text, Options{})), "clean: ")
		if got != (name == "clean") {
			t.Errorf("%s: clean is said: %v", name, got)
		}
	}
	if out := rendered(t, reports()["clean"], Text, Options{Notes: []string{"something"}}); bytes.Contains(out, []byte("clean")) {
		t.Errorf("clean in spite of a note:\n%s", out)
	}
}

func TestWriteLeavesTheReportAlone(t *testing.T) {
	for _, f := range formats() {
		r := everything()
		first := rendered(t, r, f, Options{Find: somewhere})
		if diff := cmp.Diff(everything(), r); diff != "" {
			t.Errorf("%v changed the report (-before +after):\n%s", f, diff)
		}
		if second := rendered(t, r, f, Options{Find: somewhere}); !bytes.Equal(first, second) {
			t.Errorf("%v: two runs differ", f)
		}
	}
}

type broken struct{}

var errBroken = errors.New("pipe is broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteReturnsTheErrorOfTheWriter(t *testing.T) {
	if err := Write(broken{}, Text, report(), Options{}); !errors.Is(err, errBroken) {
		t.Errorf("Write = %v, want the writer's error", err)
	}
	if err := Write(&bytes.Buffer{}, 0, report(), Options{}); err == nil {
		t.Error("Write accepts the zero format")
	}
	bad := terminal()
	bad.Findings[0].Severity = 0
	if err := Write(&bytes.Buffer{}, JSON, bad, Options{}); err == nil {
		t.Error("Write writes a finding without severity")
	}
}

func TestParseFormat(t *testing.T) {
	for _, f := range formats() {
		if got, err := ParseFormat(f.String()); got != f || err != nil {
			t.Errorf("ParseFormat(%q) = %v, %v", f, got, err)
		}
	}
	for word, want := range map[string]string{
		"JSON": `unknown format "JSON" (expected one of text, line, json, sarif, html, csv, markdown, github)`,
		"":     `unknown format "" (expected one of text, line, json, sarif, html, csv, markdown, github)`,
	} {
		if got, err := ParseFormat(word); got != 0 || err == nil || err.Error() != want {
			t.Errorf("ParseFormat(%q) = %v, %v; want %s", word, got, err, want)
		}
	}
}
