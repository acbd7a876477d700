package finding

import "fmt"

// Severity orders findings. The zero value is invalid.
type Severity uint8

// The severities, from the mildest.
const (
	_ Severity = iota
	Info
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{Info: "info", Low: "low", Medium: "medium", High: "high", Critical: "critical"}

// String returns the contract's word for s.
func (s Severity) String() string {
	if s >= Info && int(s) < len(severityNames) {
		return severityNames[s]
	}
	return "invalid severity"
}

// ParseSeverity returns the severity that word names.
func ParseSeverity(word string) (Severity, error) {
	for s := Info; s <= Critical; s++ {
		if severityNames[s] == word {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q (expected critical, high, medium, low or info)", word)
}

// MarshalText writes the contract's word; the zero value is an error.
func (s Severity) MarshalText() ([]byte, error) {
	if s < Info || s > Critical {
		return nil, fmt.Errorf("finding has no severity")
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the contract's word.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}

// Lower returns s one step lower for each step, never below floor.
func (s Severity) Lower(steps int, floor Severity) Severity {
	return Severity(max(int(s)-steps, int(min(floor, s))))
}

// Confidence says how far a finding depends on what was not read. The zero
// value is invalid.
type Confidence uint8

// LowConfidence: an unresolved value decides. MediumConfidence: a guard that
// was not read could stop it. HighConfidence: certain.
const (
	_ Confidence = iota
	LowConfidence
	MediumConfidence
	HighConfidence
)

var confidenceNames = [...]string{LowConfidence: "low", MediumConfidence: "medium", HighConfidence: "high"}

// String returns the contract's word for c.
func (c Confidence) String() string {
	if c >= LowConfidence && int(c) < len(confidenceNames) {
		return confidenceNames[c]
	}
	return "invalid confidence"
}

// MarshalText writes the contract's word; the zero value is an error.
func (c Confidence) MarshalText() ([]byte, error) {
	if c < LowConfidence || c > HighConfidence {
		return nil, fmt.Errorf("finding has no confidence")
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads the contract's word.
func (c *Confidence) UnmarshalText(text []byte) error {
	for k := LowConfidence; k <= HighConfidence; k++ {
		if confidenceNames[k] == string(text) {
			*c = k
			return nil
		}
	}
	return fmt.Errorf("unknown confidence %q (expected high, medium or low)", text)
}
