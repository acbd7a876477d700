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
