// Package runtimeapi runs a Lambda's compiled binary as Lambda runs it, for
// tests: a small Runtime API hands it one invocation after the other and takes
// its answers, and at the end it gets SIGTERM.
//
// It speaks version 2018-06-01 of the interface for custom runtimes, and of the
// Extensions API as much as a function needs that asks to be told of its end.
// See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html.
package runtimeapi

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Function is one execution environment: a process and the Runtime API that it
// talks to. It serves one invocation at a time.
type Function struct {
	api    *api
	cmd    *exec.Cmd
	output string // folder of the two files below
	stdout *os.File
	stderr *os.File
	exited chan struct{} // closed when the process has ended
}

// Start starts the binary. It inherits nothing: its environment is what Lambda
// sets, and over that the one given. Credentials are not among what Lambda sets
// here; a function that is given none has none.
func Start(binary string, environment map[string]string) (*Function, error) {
	api, err := listen()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", binary, err)
	}
	f := &Function{api: api, exited: make(chan struct{})}
	f.cmd = exec.Command(binary)
	f.cmd.Dir = filepath.Dir(binary)
	f.cmd.Env = f.environment(environment)
	if err := f.capture(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", binary, err), api.close())
	}
	if err := f.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", binary, err),
			f.stdout.Close(), f.stderr.Close(), api.close(), os.RemoveAll(f.output))
	}
	go func() {
		// The outcome stands in cmd.ProcessState.
		_ = f.cmd.Wait()
		close(f.exited)
	}()
	return f, nil
}

// capture sends what the function prints to files. Through a pipe it would
// reach us some time after the response; what lies in a file has been written.
func (f *Function) capture() error {
	dir, err := os.MkdirTemp("", "runtimeapi")
	if err != nil {
		return err
	}
	f.output = dir
	stdout, err := os.Create(filepath.Join(dir, "stdout"))
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		return errors.Join(err, stdout.Close(), os.RemoveAll(dir))
	}
	f.stdout, f.stderr = stdout, stderr
	f.cmd.Stdout, f.cmd.Stderr = stdout, stderr
	return nil
}

// environment is what a custom runtime finds: the reserved variables of
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, then
// the function's own.
func (f *Function) environment(own map[string]string) []string {
	name := filepath.Base(filepath.Dir(f.cmd.Path))
	list := []string{
		"_HANDLER=bootstrap",
		"AWS_DEFAULT_REGION=us-east-1",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
		"AWS_LAMBDA_FUNCTION_NAME=" + name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + name,
		"AWS_LAMBDA_LOG_STREAM_NAME=2026/01/01/[$LATEST]0123456789abcdef",
		"AWS_LAMBDA_RUNTIME_API=" + f.api.address,
		"AWS_REGION=us-east-1",
		"LAMBDA_TASK_ROOT=" + f.cmd.Dir,
		"LANG=en_US.UTF-8",
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"TZ=:UTC",
	}
	for key, value := range own {
		list = append(list, key+"="+value) // of two, the last counts
	}
	return list
}

// Ready waits until the function asks for its first invocation, which ends the
// initialization, and returns how that failed: the function's own report to
// init/error, or its end.
func (f *Function) Ready(within time.Duration) error {
	select {
	case <-f.api.ready:
		return nil
	case failure := <-f.api.initFailed:
		return fmt.Errorf("initialize: %w", failure)
	case <-f.exited:
		return fmt.Errorf("initialize: %w", f.exitError())
	case <-time.After(within):
		return fmt.Errorf("initialize: no request for an invocation within %s\n%s", within, f.Stderr())
	}
}

// Invoke gives the payload to the function and returns its answer. The deadline
// it is told is timeout from now; past that the process is killed, as Lambda
// does.
func (f *Function) Invoke(payload []byte, timeout time.Duration) Outcome {
	deadline := time.NewTimer(timeout)
	defer deadline.Stop()
	in := f.api.invocation(payload, time.Now().Add(timeout))
	select {
	case f.api.pending <- in:
	case failure := <-f.api.initFailed:
		return Outcome{Err: failure}
	case <-f.exited:
		return Outcome{Err: f.exitError()}
	case <-deadline.C:
		return f.timedOut(timeout)
	}
	select {
	case out := <-in.done:
		return out
	case <-f.exited:
		// A function that reports its panic and ends at once has answered.
		select {
		case out := <-in.done:
			return out
		default:
			return Outcome{Err: f.exitError()}
		}
	case <-deadline.C:
		return f.timedOut(timeout)
	}
}

func (f *Function) timedOut(timeout time.Duration) Outcome {
	_ = f.cmd.Process.Kill() // it may have ended in this very moment
	<-f.exited
	return Outcome{Err: &Error{Type: "Sandbox.Timedout", Message: fmt.Sprintf("Task timed out after %.2f seconds", timeout.Seconds())}}
}

// exitError is what Lambda says of a process that ended by itself.
func (f *Function) exitError() *Error {
	return &Error{Type: "Runtime.ExitError", Message: "Runtime exited: " + f.cmd.ProcessState.String()}
}

// Stop ends the execution environment: SIGTERM, and SIGKILL when the process is
// still there after grace. It returns how the process ended, and an error if it
// had to be killed. What the function printed can be read until Close.
func (f *Function) Stop(grace time.Duration) (*os.ProcessState, error) {
	if err := f.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return nil, fmt.Errorf("stop: %w", err)
	}
	select {
	case <-f.exited:
		return f.cmd.ProcessState, nil
	case <-time.After(grace):
		_ = f.cmd.Process.Kill() // it may have ended in this very moment
		<-f.exited
		return f.cmd.ProcessState, fmt.Errorf("stop: still running %s after SIGTERM", grace)
	}
}

// Close kills the process if it still runs, and removes what Start made.
func (f *Function) Close() error {
	_ = f.cmd.Process.Kill() // most often it has ended
	<-f.exited
	return errors.Join(f.stdout.Close(), f.stderr.Close(), f.api.close(), os.RemoveAll(f.output))
}

// Extended says whether the function has registered an extension. Lambda sends
// SIGTERM to those functions only; the others it kills.
func (f *Function) Extended() bool { return f.api.extended() }

// Stdout returns what the function has printed so far.
func (f *Function) Stdout() string { return printed(f.stdout) }

// Stderr returns what the function has logged so far.
func (f *Function) Stderr() string { return printed(f.stderr) }

// printed reads a file of capture, which is there until Close.
func printed(file *os.File) string {
	text, err := os.ReadFile(file.Name())
	if err != nil {
		return err.Error()
	}
	return string(text)
}
