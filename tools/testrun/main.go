// Command testrun runs the tests of a module and holds them to a stricter
// standard than `go test` does: a test that was skipped, and a run in which
// nothing ran, are failures.
//
//	testrun [-dir DIR] -- [go test arguments]
//
// It prints what `go test` prints for a package that passes (one line), the
// whole output of a test that failed or was skipped, and as its last line the
// count, alone:
//
//	1234 passed, 0 failed, 0 skipped
//
// Exit status: 0 when every test ran and passed, 1 otherwise, 2 when the tests
// could not be started.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("testrun", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", ".", "the module to test")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	test := exec.Command("go", append([]string{"test", "-json"}, flags.Args()...)...)
	test.Dir = *dir
	test.Stderr = stderr
	events, err := test.StdoutPipe()
	if err != nil {
		fmt.Fprintf(stderr, "testrun: %v\n", err)
		return 2
	}
	if err := test.Start(); err != nil {
		fmt.Fprintf(stderr, "testrun: %v\n", err)
		return 2
	}
	var t tally
	readErr := t.read(events, stdout)
	// Wait closes the pipe, so it comes after reading to the end.
	waitErr := test.Wait()
	if readErr != nil {
		fmt.Fprintf(stderr, "testrun: read test events: %v\n", readErr)
	}
	var exit *exec.ExitError
	if waitErr != nil && !errors.As(waitErr, &exit) {
		fmt.Fprintf(stderr, "testrun: go test: %v\n", waitErr)
	}
	fmt.Fprintln(stdout, t.line())
	if waitErr != nil || readErr != nil || !t.ok() {
		return 1
	}
	return 0
}
