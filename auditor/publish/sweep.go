package publish

import (
	"context"
	"fmt"
	"io"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// SweepRequest asks for a sweep of one account.
type SweepRequest struct {
	Account string           `json:"account"`
	Trigger *finding.Trigger `json:"trigger,omitempty"`
	// State is why there is nothing to read: Left, or the word of Organizations
	// for an account that is not active. Empty for one to be swept.
	State string `json:"state,omitempty"`
}

// Left is the state of an account that is no longer listed.
const Left = "LEFT"

// UnaskedError names the accounts whose sweep could not be asked for; all others
// of the same RequestAll were.
type UnaskedError struct {
	Of      int // how many were to be asked for
	Unasked []Unasked
}

// Unasked is an account whose sweep was not asked for, and why.
type Unasked struct {
	Account string
	Err     error
}

// Error says how many there are and why the first is one.
func (e *UnaskedError) Error() string {
	return fmt.Sprintf("%d of %d sweeps not requested, the first is of account %s: %v", len(e.Unasked), e.Of, e.Unasked[0].Account, e.Unasked[0].Err)
}

// Unwrap returns the causes.
func (e *UnaskedError) Unwrap() []error {
	causes := make([]error, len(e.Unasked))
	for i, u := range e.Unasked {
		causes[i] = u.Err
	}
	return causes
}

// JSON returns the request as the scan function takes it.
func (r SweepRequest) JSON() ([]byte, error) {
	text, err := marshal(r)
	if err != nil {
		return nil, fmt.Errorf("account %s: sweep request: %w", r.Account, err)
	}
	return text, nil
}

// SweepLines writes sweep requests as lines of JSON.
type SweepLines struct{ w io.Writer }

// NewSweepLines returns a writer of sweep requests to w.
func NewSweepLines(w io.Writer) *SweepLines { return &SweepLines{w: w} }

// Request writes the request as one line.
func (l *SweepLines) Request(_ context.Context, request SweepRequest) error {
	line, err := request.JSON()
	if err != nil {
		return err
	}
	if _, err := l.w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("account %s: write sweep request: %w", request.Account, err)
	}
	return nil
}

// RequestAll writes the requests as lines.
func (l *SweepLines) RequestAll(ctx context.Context, requests []SweepRequest) error {
	var unasked []Unasked
	for _, request := range requests {
		if err := l.Request(ctx, request); err != nil {
			unasked = append(unasked, Unasked{request.Account, err})
		}
	}
	if unasked == nil {
		return nil
	}
	return &UnaskedError{Of: len(requests), Unasked: unasked}
}
