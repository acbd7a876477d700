package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts; read the diff")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"caudit": main})
}

// The scripts run the program end to end. "status N caudit …" runs it and wants
// that exit status.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [argument…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func TestClosedPipeEndsQuietly(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(self)
	cmd.Args = []string{"caudit", "demo"}
	cmd.Stdout, cmd.Stderr = write, &stderr
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != statusFound {
		t.Errorf("demo into a closed pipe: %v, want the exit status of the findings", err)
	}
	if stderr.Len() > 0 {
		t.Errorf("demo into a closed pipe complains: %s", &stderr)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{{syscall.ENOSPC, statusWrong}, {syscall.EPIPE, statusOK}} {
		var stderr bytes.Buffer
		got := Main([]string{"version"}, strings.NewReader(""), failing{tt.err}, &stderr)
		if got != tt.want || (stderr.Len() > 0) != (tt.want == statusWrong) {
			t.Errorf("%v: status %d, %q", tt.err, got, &stderr)
		}
	}
}
