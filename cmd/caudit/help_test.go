package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// tree returns every command that a user may call, the root first.
func tree() []*cobra.Command {
	var all []*cobra.Command
	var add func(*cobra.Command)
	add = func(cmd *cobra.Command) {
		all = append(all, cmd)
		for _, below := range cmd.Commands() {
			if below.IsAvailableCommand() {
				add(below)
			}
		}
	}
	add((&program{}).root())
	return all
}

// TestHelpTeachesOnOneScreen holds what every help has: what the command does,
// examples before anything else, and room for both on a screen of 80 columns.
func TestHelpTeachesOnOneScreen(t *testing.T) {
	for _, cmd := range tree() {
		path := cmd.CommandPath()
		var stdout, stderr bytes.Buffer
		args := append(strings.Fields(path)[1:], "--help")
		if got := Main(args, strings.NewReader(""), &stdout, &stderr); got != statusOK || stderr.Len() > 0 {
			t.Errorf("%s --help: status %d, %s", path, got, &stderr)
		}
		lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
		if len(lines) > 60 {
			t.Errorf("%s --help: %d lines, want at most 60", path, len(lines))
		}
		for i, line := range lines {
			if width := utf8.RuneCountInString(line); width > 80 {
				t.Errorf("%s --help: line %d is %d columns wide, want at most 80: %s", path, i+1, width, line)
			}
		}
		if cmd.Short == "" || lines[0] != cmd.Short {
			t.Errorf("%s --help begins with %q, want what it does: %q", path, lines[0], cmd.Short)
		}
		if len(lines) < 4 || lines[2] != "Examples:" || !strings.HasPrefix(lines[3], "  ") {
			t.Errorf("%s --help: no examples below the first line", path)
		}
		if !strings.Contains(cmd.Example, path) {
			t.Errorf("%s --help: no example calls it", path)
		}
	}
}

// TestAuditsTellTheirExitStatus: a pipeline stands on it.
func TestAuditsTellTheirExitStatus(t *testing.T) {
	for _, cmd := range tree() {
		if cmd.Flags().Lookup("now") != nil && !strings.Contains(cmd.Long, "Exit status:") {
			t.Errorf("%s --help does not say its exit status", cmd.CommandPath())
		}
	}
}

// TestExamplesAreRight parses every example of the command: its flags exist, and
// take the words that are written.
func TestExamplesAreRight(t *testing.T) {
	seen := 0
	for _, cmd := range tree() {
		for _, args := range exampleCalls(cmd.Example) {
			seen++
			called, rest, err := (&program{}).root().Find(args)
			if err != nil || !called.HasParent() && len(args) > 0 {
				t.Errorf("%s: example %q calls no command", cmd.CommandPath(), args)
				continue
			}
			if err := called.ParseFlags(rest); err != nil {
				t.Errorf("%s: example %q: %v", cmd.CommandPath(), args, err)
			}
			if called.Args != nil {
				if err := called.Args(called, called.Flags().Args()); err != nil {
					t.Errorf("%s: example %q: %v", cmd.CommandPath(), args, err)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("%d examples parsed, want the many that there are", seen)
	}
}

// exampleCalls returns the arguments of every call of caudit in examples. What
// stands behind two spaces is said of the call, and is no part of it.
func exampleCalls(examples string) [][]string {
	var calls [][]string
	text := regexp.MustCompile(`\\\n +`).ReplaceAllString(examples, "")
	for line := range strings.Lines(text) {
		at := strings.Index(line, "caudit ")
		if at < 0 || strings.HasPrefix(strings.TrimSpace(line), "aws iam create-policy") {
			continue
		}
		call := strings.TrimSpace(line[at:])
		call, _, _ = strings.Cut(call, "   ")
		if end := strings.IndexAny(call, "|<>)"); end >= 0 {
			call = call[:end]
		}
		calls = append(calls, words(call)[1:])
	}
	return calls
}

// words splits a command line as a shell does, as far as examples need it.
func words(line string) []string {
	var all []string
	var word strings.Builder
	var quoted rune
	flush := func() {
		if word.Len() > 0 {
			all = append(all, word.String())
		}
		word.Reset()
	}
	for _, r := range line {
		switch {
		case r == quoted:
			quoted = 0
		case quoted == 0 && (r == '"' || r == '\''):
			quoted = r
		case quoted == 0 && r == ' ':
			flush()
		default:
			word.WriteRune(r)
		}
	}
	flush()
	return all
}

func TestExampleCalls(t *testing.T) {
	got := exampleCalls("  a | caudit scan --rule 'token/*' -    it reads\n  caudit why \\\n      \"a b\"\n  caudit permissions > x\n")
	want := [][]string{{"scan", "--rule", "token/*", "-"}, {"why", "a b"}, {"permissions"}}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %q, want %q", got, want)
	}
}
