package handler_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// run invokes and returns what came of it, with the rules or detail types of
// the events and the sweep requests.
func run(t *testing.T, o handler.InvokeOptions) (handler.Invoked, []string, string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	o.Version, o.Now, o.Stdout, o.Stderr = "v0.0.0", noon, &stdout, &stderr
	invoked, err := handler.Invoke(context.Background(), o)
	return invoked, rulesOf(t, eventSchema(t), stdout.Bytes()), stderr.String(), err
}

func TestInvokeRunsTheRequestedSweepOverTheInventory(t *testing.T) {
	invoked, told, asked, err := run(t, handler.InvokeOptions{Payload: bridge(t, nil), Inventory: roleWith(t, everything)})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"grant/full-access", "grant/full-access", "CodeArtifact Audit Completed"}; !slices.Equal(told, want) {
		t.Errorf("told %v (expected %v)", told, want)
	}
	if invoked.Function != handler.ChangeFunction || len(invoked.Reports) != 2 || strings.Count(asked, "\n") != 1 {
		t.Errorf("%s, %d reports, asked %s", invoked.Function, len(invoked.Reports), asked)
	}
}

func TestInvokeSweepsEachAccountOnce(t *testing.T) {
	_, told, asked, err := run(t, handler.InvokeOptions{
		Payload: batch(t, payloads(t)["attach-role-policy"], payloads(t)["delete-role-policy"]), Inventory: roleWith(t, bearing),
	})
	if err != nil || !slices.Equal(told, []string{"CodeArtifact Audit Completed"}) || strings.Count(asked, "\n") != 2 {
		t.Errorf("told %v, asked %s, %v", told, asked, err)
	}
}

func TestInvokeScan(t *testing.T) {
	for _, name := range []string{"sweep-request", "sqs-sweep-requests"} {
		invoked, told, _, err := run(t, handler.InvokeOptions{Payload: payloads(t)[name], Inventory: roleWith(t, everything)})
		if err != nil || invoked.Function != handler.ScanFunction || !slices.Equal(told, []string{"grant/full-access", "CodeArtifact Audit Completed"}) {
			t.Errorf("%s: %s told %v, %v", name, invoked.Function, told, err)
		}
	}
}

func TestInvokeDispatch(t *testing.T) {
	invoked, told, asked, err := run(t, handler.InvokeOptions{Payload: []byte(`{}`), Inventory: roleWith(t, bearing)})
	if err != nil || invoked.Function != handler.DispatchFunction || !slices.Equal(told, []string{"CodeArtifact Audit Completed"}) ||
		asked != `{"account":"111122223333","trigger":{"kind":"manual"}}`+"\n" {
		t.Errorf("%s told %v, asked %s, %v", invoked.Function, told, asked, err)
	}
	if _, _, asked, err := run(t, handler.InvokeOptions{Payload: []byte(`{}`), Account: "444455556666"}); err != nil || !strings.Contains(asked, "444455556666") {
		t.Errorf("asked %s, %v", asked, err)
	}
	if _, _, _, err := run(t, handler.InvokeOptions{Payload: []byte(`{}`)}); err == nil || !strings.Contains(err.Error(), "no account is known") {
		t.Errorf("error %v", err)
	}
}

func TestInvokeSaysWhatFailed(t *testing.T) {
	for name, c := range map[string]struct {
		payload   []byte
		inventory *inventory.Inventory
		want      string
	}{
		"no payload":            {[]byte(""), nil, "no JSON object"},
		"something else":        {[]byte(`{"hello":1}`), nil, "payload for none of the functions"},
		"empty batch":           {[]byte(`{"Records":[]}`), nil, "SQS batch of 0 messages"},
		"batch of nonsense":     {batch(t, []byte("x")), nil, "none of which can be read"},
		"batch in a batch":      {batch(t, batch(t, bridge(t, nil))), nil, "none of which can be read"},
		"log file":              {[]byte(`{"Records":[{"eventSource":"iam.amazonaws.com","eventName":"PutRolePolicy"}]}`), nil, `event source "iam.amazonaws.com"`},
		"bad message":           {batch(t, bridge(t, nil), []byte("x")), nil, `1 messages of the batch failed, the first is "m-1"`},
		"account not collected": {[]byte(`{"account":"444455556666"}`), roleWith(t, ""), "account 444455556666: not in the inventory"},
		"nothing collected":     {[]byte(`{"account":"444455556666"}`), nil, "expected an inventory"},
		"swept account missing": {bridge(t, func(e, d, _ map[string]any) { e["account"], d["recipientAccountId"] = "444455556666", "444455556666" }), roleWith(t, ""), "not in the inventory"},
	} {
		_, _, _, err := run(t, handler.InvokeOptions{Payload: c.payload, Inventory: c.inventory})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v (expected %q)", name, err, c.want)
		}
	}
}

func TestInvokeTakesAByteOrderMark(t *testing.T) {
	_, told, _, err := run(t, handler.InvokeOptions{Payload: append([]byte("\xef\xbb\xbf"), bridge(t, nil)...)})
	if err != nil || !slices.Equal(told, []string{"grant/full-access"}) {
		t.Errorf("told %v, %v", told, err)
	}
}
