package main

import (
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	const pkg = `"Package":"example.com/a"`
	tests := map[string]struct {
		events string
		line   string
		ok     bool
		prints []string
		hides  []string
	}{
		"all pass": {
			events: `{"Action":"output",` + pkg + `,"Test":"TestA","Output":"chatter\n"}
{"Action":"pass",` + pkg + `,"Test":"TestA"}
{"Action":"output",` + pkg + `,"Output":"PASS\n"}
{"Action":"output",` + pkg + `,"Output":"ok  \texample.com/a\t0.1s\n"}
{"Action":"pass",` + pkg + `}`,
			line: "1 passed, 0 failed, 0 skipped", ok: true,
			prints: []string{"ok  \texample.com/a\t0.1s\n"},
			hides:  []string{"chatter", "PASS"},
		},
		"a skipped test is a failure": {
			events: `{"Action":"pass",` + pkg + `,"Test":"TestA"}
{"Action":"output",` + pkg + `,"Test":"TestB","Output":"    a_test.go:7: no docker\n"}
{"Action":"skip",` + pkg + `,"Test":"TestB"}
{"Action":"pass",` + pkg + `}`,
			line: "1 passed, 0 failed, 1 skipped", ok: false,
			prints: []string{"no docker"},
		},
		"a package without tests is no skip": {
			events: `{"Action":"pass",` + pkg + `,"Test":"TestA"}
{"Action":"pass",` + pkg + `}
{"Action":"output","Package":"example.com/b","Output":"?   \texample.com/b\t[no test files]\n"}
{"Action":"skip","Package":"example.com/b"}`,
			line: "1 passed, 0 failed, 0 skipped", ok: true,
			hides: []string{"no test files"},
		},
		"nothing ran": {
			events: `{"Action":"skip",` + pkg + `}`,
			line:   "0 passed, 0 failed, 0 skipped", ok: false,
		},
		"a failing test shows its output": {
			events: `{"Action":"output",` + pkg + `,"Test":"TestA","Output":"want 1, got 2\n"}
{"Action":"fail",` + pkg + `,"Test":"TestA"}
{"Action":"fail",` + pkg + `}`,
			line: "0 passed, 1 failed, 0 skipped", ok: false,
			prints: []string{"want 1, got 2"},
		},
		"a package that does not build": {
			events: `{"Action":"pass","Package":"example.com/b","Test":"TestB"}
{"ImportPath":"example.com/a","Action":"build-output","Output":"a.go:1:1: undefined\n"}
{"ImportPath":"example.com/a","Action":"build-fail"}
{"Action":"fail",` + pkg + `}`,
			line: "1 passed, 1 failed, 0 skipped", ok: false,
			prints: []string{"undefined"},
		},
		"a crash shows the test that was running": {
			events: `{"Action":"output",` + pkg + `,"Test":"TestA","Output":"panic: out of bounds\n"}
{"Action":"fail",` + pkg + `}`,
			line: "0 passed, 1 failed, 0 skipped", ok: false,
			prints: []string{"out of bounds"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got tally
			var out strings.Builder
			if err := got.read(strings.NewReader(tt.events), &out); err != nil {
				t.Fatal(err)
			}
			if got.line() != tt.line || got.ok() != tt.ok {
				t.Errorf("got %q, ok %v; want %q, ok %v", got.line(), got.ok(), tt.line, tt.ok)
			}
			for _, s := range tt.prints {
				if !strings.Contains(out.String(), s) {
					t.Errorf("output lacks %q:\n%s", s, out.String())
				}
			}
			for _, s := range tt.hides {
				if strings.Contains(out.String(), s) {
					t.Errorf("output has %q:\n%s", s, out.String())
				}
			}
		})
	}
}

func TestTallyRefusesOtherText(t *testing.T) {
	var got tally
	if err := got.read(strings.NewReader("ok  \texample.com/a\n"), &strings.Builder{}); err == nil {
		t.Error("plain text was read as events")
	}
}

// TestRun runs the whole command over a module that has a skipped test, and
// over one that has none.
func TestRun(t *testing.T) {
	tests := map[string]struct {
		dir    string
		status int
		last   string
	}{
		"green": {"testdata/green", 0, "1 passed, 0 failed, 0 skipped"},
		"skips": {"testdata/skips", 1, "1 passed, 0 failed, 1 skipped"},
		"empty": {"testdata/empty", 1, "0 passed, 0 failed, 0 skipped"},
		"none":  {"testdata/no-such-module", 2, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			status := run([]string{"-dir", tt.dir, "--", "-count=1", "./..."}, &stdout, &stderr)
			if status != tt.status {
				t.Errorf("status %d, want %d\n%s%s", status, tt.status, stdout.String(), stderr.String())
			}
			lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
			if last := lines[len(lines)-1]; last != tt.last {
				t.Errorf("last line %q, want %q", last, tt.last)
			}
		})
	}
}
