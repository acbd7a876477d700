// Command caudit audits who may do what in AWS CodeArtifact: the same steps that
// the Lambda functions run, for a terminal, a pipeline and an incident.
//
// Exit statuses of the auditing commands, the first that applies: 2 for wrong
// usage, a wrong configuration or a named input that cannot be read; 1 for a
// finding at or above --fail-on; 3 for a gap, or nothing to look at; 0 otherwise.
package main

import (
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	// A reader that has seen enough closes the pipe. That ends the output, not
	// the program: the verdict still stands in the exit status.
	signal.Ignore(syscall.SIGPIPE)
	// Of a large account nearly all that is read is kept to the end. Room for as
	// much again would hold nothing but garbage: less saves memory and costs a
	// few hundredths of the time.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(60)
	}
	os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Main runs the command with the arguments that follow its name and returns the
// exit status.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, notices: notices{w: stderr}}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.Execute(); err != nil {
		p.notices.report(err)
		return statusWrong
	}
	return p.status
}
