package runtimeapi

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var echo string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "echo")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		echo = filepath.Join(dir, "bootstrap")
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", echo, "./testdata/echo")
		if out, err := build.CombinedOutput(); err != nil {
			panic(string(out))
		}
		return m.Run()
	}())
}

// start starts the echo function; it is gone when the test ends.
func start(t *testing.T, environment map[string]string) *Function {
	t.Helper()
	f, err := Start(echo, environment)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestInvoke(t *testing.T) {
	f := start(t, nil)
	if err := f.Ready(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		payload  string
		response string // or
		err      Error
	}{
		{`{"do":"echo","value":"a"}`, `{"do":"echo","value":"a"}`, Error{}},
		{`{"do":"fail","value":"told to"}`, "", Error{"errorString", "told to"}},
		{`{"do":"echo","value":"after a failure"}`, `{"do":"echo","value":"after a failure"}`, Error{}},
		{`{"do":1}`, "", Error{"UnmarshalTypeError", "json: cannot unmarshal number into Go struct field request.do of type string"}},
		{`{"do":`, "", Error{"errorString", "unexpected EOF"}},
		{``, "", Error{"errorString", "EOF"}},
		{`{"do":"another"}`, "", Error{"errorString", "status 400"}},
		{`{"do":"echo","value":"last"}`, `{"do":"echo","value":"last"}`, Error{}},
	}
	for _, tt := range tests {
		out := f.Invoke([]byte(tt.payload), 10*time.Second)
		switch {
		case out.Err == nil && tt.err != Error{}:
			t.Errorf("%s: response %s, want error %v", tt.payload, out.Response, tt.err)
		case out.Err != nil && *out.Err != tt.err:
			t.Errorf("%s: error %v, want %v", tt.payload, *out.Err, tt.err)
		case string(out.Response) != tt.response:
			t.Errorf("%s: response %s, want %s", tt.payload, out.Response, tt.response)
		}
	}
}

func TestInvocationKnowsWhereItRuns(t *testing.T) {
	t.Setenv("HOME", "/nonexistent")
	f := start(t, map[string]string{"OWN": "yes", "AWS_REGION": "eu-west-1"})
	out := f.Invoke([]byte(`{"do":"describe"}`), 30*time.Second)
	if out.Err != nil {
		t.Fatal(out.Err)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Response, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"deadline": "30s",
		"request":  "00000000-0000-4000-8000-000000000001",
		"function": "arn:aws:lambda:us-east-1:111122223333:function:under-test",
		"trace":    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
		"home":     "", // nothing is inherited
		"region":   "eu-west-1",
		"own":      "yes",
	}
	for key := range want {
		if got[key] != want[key] {
			t.Errorf("%s is %q, want %q", key, got[key], want[key])
		}
	}
	if got := f.Stdout(); got != "on standard output\n" {
		t.Errorf("standard output %q", got)
	}
}

func TestFunctionThatEnds(t *testing.T) {
	tests := map[string]struct {
		do      string
		timeout time.Duration
		want    Error
	}{
		"panic":    {"panic", 10 * time.Second, Error{"string", "told to"}},
		"exit":     {"exit", 10 * time.Second, Error{"Runtime.ExitError", "Runtime exited: exit status 4"}},
		"timeout":  {"sleep", 500 * time.Millisecond, Error{"Sandbox.Timedout", "Task timed out after 0.50 seconds"}},
		"too much": {"large", 10 * time.Second, Error{"Function.ResponseSizeTooLarge", "response exceeds 6291456 bytes"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := start(t, nil)
			out := f.Invoke([]byte(`{"do":"`+tt.do+`","value":"told to"}`), tt.timeout)
			if out.Err == nil || *out.Err != tt.want {
				t.Fatalf("got %v, response of %d bytes; want %v", out.Err, len(out.Response), tt.want)
			}
			<-f.exited
			out = f.Invoke([]byte(`{"do":"echo"}`), time.Second)
			if out.Err == nil || out.Err.Type != "Runtime.ExitError" {
				t.Errorf("an invocation after the end: %v", out.Err)
			}
		})
	}
}

func TestDeadlineReachesTheContext(t *testing.T) {
	f := start(t, nil)
	if err := f.Ready(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	in := f.api.invocation([]byte(`{"do":"wait"}`), time.Now().Add(100*time.Millisecond))
	f.api.pending <- in
	select {
	case out := <-in.done:
		if out.Err == nil || out.Err.Message != "context deadline exceeded" {
			t.Errorf("got %v", out.Err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the context has no deadline")
	}
}

func TestInitialization(t *testing.T) {
	tests := map[string]struct{ says string }{
		"":       {""},
		"exit":   {"initialize: Runtime.ExitError: Runtime exited: exit status 3"},
		"report": {"initialize: Echo.Init: told to fail"},
		"hang":   {"initialize: no request for an invocation within 1s"},
	}
	for how, tt := range tests {
		t.Run(how, func(t *testing.T) {
			f := start(t, map[string]string{"AT_INIT": how})
			err := f.Ready(time.Second)
			switch {
			case err == nil && tt.says != "":
				t.Errorf("ready, want %q", tt.says)
			case err != nil && (tt.says == "" || !strings.HasPrefix(err.Error(), tt.says)):
				t.Errorf("got %q, want %q", err, tt.says)
			}
		})
	}
}

func TestStop(t *testing.T) {
	tests := map[string]struct {
		atInit   string
		extended bool
		ended    string
		logs     string
		err      string
	}{
		"a function that does not ask": {"", false, "signal: terminated", "", ""},
		"one that cleans up":           {"polite", true, "exit status 0", "leaving", ""},
		"one that stays":               {"stubborn", true, "signal: killed", "staying", "stop: still running 500ms after SIGTERM"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := start(t, map[string]string{"AT_INIT": tt.atInit})
			if err := f.Ready(10 * time.Second); err != nil {
				t.Fatal(err)
			}
			if f.Extended() != tt.extended {
				t.Errorf("extended %v, want %v", f.Extended(), tt.extended)
			}
			ended, err := f.Stop(500 * time.Millisecond)
			if err != nil {
				got := err.Error()
				if got != tt.err {
					t.Errorf("error %q, want %q", got, tt.err)
				}
			} else if tt.err != "" {
				t.Errorf("no error, want %q", tt.err)
			}
			if ended.String() != tt.ended {
				t.Errorf("ended with %q, want %q", ended, tt.ended)
			}
			if !strings.Contains(f.Stderr(), tt.logs) {
				t.Errorf("log %q lacks %q", f.Stderr(), tt.logs)
			}
		})
	}
}

func TestStartNamesTheBinary(t *testing.T) {
	if _, err := Start("/nonexistent/bootstrap", nil); err == nil || !strings.Contains(err.Error(), "start /nonexistent/bootstrap") {
		t.Errorf("got %v", err)
	}
}
