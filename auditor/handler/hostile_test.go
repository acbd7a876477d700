package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

const everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"}]}`

// bridge is an EventBridge event about PutRolePolicy; change may spoil it.
func bridge(t *testing.T, change func(event, detail, parameters map[string]any)) []byte {
	t.Helper()
	event := object(t, fmt.Sprintf(`{"version":"0","id":"b-1","detail-type":"AWS API Call via CloudTrail","source":"aws.iam",
		"account":"111122223333","time":"2026-09-24T12:00:00Z","region":"us-east-1","resources":[],"detail":{
		"eventSource":"iam.amazonaws.com","eventName":"PutRolePolicy","awsRegion":"us-east-1","eventID":"e-1","eventTime":"2026-09-24T12:00:00Z",
		"recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/bob","accountId":"111122223333"},
		"readOnly":false,"requestParameters":{"roleName":"ci-build","policyName":"artifact-access","policyDocument":%q}}}`, everything))
	if change != nil {
		detail := event["detail"].(map[string]any)
		change(event, detail, detail["requestParameters"].(map[string]any))
	}
	return marshal(t, event)
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// codeArtifact makes a bridge event one about a domain's policy.
func codeArtifact(parameters string) func(t *testing.T) []byte {
	return func(t *testing.T) []byte {
		return bridge(t, func(event, detail, _ map[string]any) {
			event["source"], event["region"] = "aws.codeartifact", "eu-west-1"
			detail["eventSource"], detail["eventName"], detail["awsRegion"] = "codeartifact.amazonaws.com", "PutDomainPermissionsPolicy", "eu-west-1"
			detail["requestParameters"] = object(t, parameters)
		})
	}
}

func text(s string) func(*testing.T) []byte { return func(*testing.T) []byte { return []byte(s) } }

func spoilt(change func(event, detail, parameters map[string]any)) func(*testing.T) []byte {
	return func(t *testing.T) []byte { return bridge(t, change) }
}

func parameter(name string, value any) func(*testing.T) []byte {
	return spoilt(func(_, _, parameters map[string]any) { parameters[name] = value })
}

func detail(name string, value any) func(*testing.T) []byte {
	return spoilt(func(_, detail, _ map[string]any) { detail[name] = value })
}

func envelope(name string, value any) func(*testing.T) []byte {
	return spoilt(func(event, _, _ map[string]any) { event[name] = value })
}

// What an event can be, and what becomes of it: refused with an error that
// says what, passed over for a reason, left to the sweep for a reason, or
// judged.
var hostile = []struct {
	name    string
	payload func(*testing.T) []byte
	refused string // part of the error
	says    string // part of the log
	sweeps  int
	judged  bool
}{
	{name: "sound", payload: spoilt(nil), sweeps: 1, judged: true, says: "document judged"},

	{name: "empty", payload: text(""), refused: "no JSON object"},
	{name: "white space", payload: text(" \n"), refused: "no JSON object"},
	{name: "null", payload: text("null"), refused: "expected a JSON object"},
	{name: "list", payload: text("[]"), refused: "no JSON object"},
	{name: "string", payload: text(`"{}"`), refused: "no JSON object"},
	{name: "cut off", payload: text(`{"detail-type":`), refused: "no JSON object"},
	{name: "two in a row", payload: text(`{"a":1}{"b":2}`), refused: "no JSON object"},
	{name: "invalid UTF-8", payload: text("{\"\xff\":1}"), refused: "neither an EventBridge event nor a CloudTrail record"},
	{name: "depth bomb", payload: text(strings.Repeat("[", 200000)), refused: "no JSON object"},
	{name: "object bomb", payload: text(strings.Repeat(`{"a":`, 200000)), refused: "no JSON object"},
	{name: "something else", payload: text(`{"hello":"world"}`), refused: "neither an EventBridge event nor a CloudTrail record"},
	{name: "names in another case", payload: text(`{"Detail-Type":"AWS API Call via CloudTrail"}`), refused: "neither an EventBridge event nor a CloudTrail record"},
	{name: "schedule", payload: text(`{"detail-type":"Scheduled Event","source":"aws.scheduler","detail":"{}"}`), says: "is no API call"},
	{name: "detail-type is a number", payload: envelope("detail-type", 1), refused: `"detail-type" is no string`},
	{name: "detail is a string", payload: envelope("detail", "{}"), refused: "detail: no JSON object"},
	{name: "no detail", payload: spoilt(func(e, _, _ map[string]any) { delete(e, "detail") }), refused: "detail: no JSON object"},
	{name: "no account", payload: spoilt(func(e, _, _ map[string]any) { delete(e, "account") }), refused: `account "" is no account id`},
	{name: "account is a number", payload: envelope("account", 111122223333), refused: "no account id"},
	{name: "account is a path", payload: envelope("account", "../../../etc/x"), refused: "no account id"},

	{name: "record of another account", payload: detail("recipientAccountId", "444455556666"), refused: "its account is 111122223333 and its record's is 444455556666"},
	{name: "custom source", payload: envelope("source", "my.app"), refused: `source "my.app" does not go with event source "iam.amazonaws.com"`},
	{name: "source of another service", payload: envelope("source", "aws.codeartifact"), refused: "does not go with"},
	{name: "event source of another service", payload: detail("eventSource", "s3.amazonaws.com"), refused: "does not go with"},
	{name: "another service", payload: spoilt(func(e, d, _ map[string]any) { e["source"], d["eventSource"] = "aws.s3", "s3.amazonaws.com" }), says: "grants no access to CodeArtifact"},
	{name: "no event source", payload: spoilt(func(_, d, _ map[string]any) { delete(d, "eventSource") }), refused: "does not go with"},
	{name: "event name is a list", payload: detail("eventName", []string{"PutRolePolicy"}), refused: `"eventName" is no string`},
	{name: "other call", payload: detail("eventName", "CreateAccessKey"), says: "changes no access"},
	{name: "call in another case", payload: detail("eventName", "putrolepolicy"), says: "changes no access"},
	{name: "no time", payload: spoilt(func(e, d, _ map[string]any) { delete(e, "time"); delete(d, "eventTime") }), refused: "is no time"},
	{name: "time of the envelope", payload: spoilt(func(_, d, _ map[string]any) { delete(d, "eventTime") }), sweeps: 1, judged: true},
	{name: "time is a word", payload: detail("eventTime", "yesterday"), refused: "is no time"},
	{name: "time beyond JSON", payload: detail("eventTime", "9999-12-31T23:59:59-01:00"), refused: "is no time"},
	{name: "failed", payload: detail("errorCode", "AccessDenied"), says: "the call failed with"},
	{name: "error code is a number", payload: detail("errorCode", 403), refused: `"errorCode" is no string`},
	{name: "error code is null", payload: detail("errorCode", nil), sweeps: 1, judged: true},
	{name: "read only", payload: detail("readOnly", true), says: "only read"},
	{name: "read only as a word", payload: detail("readOnly", "true"), says: "only read"},
	{name: "read only is nonsense", payload: detail("readOnly", "perhaps"), refused: `"readOnly" is no boolean`},
	{name: "no user identity", payload: spoilt(func(_, d, _ map[string]any) { delete(d, "userIdentity") }), sweeps: 1, judged: true},
	{name: "user identity is a word", payload: detail("userIdentity", "root"), sweeps: 1, judged: true},
	{name: "long event id", payload: detail("eventID", strings.Repeat("x", 3000)), refused: "expected at most 2048"},

	{name: "parameters null", payload: detail("requestParameters", nil), sweeps: 1, says: "CloudTrail left it out"},
	{name: "parameters absent", payload: spoilt(func(_, d, _ map[string]any) { delete(d, "requestParameters") }), sweeps: 1, says: "CloudTrail left it out"},
	{name: "parameters omitted", payload: detail("requestParameters", map[string]any{"omitted": true, "originalSize": 120000}), sweeps: 1, says: "CloudTrail left it out"},
	{name: "parameters hidden", payload: detail("requestParameters", "HIDDEN_DUE_TO_SECURITY_REASONS"), sweeps: 1, says: "CloudTrail left it out"},
	{name: "document hidden", payload: parameter("policyDocument", "HIDDEN_DUE_TO_SECURITY_REASONS"), sweeps: 1, says: "CloudTrail left it out"},
	{name: "document omitted", payload: parameter("policyDocument", "omitted: 102400 bytes"), sweeps: 1, says: "CloudTrail left it out"},
	{name: "document omitted as an object", payload: parameter("policyDocument", map[string]any{"omitted": true}), sweeps: 1, says: "CloudTrail left it out"},
	{name: "document absent", payload: spoilt(func(_, _, p map[string]any) { delete(p, "policyDocument") }), sweeps: 1, says: `no parameter \"policyDocument\"`},
	{name: "document is a number", payload: parameter("policyDocument", 7), sweeps: 1, says: "is no string"},
	{name: "document is empty", payload: parameter("policyDocument", ""), sweeps: 1, says: "no parameter"},
	{name: "document is an object", payload: parameter("policyDocument", map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}}), sweeps: 1, judged: true},
	{name: "document encoded", payload: parameter("policyDocument", "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22codeartifact%3A*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D"), sweeps: 1, judged: true},
	{name: "document badly encoded", payload: parameter("policyDocument", "%7B%2"), sweeps: 1, says: "no verdict before the sweep"},
	{name: "document is no JSON", payload: parameter("policyDocument", "{Statement"), sweeps: 1, says: "not judged"},
	{name: "document is a bomb", payload: parameter("policyDocument", strings.Repeat(`{"Statement":`, 50000)), sweeps: 1, says: "not judged"},
	{name: "role absent", payload: spoilt(func(_, _, p map[string]any) { delete(p, "roleName") }), sweeps: 1, says: `no parameter \"roleName\"`},
	{name: "role is an ARN", payload: parameter("roleName", "arn:aws:iam::444455556666:role/x"), sweeps: 1, says: "is no name that AWS allows"},
	{name: "role climbs", payload: parameter("roleName", "../x"), sweeps: 1, says: "is no name that AWS allows"},
	{name: "policy name with a hash", payload: parameter("policyName", "a#trust"), sweeps: 1, says: "is no name that AWS allows"},

	{name: "document of 2 MB", payload: parameter("policyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"codeartifact:*","Resource":"*","Sid":"`+strings.Repeat("x", 2<<20)+`"}]}`), sweeps: 1, judged: true},
	{name: "role of 2 MB", payload: parameter("roleName", strings.Repeat("r", 2<<20)), sweeps: 1, says: "is no name that AWS allows"},
	{name: "2 MB of something else", payload: detail("padding", strings.Repeat("x", 2<<20)), sweeps: 1, judged: true},
	{name: "spoofed account in the parameters", payload: parameter("accountId", "444455556666"), sweeps: 1, judged: true},
	{name: "spoofed account of the caller", payload: detail("userIdentity", map[string]any{"accountId": "444455556666", "arn": "arn:aws:iam::444455556666:user/eve"}), sweeps: 1, judged: true},

	{name: "domain", payload: codeArtifact(`{"domain":"d1","domainOwner":"111122223333","policyDocument":"{}"}`), sweeps: 1, says: "document judged"},
	{name: "domain in the URI's words", payload: codeArtifact(`{"domain-name":"d1","domain-owner":"111122223333","policy-document":"{}"}`), sweeps: 1, says: "document judged"},
	{name: "domain in two words that agree", payload: codeArtifact(`{"domain":"d1","domainName":"d1","policyDocument":"{}"}`), sweeps: 1, says: "document judged"},
	{name: "domain in two words that differ", payload: codeArtifact(`{"domain":"d1","domainName":"d2","policyDocument":"{}"}`), sweeps: 1, says: "under another name"},
	{name: "domain of another owner", payload: codeArtifact(`{"domain":"d1","domainOwner":"444455556666","policyDocument":"{}"}`), sweeps: 1, says: "belongs to account 444455556666"},
	{name: "owner is a word", payload: codeArtifact(`{"domain":"d1","domainOwner":"me","policyDocument":"{}"}`), sweeps: 1, says: "is no account id"},
	{name: "domain is an ARN", payload: codeArtifact(`{"domain":"arn:aws:codeartifact:eu-west-1:1:domain/d","policyDocument":"{}"}`), sweeps: 1, says: "is no name that AWS allows"},
}

func TestHostileEvents(t *testing.T) {
	if t.Logf("%d payloads", len(hostile)); len(hostile) < 60 {
		t.Fatalf("%d payloads (expected 60)", len(hostile))
	}
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			for _, queued := range []bool{false, true} {
				var published sink
				var asked sweeps
				log, said := logged()
				change := &handler.Change{Auditor: desk(&published), Sweeps: &asked}
				change.Log = log
				payload := c.payload(t)
				if queued {
					payload = batch(t, payload)
				}
				response, err := change.Handle(context.Background(), payload)

				failed := err != nil || len(response.BatchItemFailures) > 0
				if failed != (c.refused != "") || queued && err != nil || !strings.Contains(said.String(), strings.ReplaceAll(c.refused, `"`, `\"`)) {
					t.Errorf("queued %t: error %v, %d messages failed, log %.400s", queued, err, len(response.BatchItemFailures), said)
				}
				if err != nil && !strings.Contains(err.Error(), c.refused) {
					t.Errorf("error %v (expected %q)", err, c.refused)
				}
				if !strings.Contains(said.String(), c.says) {
					t.Errorf("queued %t: log does not say %q: %.400s", queued, c.says, said)
				}
				if len(asked.requests) != c.sweeps {
					t.Errorf("queued %t: %d sweeps (expected %d)", queued, len(asked.requests), c.sweeps)
				}
				if judged := findingsSaid.MatchString(said.String()); judged != c.judged {
					t.Errorf("queued %t: judged %t: %.400s", queued, judged, said)
				}
			}
		})
	}
}

