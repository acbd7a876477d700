package publish

import (
	"context"
	"fmt"
	"io"
)

// Lines is a sink that writes each event as one line of JSON.
type Lines struct{ w io.Writer }

// NewLines returns a sink that writes to w.
func NewLines(w io.Writer) *Lines { return &Lines{w: w} }

// Publish writes the events in order and stops at the first that cannot be
// written.
func (l *Lines) Publish(_ context.Context, events []Event) error {
	for _, event := range events {
		line, err := marshal(event)
		if err != nil {
			return fmt.Errorf("event %s: %w", event.ID(), err)
		}
		if _, err := l.w.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write event %s: %w", event.ID(), err)
		}
	}
	return nil
}
