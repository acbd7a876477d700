// Package chaos breaks every call that the functions make, one after the other
// and in every way, lets AWS do what it then does, and holds what was published
// against what is true.
//
// The functions are real down to the clients of the SDK, which are played here
// over one world: an IAM, a CodeArtifact, a table, a bus, queues and a clock.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/smithy-go"
)

// fault is what goes wrong with a call.
type fault string

const (
	refused   fault = "refused"          // an error, and nothing was done
	lost      fault = "answer lost"      // done, and then an error
	throttled fault = "throttled"        // refused with the word for it, after every retry
	partly    fault = "in part"          // of a call for several: every other one is refused
	late      fault = "out of time"      // done, and the function's time is over
	killed    fault = "killed"           // the process is gone before the call is made
	dropped   fault = "connection reset" // not known whether it was done: it was not
)

var single = []fault{refused, lost, throttled, late, killed, dropped}

// place is a call: the nth of that name in a run of a scenario, from 0. The name
// has the operation and what it is about.
type place struct {
	call string
	n    int
}

func (p place) String() string { return fmt.Sprintf("%s, number %d", p.call, p.n+1) }

// broken is what goes wrong in a run: single calls, or every call of a name until it is
// mended.
type broken struct {
	at    map[place]fault
	until map[string]fault
}

// gate is what every call has to pass. It lets one through at a time.
type gate struct {
	plan broken

	mu    sync.Mutex
	life  *life
	seen  map[string]int
	calls []call
	met   map[place]fault // what went wrong
}

type call struct {
	place
	several bool // it asks for several things, so it may be done in part
}

// life is one run of a function: a process, from its start to its answer.
type life struct {
	over   bool // nothing is done any more
	cancel context.CancelFunc
}

// errGone is what a dead process sees, if it could see anything.
var errGone = errors.New("the process is gone")

func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "broken on purpose"}
}

// pass makes a call. some, if there is a way to do a part of it, does that.
func (g *gate) pass(name string, do, some func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life == nil { // from outside: the operator, the test
		return do()
	}
	if g.life.over {
		return errGone
	}
	at := place{name, g.seen[name]}
	g.seen[name]++
	g.calls = append(g.calls, call{at, some != nil})
	broken, planned := g.plan.at[at]
	if !planned {
		broken, planned = g.plan.until[name]
	}
	if !planned {
		return do()
	}
	g.met[at] = broken
	switch broken {
	case lost:
		return errors.Join(apiError("InternalServerException"), ignored(do()))
	case partly:
		return some()
	case throttled:
		return apiError("ThrottlingException")
	case dropped:
		return errors.New("read: connection reset by peer")
	case late:
		_ = do()
		g.life.over = true
		g.life.cancel()
		return context.DeadlineExceeded
	case killed:
		g.life.over = true
		g.life.cancel()
		return errGone
	default:
		return apiError("InternalServerException")
	}
}

// ignored drops what was answered: nobody heard it.
func ignored(error) error { return nil }

// mend lets everything work from now on.
func (g *gate) mend() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.plan = broken{}
}