// findingsSaid is what the log says of a document in which something was found.
var findingsSaid = regexp.MustCompile(`findings=[1-9]`)

// What the log says of a document that is not understood is where it is; its words
// are for who debugs.
func TestLogsQuoteNoPolicy(t *testing.T) {
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"word-1","Action":"codeartifact:word-2","Resource":"word-3","word-4":1},` +
		`{"Effect":"Allow","Sid":"word-5","Action":"codeartifact:*","Resource":"arn:aws:codeartifact:word-6","Condition":{"word-7":{"word-8":"word-9"}}}]}`
	for level, quotes := range map[slog.Level]bool{slog.LevelInfo: false, slog.LevelDebug: true} {
		var said bytes.Buffer
		change := &handler.Change{Auditor: desk(new(sink)), Sweeps: &sweeps{}}
		change.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: level}))
		if _, err := change.Handle(context.Background(), parameter("policyDocument", document)(t)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(said.String(), "word-"); got != quotes || !strings.Contains(said.String(), "not judged") {
			t.Errorf("at %s: %s", level, said.String())
		}
	}
}

// batch wraps bodies the way SQS hands them to a function.
func batch(t *testing.T, bodies ...[]byte) []byte {
	t.Helper()
	var records []map[string]any
	for i, body := range bodies {
		records = append(records, map[string]any{
			"messageId": fmt.Sprintf("m-%d", i), "body": string(bytes.ToValidUTF8(body, []byte("\ufffd"))), "eventSource": "aws:sqs",
		})
	}
	return marshal(t, map[string]any{"Records": records})
}

// A batch that is none cannot fail in part, so it fails whole.
func TestHostileBatches(t *testing.T) {
	for _, payload := range []string{
		`{"Records":{}}`, `{"Records":"x"}`, `{"Records":[1]}`, `{"Records":[null]}`, `{"Records":[{}]}`,
		`{"Records":[{"eventSource":"aws:s3","messageId":"m"}]}`, `{"Records":[{"eventSource":"aws:sqs"}]}`,
		`{"Records":[{"eventSource":"aws:sqs","messageId":"","body":"{\"detail-type\":\"x\"}"}]}`, `{"Records":[{"eventSource":"aws:sqs","messageId":7,"body":"{}"}]}`,
	} {
		var published sink
		var asked sweeps
		change := &handler.Change{Auditor: desk(&published), Sweeps: &asked}
		if response, err := change.Handle(context.Background(), []byte(payload)); err == nil || response.BatchItemFailures == nil {
			t.Errorf("%s: %+v, %v", payload, response, err)
		}
		scan := &handler.Scan{Auditor: desk(&published), Reader: reader{}}
		if _, err := scan.Handle(context.Background(), []byte(payload)); err == nil {
			t.Errorf("%s: scan takes it", payload)
		}
		if len(published.events) != 0 || len(asked.requests) != 0 {
			t.Errorf("%s: something came of it", payload)
		}
	}
	var published sink
	change := &handler.Change{Auditor: desk(&published), Sweeps: &sweeps{}}
	response, err := change.Handle(context.Background(), []byte(`{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":7}]}`))
	if err != nil || len(response.BatchItemFailures) != 1 {
		t.Errorf("message without a text: %+v, %v", response, err)
	}
}

func FuzzChange(f *testing.F) {
	for _, c := range hostile {
		if c.name != "depth bomb" && c.name != "object bomb" && c.name != "document is a bomb" {
			f.Add(c.payload(&testing.T{}))
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var published sink
		var asked sweeps
		change := &handler.Change{Auditor: desk(&published), Sweeps: &asked}
		_, err := change.Handle(context.Background(), payload)
		for _, request := range asked.requests {
			if len(request.Account) != 12 {
				t.Errorf("sweep of account %q", request.Account)
			}
		}
		if err != nil && len(published.events) > 0 {
			t.Error("refused, and yet published")
		}
	})
}
