package handler

import (
	"encoding/json"
	"fmt"
)

// Function is one of the three that a payload can be for.
type Function string

// The functions.
const (
	ChangeFunction   Function = "change"
	ScanFunction     Function = "scan"
	DispatchFunction Function = "dispatch"
)

// expected says what payloads there are, for errors.
const expected = "expected an EventBridge event, a CloudTrail record, an SQS batch of either or of sweep requests, " +
	`{"account": "…"}, {"accounts": […]}, a schedule event or {}`

// Recognize returns the function that a payload is for. It looks at the shape
// alone: the function itself judges the content.
func Recognize(payload []byte) (Function, error) {
	o, err := decodeObject("payload", payload)
	if err != nil {
		return "", err
	}
	switch {
	case o.has("Records"):
		return recognizeBatch(o)
	case o.has("detail-type"):
		if kind, _ := o.text("detail-type"); kind == scheduledEvent {
			return DispatchFunction, nil
		}
		return ChangeFunction, nil
	case o.has("eventSource") && o.has("eventName"):
		return ChangeFunction, nil
	case o.has("account"):
		return ScanFunction, nil
	case o.has("accounts") || len(o) == 0:
		return DispatchFunction, nil
	}
	return "", fmt.Errorf("payload for none of the functions (%s)", expected)
}

// recognizeBatch asks the first message that can be read: a queue holds
// messages of one kind.
func recognizeBatch(o object) (Function, error) {
	messages, err := batch(o)
	if err != nil {
		return "", err
	}
	for _, m := range messages {
		if inner, err := decodeObject("body", m.body); err == nil && !inner.has("Records") {
			if function, err := Recognize(m.body); err == nil && function != DispatchFunction {
				return function, nil
			}
		}
	}
	return "", fmt.Errorf("SQS batch of %d messages, none of which can be read (%s)", len(messages), expected)
}

// message is the body of an SQS message, or of a payload that came without a
// queue and therefore has no id.
type message struct {
	id   string
	body []byte
}

// messages returns what a function was handed: the messages of an SQS batch, or
// the payload itself.
func messages(payload []byte) ([]message, error) {
	o, err := decodeObject("payload", payload)
	if err != nil {
		return nil, err
	}
	if o.has("Records") {
		return batch(o)
	}
	return []message{{body: payload}}, nil
}

// batch reads an SQS batch. A message whose body is no text is handed on
// without body, so that it fails alone; one without an id cannot fail alone,
// so the batch does.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func batch(o object) ([]message, error) {
	var records []json.RawMessage
	if err := json.Unmarshal(o["Records"], &records); err != nil {
		return nil, fmt.Errorf("payload: Records is no list: %w", err)
	}
	read := make([]message, len(records))
	for i, raw := range records {
		what := fmt.Sprintf("payload: Records[%d]", i)
		record, err := decodeObject(what, raw)
		if err != nil {
			return nil, err
		}
		source, _ := record.text("eventSource")
		if source != "aws:sqs" {
			return nil, fmt.Errorf("%s: event source %q (expected %q)", what, source, "aws:sqs")
		}
		id, err := record.text("messageId")
		if err != nil || id == "" {
			return nil, fmt.Errorf("%s: no messageId", what)
		}
		body, err := record.text("body")
		if err != nil {
			body = ""
		}
		read[i] = message{id: id, body: []byte(body)}
	}
	return read, nil
}

// Response tells Lambda which messages of a batch to deliver again; those that
// fail time after time end in the dead-letter queue.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
type Response struct {
	BatchItemFailures []BatchItemFailure `json:"batchItemFailures"` // never null
}

// BatchItemFailure names a message to deliver again.
type BatchItemFailure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// failures collects what went wrong with the messages of one payload.
type failures struct {
	response Response
	bare     error // of a payload that came without a queue
}

func (f *failures) add(m message, err error) {
	if m.id == "" {
		f.bare = err
		return
	}
	f.response.BatchItemFailures = append(f.response.BatchItemFailures, BatchItemFailure{ItemIdentifier: m.id})
}

// result returns what a handler returns: the failed messages, or the error of
// a payload that came without a queue.
func (f *failures) result() (Response, error) {
	if f.response.BatchItemFailures == nil {
		f.response.BatchItemFailures = []BatchItemFailure{}
	}
	return f.response, f.bare
}
