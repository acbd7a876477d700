package handler_test

import (
	"context"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
)

var tooLong = strings.Repeat("x", 2<<20)

// What can be asked of dispatch, and how many sweeps come of it; none when it is
// refused.
var hostileOrders = map[string]struct {
	payload string
	refused string
	sweeps  int
}{
	"empty":                   {"", "payload", 0},
	"null":                    {"null", "payload", 0},
	"list":                    {`["111122223333"]`, "payload", 0},
	"string":                  {`"111122223333"`, "payload", 0},
	"two in a row":            {"{}{}", "payload", 0},
	"cut off":                 {`{"accounts":["1111`, "payload", 0},
	"nothing":                 {"{}", "", 1},
	"accounts null":           {`{"accounts":null}`, "for another function", 0},
	"no accounts":             {`{"accounts":[]}`, "accounts is empty", 0},
	"accounts as a string":    {`{"accounts":"111122223333"}`, "no list of account ids", 0},
	"accounts as numbers":     {`{"accounts":[111122223333]}`, "no list of account ids", 0},
	"an account of 11 digits": {`{"accounts":["11112222333"]}`, "is no account id", 0},
	"an account of letters":   {`{"accounts":["11112222333x"]}`, "is no account id", 0},
	"an account that climbs":  {`{"accounts":["../../../etc"]}`, "is no account id", 0},
	"one of two is none":      {`{"accounts":["111122223333",""]}`, "is no account id", 0},
	"an account twice":        {`{"accounts":["111122223333","111122223333"]}`, "", 1},
	"other digits":            {`{"accounts":["１１１１２２２２３３３３"]}`, "is no account id", 0},
	"a change":                {`{"detail-type":"AWS API Call via CloudTrail","source":"aws.iam"}`, "detail-type", 0},
	"detail-type as a number": {`{"detail-type":1}`, "detail-type", 0},
	"a schedule without time": {`{"detail-type":"Scheduled Event"}`, "", 1},
	"a schedule of nonsense":  {`{"detail-type":"Scheduled Event","time":{},"id":[],"detail":"{}"}`, "", 1},
	"for another function":    {`{"account":"111122223333"}`, "for another function", 0},
	"2 MB":                    {`{"hello":"` + tooLong + `"}`, "for another function", 0},
	"a batch":                 {`{"Records":[]}`, "for another function", 0},
}

func TestHostileOrders(t *testing.T) {
	t.Logf("%d payloads", len(hostileOrders))
	for name, c := range hostileOrders {
		t.Run(name, func(t *testing.T) {
			var asked sweeps
			d := &handler.Dispatch{
				Accounts: func(context.Context) ([]string, error) { return []string{account}, nil }, Sweeps: &asked, Now: desk(nil).Now, Log: quiet(),
			}
			err := d.Handle(context.Background(), []byte(c.payload))
			if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
				t.Errorf("error %v (expected %q)", err, c.refused)
			}
			if len(asked.requests) != c.sweeps {
				t.Errorf("%d sweeps (expected %d)", len(asked.requests), c.sweeps)
			}
		})
	}
}

// What can be asked of scan, and what it then publishes last; nothing when it is
// refused.
var hostileRequests = map[string]struct {
	payload string
	refused string
	ends    string
}{
	"sound":                      {`{"account":"111122223333"}`, "", completed},
	"empty":                      {"", "no JSON object", ""},
	"null":                       {"null", "expected a JSON object", ""},
	"list":                       {"[]", "no JSON object", ""},
	"nothing":                    {"{}", "is no account id", ""},
	"account null":               {`{"account":null}`, "is no account id", ""},
	"account as a number":        {`{"account":111122223333}`, "is no account id", ""},
	"account as a list":          {`{"account":["111122223333"]}`, "is no account id", ""},
	"Account":                    {`{"Account":"111122223333"}`, "is no account id", ""},
	"account that climbs":        {`{"account":"../x"}`, "is no account id", ""},
	"account with a line":        {`{"account":"111122223333\n"}`, "is no account id", ""},
	"account that nobody reads":  {`{"account":"999999999999"}`, "rate exceeded", failedSweep},
	"trigger null":               {`{"account":"111122223333","trigger":null}`, "", completed},
	"trigger as a word":          {`{"account":"111122223333","trigger":"change"}`, "trigger", ""},
	"trigger of no kind":         {`{"account":"111122223333","trigger":{}}`, "unknown kind", ""},
	"trigger of another kind":    {`{"account":"111122223333","trigger":{"kind":"sudo"}}`, "unknown kind", ""},
	"trigger with a long actor":  {`{"account":"111122223333","trigger":{"kind":"change","actor":"` + tooLong + `"}}`, "a text of 2097152 bytes", ""},
	"trigger beyond JSON's time": {`{"account":"111122223333","trigger":{"kind":"change","eventTime":"9999-12-31T23:59:59-01:00"}}`, "the year 10000", ""},
	"trigger at no time":         {`{"account":"111122223333","trigger":{"kind":"change","eventTime":"yesterday"}}`, "trigger", ""},
	"state with a command":       {`{"account":"111122223333","state":"LEFT; DROP"}`, "is no state", ""},
	"state as a number":          {`{"account":"111122223333","state":1}`, "is no state", ""},
	"state of 2 MB":              {`{"account":"111122223333","state":"` + tooLong + `"}`, "is no state", ""},
	"a state of the future":      {`{"account":"111122223333","state":"ARCHIVED"}`, "", completed},
	"two in a row":               {`{"account":"111122223333"}{"account":"222233334444"}`, "no JSON object", ""},
	"an account twice":           {`{"account":"111122223333","account":"222233334444"}`, "rate exceeded", failedSweep},
}

func TestHostileRequests(t *testing.T) {
	t.Logf("%d payloads", len(hostileRequests))
	for name, c := range hostileRequests {
		t.Run(name, func(t *testing.T) {
			for _, queued := range []bool{false, true} {
				var published sink
				log, said := logged()
				scan := &handler.Scan{Auditor: desk(&published), Reader: reader{account: roleWith(t, everything)}}
				scan.Log = log
				payload := []byte(c.payload)
				if queued {
					payload = batch(t, payload)
				}
				response, err := scan.Handle(context.Background(), payload)
				failed := err != nil || len(response.BatchItemFailures) > 0
				if failed != (c.refused != "") || queued && err != nil || !strings.Contains(said.String(), c.refused) {
					t.Errorf("queued %t: error %v, %d messages failed, log %.300s", queued, err, len(response.BatchItemFailures), said)
				}
				told := published.told()
				if ends := strings.Join(told[max(0, len(told)-1):], ""); ends != c.ends {
					t.Errorf("queued %t: told %q (expected %q last)", queued, told, c.ends)
				}
			}
		})
	}
}
