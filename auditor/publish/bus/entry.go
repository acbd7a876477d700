package bus

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/publish"
)

// What one PutEvents call may hold. AWS counts to 10 entries; of the size it
// allowed 256 KB for years and more of late, and 240 KB is below both.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
const (
	maxEntries = 10
	maxCall    = 240 << 10
)

// entry is an event as EventBridge takes it.
type entry struct {
	id      string
	request types.PutEventsRequestEntry
	size    int
	failure error // why the last attempt failed
}

func (b *Bus) entry(event publish.Event) (entry, error) {
	detail, size, err := event.Entry()
	if err != nil {
		return entry{}, err
	}
	if size >= publish.MaxEntry {
		return entry{}, fmt.Errorf("its entry has %d bytes (expected fewer than %d)", size, publish.MaxEntry)
	}
	return entry{id: event.ID(), size: size, request: types.PutEventsRequestEntry{
		EventBusName: aws.String(b.name),
		Source:       aws.String(event.Source),
		DetailType:   aws.String(string(event.DetailType)),
		Resources:    event.Resources,
		Time:         aws.Time(event.Time),
		Detail:       aws.String(detail),
	}}, nil
}

// batches cuts entries, in order, into what one call may hold. An entry is
// smaller than a call by far, so every batch has one at least.
func batches(entries []entry) [][]entry {
	var all [][]entry
	start, size := 0, 0
	for i, e := range entries {
		if i > start && (i-start == maxEntries || size+e.size > maxCall) {
			all = append(all, entries[start:i])
			start, size = i, 0
		}
		size += e.size
	}
	if start < len(entries) {
		all = append(all, entries[start:])
	}
	return all
}
