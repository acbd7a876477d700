// Package publish sends what was found: to an EventBridge bus, or as JSON lines
// to whoever reads a terminal. It also sends requests for sweeps.
package publish

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// Source is the source of every event.
const Source = "codeartifact-auditor"

// MetadataVersion is the version of the event format. Within 1.x only
// additions happen, also of words in enumerations.
const MetadataVersion = "1.0"

// DetailType tells the three kinds of event apart.
type DetailType string

// The detail types of the contract.
const (
	FindingEvent   DetailType = "CodeArtifact Audit Finding"
	CompletedEvent DetailType = "CodeArtifact Audit Completed"
	FailedEvent    DetailType = "CodeArtifact Audit Failed"
)

// Event is one event as EventBridge carries it. Its JSON is the envelope a
// consumer matches patterns against.
type Event struct {
	Source     string     `json:"source"`
	DetailType DetailType `json:"detail-type"`
	Resources  []string   `json:"resources"` // the subject first
	Time       time.Time  `json:"time"`
	Detail     Detail     `json:"detail"`
}

// ID returns the id by which a consumer drops repeats.
func (e Event) ID() string { return e.Detail.Metadata.ID }

// Detail is the body of an event.
type Detail struct {
	Metadata Metadata `json:"metadata"`
	// Data is FindingData or Summary.
	Data any `json:"data"`
}

// Metadata says who speaks, of which account, when and why.
type Metadata struct {
	Version string          `json:"version"`
	ID      string          `json:"id"`
	Time    time.Time       `json:"time"`
	Account string          `json:"account"` // the audited account
	Region  string          `json:"region"`  // of the subject; IAM's home for IAM and for summaries
	Tool    auditor.Tool    `json:"tool"`
	Trigger finding.Trigger `json:"trigger"`
}

// Envelope is what the events of one run share.
type Envelope struct {
	Time    time.Time
	Account string
	Tool    auditor.Tool
	Trigger finding.Trigger
}

func (e Envelope) metadata(id, region string) Metadata {
	return Metadata{
		Version: MetadataVersion, ID: id, Time: e.Time.UTC(), Account: e.Account,
		Region: region, Tool: e.Tool, Trigger: e.Trigger,
	}
}

// homeRegion is where IAM, which has no Region, is run and tells its changes.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
const homeRegion = "us-east-1"

// regionOf returns the Region in an ARN, or IAM's home.
func regionOf(subject string) string {
	parts := strings.SplitN(subject, ":", 5)
	if len(parts) == 5 && parts[0] == "arn" && parts[3] != "" {
		return parts[3]
	}
	return homeRegion
}

// marshal writes JSON as it is read by people: <, > and & stay themselves.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// Entry returns the detail as EventBridge takes it, and the size of the whole
// entry as AWS counts it: 14 bytes for the time, and the UTF-8 bytes of source,
// detail type, detail and each resource.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
func (e Event) Entry() (detail string, size int, err error) {
	text, err := marshal(e.Detail)
	if err != nil {
		return "", 0, err
	}
	size = 14 + len(e.Source) + len(e.DetailType) + len(text)
	for _, resource := range e.Resources {
		size += len(resource)
	}
	return string(text), size, nil
}
