package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// The states of a scope. blocked: nothing can be there, or nothing can be done
// there, as a control policy denies the Region or the account has not enabled
// it. denied: it is there and we may not look.
const (
	complete = "complete"
	blocked  = "blocked"
	denied   = "denied"
	failed   = "failed"
)

// Failure is a call that did not bring what it was made for.
type Failure struct {
	Call string // the API operation
	Of   string // what it was about: "domain team"; empty for a whole list
	Err  error
}

// UnshownError says that what was asked for has not been shown to us: nobody
// refused it, and no retry brings it. Its scope is denied.
type UnshownError struct{ Reason string }

// Error returns the reason.
func (e *UnshownError) Error() string { return e.Reason }

// failures are those of one scope, in the order of the calls.
type failures []Failure

// add notes a failure, unless there is none.
func (f *failures) add(call, of string, err error) {
	if err != nil {
		*f = append(*f, Failure{call, of, err})
	}
}

// state is complete when nothing failed.
func (f failures) state() string {
	if len(f) == 0 {
		return complete
	}
	return failed
}

// judge returns the state of the scope and why. credentialsWork: the same
// credentials were taken elsewhere in the account.
func (f failures) judge(credentialsWork bool) (state, reason string) {
	if len(f) == 0 {
		return complete, ""
	}
	state = blocked
	for _, each := range f {
		state = graver(state, stateOf(each.Err, credentialsWork))
	}
	return state, f.reason()
}

// graver returns the state that says less was seen.
func graver(a, b string) string {
	order := []string{complete, blocked, denied, failed}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// stateOf tells what an error of one call makes of its scope.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html (how a
// denial names the policy behind it), https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
// (Regions that are not enabled do not know the account's credentials)
func stateOf(err error, credentialsWork bool) string {
	if _, unshown := errors.AsType[*UnshownError](err); unshown {
		return denied
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return failed
	}
	switch api.ErrorCode() {
	case "AccessDenied", "AccessDeniedException":
		if strings.Contains(api.ErrorMessage(), "explicit deny in a service control policy") {
			return blocked
		}
		return denied
	case "UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired":
		if credentialsWork {
			return blocked
		}
	}
	return failed
}

// namesInReason is how many things of one kind a reason names.
const namesInReason = 5

// reason says what failed and why: calls that failed alike are one clause.
func (f failures) reason() string {
	type kind struct{ call, code string }
	var kinds []kind
	of := map[kind][]string{}
	first := map[kind]error{}
	for _, each := range f {
		k := kind{each.Call, codeOf(each.Err)}
		if first[k] == nil {
			kinds, first[k] = append(kinds, k), each.Err
		}
		if each.Of != "" {
			of[k] = append(of[k], each.Of)
		}
	}
	clauses := make([]string, len(kinds))
	for i, k := range kinds {
		clauses[i] = k.call + named(of[k]) + ": " + Plain(first[k])
	}
	return strings.Join(clauses, "; ")
}

// named lists what calls were about.
func named(of []string) string {
	if len(of) == 0 {
		return ""
	}
	slices.Sort(of)
	more := ""
	if n := len(of) - namesInReason; n > 0 {
		of, more = of[:namesInReason], fmt.Sprintf(" and %d more", n)
	}
	return " of " + strings.Join(of, ", ") + more
}

// codeOf tells kinds of errors apart.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return Plain(err)
}

// Plain says what went wrong with a call of AWS without what differs from one try
// to the next: request ids, addresses, counts of tries.
func Plain(err error) string {
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		return api.ErrorCode() + ": " + api.ErrorMessage()
	case errors.Is(err, context.DeadlineExceeded):
		return "out of time"
	case errors.Is(err, context.Canceled):
		return "stopped"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// IsCode reports whether AWS answered with one of the error codes.
func IsCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}
