package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // instead of Package, on build-output and build-fail
	Test       string
	Output     string
}

// tally counts the outcomes of tests, subtests, examples and fuzz seeds.
type tally struct {
	passed, failed, skipped int
	broken                  []string // packages that failed outside any test: did not build, crashed, timed out
	output                  map[test]*strings.Builder
}

type test struct{ pkg, name string }

// read counts the events of r until its end, and writes to w what a reader of
// the run must see.
func (t *tally) read(r io.Reader, w io.Writer) error {
	t.output = map[test]*strings.Builder{}
	for dec := json.NewDecoder(r); ; {
		var e event
		if err := dec.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		t.take(e, w)
	}
}

func (t *tally) take(e event, w io.Writer) {
	key := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(w, e.Output)
	case "output":
		b, ok := t.output[key]
		if !ok {
			b = &strings.Builder{}
			t.output[key] = b
		}
		b.WriteString(e.Output)
	case "pass", "fail", "skip":
		out := ""
		if b, ok := t.output[key]; ok {
			out = b.String()
			delete(t.output, key)
		}
		if e.Test == "" {
			t.takePackage(e, out, w)
			return
		}
		t.takeTest(e, out, w)
	}
}

func (t *tally) takeTest(e event, out string, w io.Writer) {
	switch e.Action {
	case "pass":
		t.passed++
		return
	case "fail":
		t.failed++
	case "skip":
		t.skipped++
	}
	fmt.Fprint(w, out)
}

// takePackage ends a package. Its action is skip when it has no test files,
// which is no skipped test.
func (t *tally) takePackage(e event, out string, w io.Writer) {
	switch e.Action {
	case "skip":
		return
	case "pass":
		out = lastLine(out)
	case "fail":
		// A test that never ended (a crash, a timeout) has no event of its own;
		// what it printed is what explains the failure.
		for key, b := range t.output {
			if key.pkg == e.Package {
				fmt.Fprint(w, b.String())
				delete(t.output, key)
			}
		}
		t.broken = append(t.broken, e.Package)
	}
	fmt.Fprint(w, out)
}

// lastLine returns the "ok" line of a package's output, without what the
// package printed before it.
func lastLine(out string) string {
	out = strings.TrimSuffix(out, "\n")
	return out[strings.LastIndexByte(out, '\n')+1:] + "\n"
}

// ok says whether something ran, and all of it passed.
func (t *tally) ok() bool {
	return t.passed > 0 && t.failed == 0 && t.skipped == 0 && len(t.broken) == 0
}

// line is the closing line of the run. A package that failed without a failing
// test counts as one failure, so that the line never reads well over a red run.
func (t *tally) line() string {
	failed := t.failed
	if failed == 0 {
		failed = len(t.broken)
	}
	return fmt.Sprintf("%d passed, %d failed, %d skipped", t.passed, failed, t.skipped)
}
