package handler

import (
	"fmt"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// record is one API call as CloudTrail tells it, in the account that it is
// told to.
//
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type record struct {
	account    string // whose event this is
	caller     string // account of the caller, empty when not told
	source     string // "iam.amazonaws.com"
	name       string // "PutRolePolicy"
	region     string
	id         string
	time       time.Time
	actor      string
	errorCode  string
	readOnly   bool
	parameters object // nil: absent, null or no object
	response   object
	omitted    bool // the record says that something was left out of it
}

// trigger returns the record as the reason for what follows.
func (r record) trigger() finding.Trigger {
	return finding.Trigger{Kind: finding.ByChange, EventID: r.id, EventName: r.name, EventTime: r.time, Actor: r.actor}
}

const cloudTrailCall = "AWS API Call via CloudTrail"

// sources are the EventBridge sources of the event sources we know. Only AWS
// itself can send events whose source begins with "aws.".
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
var sources = map[string]string{"iam.amazonaws.com": "aws.iam", "codeartifact.amazonaws.com": "aws.codeartifact"}

// readEvent reads an EventBridge event or a bare CloudTrail record. ignored is
// the reason why a well-formed event is none of ours; err says what is wrong
// with one that cannot be trusted.
func readEvent(text []byte) (r record, ignored string, err error) {
	o, err := decodeObject("event", text)
	if err != nil {
		return record{}, "", err
	}
	if !o.has("detail-type") {
		if !o.has("eventSource") || !o.has("eventName") {
			return record{}, "", fmt.Errorf("event: neither an EventBridge event nor a CloudTrail record (expected detail-type and detail, or eventSource and eventName)")
		}
		r, err = readRecord(o)
		return r, "", err
	}
	return readEnvelope(o)
}

// readEnvelope reads an EventBridge event. The account in the envelope is
// written by EventBridge, so it decides; a record that claims another is not
// believed.
func readEnvelope(o object) (r record, ignored string, err error) {
	kind, err := o.text("detail-type")
	if err != nil {
		return record{}, "", fmt.Errorf("event: %w", err)
	}
	if kind != cloudTrailCall {
		return record{}, fmt.Sprintf("detail-type %q is no API call", kind), nil
	}
	detail, err := decodeObject("detail", o["detail"])
	if err != nil {
		return record{}, "", fmt.Errorf("event: %w", err)
	}
	source, err := o.text("source")
	if err != nil {
		return record{}, "", fmt.Errorf("event: %w", err)
	}
	account, err := o.text("account")
	if err != nil || !arn.IsAccountID(account) {
		return record{}, "", fmt.Errorf("event: account %q is no account id", account)
	}
	if !detail.has("eventTime") && o.has("time") {
		detail["eventTime"] = o["time"]
	}
	if !detail.has("recipientAccountId") {
		detail["recipientAccountId"] = o["account"]
	}
	r, err = readRecord(detail)
	if err != nil {
		return record{}, "", err
	}
	if r.account != account {
		return record{}, "", fmt.Errorf("event %q: its account is %s and its record's is %s", r.id, account, r.account)
	}
	if expected := sources[r.source]; expected != source && (expected != "" || source == "aws.iam" || source == "aws.codeartifact") {
		return record{}, "", fmt.Errorf("event %q: source %q does not go with event source %q", r.id, source, r.source)
	}
	return r, "", nil
}

// readRecord reads a CloudTrail record.
func readRecord(o object) (record, error) {
	var r record
	var when, recipient string
	texts := []struct {
		name string
		to   *string
	}{
		{"eventSource", &r.source},
		{"eventName", &r.name},
		{"awsRegion", &r.region},
		{"eventID", &r.id},
		{"errorCode", &r.errorCode},
		{"eventTime", &when},
		{"recipientAccountId", &recipient},
	}
	for _, t := range texts {
		text, err := o.text(t.name)
		if err != nil {
			return record{}, fmt.Errorf("record: %w", err)
		}
		if len(text) > maxWord {
			return record{}, fmt.Errorf("record: %q has %d bytes (expected at most %d)", t.name, len(text), maxWord)
		}
		*t.to = text
	}
	var err error
	if r.readOnly, err = o.flag("readOnly"); err != nil {
		return record{}, fmt.Errorf("record: %w", err)
	}
	// CloudTrail writes UTC. A year that JSON cannot spell is no time either.
	if r.time, err = time.Parse(time.RFC3339, when); err != nil || r.time.UTC().Year() > 9999 {
		return record{}, fmt.Errorf("record %q: eventTime %q is no time (expected YYYY-MM-DDThh:mm:ssZ)", r.id, when)
	}
	r.time = r.time.UTC()
	identity := o.object("userIdentity")
	if r.caller, err = identity.text("accountId"); err != nil {
		return record{}, fmt.Errorf("record %q: userIdentity: %w", r.id, err)
	}
	r.actor = actor(identity)
	r.account = recipient
	if recipient == "" {
		r.account = r.caller
	}
	if !arn.IsAccountID(r.account) {
		return record{}, fmt.Errorf("record %q: recipientAccountId %q is no account id", r.id, r.account)
	}
	r.parameters, r.response = o.object("requestParameters"), o.object("responseElements")
	r.omitted = o.has("omitted") && string(o["omitted"]) != "false"
	return r, nil
}

// actor returns the best name for who made the call: the ARN of the session or
// user, that of the role behind it, or the service.
//
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func actor(identity object) string {
	issuer := identity.object("sessionContext").object("sessionIssuer")
	for _, candidate := range []func() (string, error){
		func() (string, error) { return identity.text("arn") },
		func() (string, error) { return issuer.text("arn") },
		func() (string, error) { return identity.text("invokedBy") },
		func() (string, error) { return identity.text("principalId") },
	} {
		if name, err := candidate(); err == nil && name != "" && len(name) <= maxWord {
			return name
		}
	}
	return ""
}
