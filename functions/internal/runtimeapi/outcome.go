package runtimeapi

import "fmt"

// Outcome is how an invocation ended: a response, or an error.
type Outcome struct {
	Response []byte
	Err      *Error
}

// Error is what a function reports when it fails, in the form that the caller
// of the function gets. Type is one of Lambda's own (Runtime.ExitError,
// Sandbox.Timedout) when the function could not report.
type Error struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Type, e.Message) }
