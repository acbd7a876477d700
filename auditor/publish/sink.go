package publish

import (
	"context"
	"errors"
	"fmt"
)

// Sink takes events. An error that is an *UnsentError names the events that
// did not get through; after any other error none of them may have.
type Sink interface {
	Publish(ctx context.Context, events []Event) error
}

// Unsent is an event that did not get through, and why.
type Unsent struct {
	ID  string
	Err error
}

// UnsentError names the events that did not get through; all others of the
// same Publish did.
type UnsentError struct {
	Bus    string
	Unsent []Unsent
}

// Error names every event that was not sent.
func (e *UnsentError) Error() string {
	text := fmt.Sprintf("event bus %q: %d events not sent", e.Bus, len(e.Unsent))
	for _, u := range e.Unsent {
		text += fmt.Sprintf("; %s: %v", u.ID, u.Err)
	}
	return text
}

// Unwrap returns the causes.
func (e *UnsentError) Unwrap() []error {
	causes := make([]error, len(e.Unsent))
	for i, u := range e.Unsent {
		causes[i] = u.Err
	}
	return causes
}

// Sent reports whether err leaves the event with that id sent: nil does, an
// *UnsentError does for those it does not name.
func Sent(err error, id string) bool {
	if err == nil {
		return true
	}
	var unsent *UnsentError
	if !errors.As(err, &unsent) {
		return false
	}
	for _, u := range unsent.Unsent {
		if u.ID == id {
			return false
		}
	}
	return true
}
