package functions

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

// TestRecordedPayloads hands every payload of events/ to the function it is
// for, with no bus, no queue and no credentials: findings go to standard output,
// sweep requests to standard error.
func TestRecordedPayloads(t *testing.T) {
	change := start(t, "change", nil)
	dispatch := start(t, "dispatch", map[string]string{"ACCOUNT": "111122223333"})

	entries, err := os.ReadDir("../events")
	if err != nil {
		t.Fatal(err)
	}
	tried := map[handler.Function]int{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".json") || entry.Name() == "account.json" {
			continue
		}
		payload := recorded(t, entry.Name())
		function, err := handler.Recognize(payload)
		if err != nil {
			t.Errorf("%s: %v", entry.Name(), err)
			continue
		}
		tried[function]++
		t.Run(entry.Name(), func(t *testing.T) {
			switch function {
			case handler.ChangeFunction:
				if got := string(invoke(t, change, payload)); got != `{"batchItemFailures":[]}` {
					t.Errorf("response %s", got)
				}
			case handler.DispatchFunction:
				invoke(t, dispatch, payload)
			case handler.ScanFunction:
				// It has an account to read: see TestFromChangeToFinding.
			}
		})
	}
	if tried[handler.ChangeFunction] < 12 || tried[handler.ScanFunction] == 0 || tried[handler.DispatchFunction] == 0 {
		t.Errorf("payloads by function: %v", tried)
	}
	for line := range strings.Lines(change.Stdout()) {
		if e := decodeEvent(t, line); !e.Detail.Data.Provisional {
			t.Errorf("a finding of one document alone is not provisional: %s", line)
		}
	}
	if !bytes.Contains([]byte(change.Stderr()), []byte(`{"account":"111122223333","trigger":{"kind":"change"`)) {
		t.Errorf("no sweep request on standard error:\n%s", change.Stderr())
	}
	if !strings.Contains(dispatch.Stderr(), `{"account":"111122223333","trigger":{"kind":"schedule"`) {
		t.Errorf("no sweep request on standard error:\n%s", dispatch.Stderr())
	}
}

// TestChangeJudgesTheDocument holds what single payloads lead to.
func TestChangeJudgesTheDocument(t *testing.T) {
	tests := map[string][]string{
		"put-role-policy.json":               {"grant/full-access", "token/any-service"},
		"put-domain-permissions-policy.json": {"exposure/public", "token/misplaced"},
		"failed-put-role-policy.json":        nil,
		"omitted-put-role-policy.json":       nil,
		"get-role-policy.json":               nil,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			f := start(t, "change", nil)
			invoke(t, f, recorded(t, name))
			var got []string
			for line := range strings.Lines(f.Stdout()) {
				got = append(got, decodeEvent(t, line).Detail.Data.Finding.Rule)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("findings %q, want %q", got, want)
			}
		})
	}
}

// TestMalformedPayload: the function answers with an error that says what was
// expected, and serves the next invocation.
func TestMalformedPayload(t *testing.T) {
	good := recorded(t, "put-role-policy.json")
	tests := map[string]struct{ payload, says string }{
		"a list":                  {`[]`, "payload"},
		"a text":                  {`"PutRolePolicy"`, "payload"},
		"another service's batch": {`{"Records":[{"eventSource":"aws:s3","messageId":"1","body":"{}"}]}`, `expected "aws:sqs"`},
		"broken off":              {`{"detail-type":`, ""},
		"nothing":                 {``, ""},
	}
	for _, function := range []string{"change", "scan"} {
		f := start(t, function, credentials())
		for name, tt := range tests {
			t.Run(function+"/"+name, func(t *testing.T) {
				out := f.Invoke([]byte(tt.payload), 10*time.Second)
				if out.Err == nil {
					t.Fatalf("response %s, want an error", out.Response)
				}
				if !strings.Contains(out.Err.Message, tt.says) {
					t.Errorf("error %q does not say %q", out.Err.Message, tt.says)
				}
			})
		}
		if function == "change" {
			invoke(t, f, good)
		}
	}
}

// TestBatchKeepsItsGoodMessages: one message that cannot be read is delivered
// again, alone.
func TestBatchKeepsItsGoodMessages(t *testing.T) {
	f := start(t, "change", nil)
	batch := lambdaBatch(t, "changes", []delivery{
		{ID: "good", Body: string(recorded(t, "put-role-policy.json"))},
		{ID: "bad", Body: `{"detail-type":`},
	})
	if got := string(invoke(t, f, batch)); got != `{"batchItemFailures":[{"itemIdentifier":"bad"}]}` {
		t.Errorf("response %s", got)
	}
	if f.Stdout() == "" {
		t.Error("the good message led to no finding")
	}
}

// TestInitializationFails: a bus that cannot be reached is told before the
// first invocation, not with each.
func TestInitializationFails(t *testing.T) {
	environment := credentials()
	environment["BUS_NAME"] = "no-such-bus"
	environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1" // nobody listens there
	environment["AWS_MAX_ATTEMPTS"] = "1"
	for _, name := range []string{"change", "scan"} {
		t.Run(name, func(t *testing.T) {
			f := start(t, name, environment)
			err := f.Ready(20 * time.Second)
			if err == nil || !strings.Contains(err.Error(), "exit status 1") {
				t.Errorf("got %v, want exit status 1", err)
			}
			if !strings.Contains(f.Stderr(), "no-such-bus") {
				t.Errorf("the log does not name the bus:\n%s", f.Stderr())
			}
		})
	}
}

// TestFunctionsEnd: SIGTERM ends each of them at once, before and after work.
func TestFunctionsEnd(t *testing.T) {
	environment := credentials()
	environment["ACCOUNT"] = "111122223333"
	for _, name := range []string{"change", "dispatch", "scan"} {
		t.Run(name, func(t *testing.T) {
			f := start(t, name, environment)
			if err := f.Ready(20 * time.Second); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Stop(2 * time.Second); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLogsAreLinesOfJSON: CloudWatch Logs Insights reads them.
func TestLogsAreLinesOfJSON(t *testing.T) {
	f := start(t, "change", nil)
	invoke(t, f, recorded(t, "put-role-policy.json"))
	invoke(t, f, recorded(t, "failed-put-role-policy.json"))
	lines := 0
	for line := range strings.Lines(f.Stderr()) {
		lines++
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	if lines < 3 {
		t.Errorf("%d lines on standard error, want the log and a sweep request", lines)
	}
}
