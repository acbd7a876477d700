package runtimeapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxResponse is the largest response that Lambda takes from a function that
// was called and awaited.
const maxResponse = 6 << 20

// api is the HTTP side: it holds what the function has been given and not yet
// answered.
type api struct {
	address    string
	server     *http.Server
	pending    chan *invocation
	ready      chan struct{} // closed at the first request for an invocation
	initFailed chan *Error
	closed     chan struct{}

	mu         sync.Mutex
	serial     int
	current    *invocation
	wasReady   bool
	wasClosed  bool
	extensions int
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan Outcome
}

func listen() (*api, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the function: %w", err)
	}
	a := &api{
		address:    listener.Addr().String(),
		pending:    make(chan *invocation),
		ready:      make(chan struct{}),
		initFailed: make(chan *Error, 1),
		closed:     make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initError)
	mux.HandleFunc("POST /2020-01-01/extension/register", a.register)
	mux.HandleFunc("GET /2020-01-01/extension/event/next", a.awaitEnd)
	a.server = &http.Server{Handler: mux}
	go func() {
		// Serve ends when the server is closed, and says so.
		_ = a.server.Serve(listener)
	}()
	return a, nil
}

func (a *api) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.wasClosed {
		return nil
	}
	a.wasClosed = true
	close(a.closed)
	return a.server.Close()
}

func (a *api) invocation(payload []byte, deadline time.Time) *invocation {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.serial++
	return &invocation{
		id:       fmt.Sprintf("00000000-0000-4000-8000-%012d", a.serial),
		payload:  payload,
		deadline: deadline,
		done:     make(chan Outcome, 1),
	}
}

func (a *api) next(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	if !a.wasReady {
		a.wasReady = true
		close(a.ready)
	}
	busy := a.current != nil
	a.mu.Unlock()
	if busy {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation in hand has no answer yet")
		return
	}
	select {
	case in := <-a.pending:
		a.mu.Lock()
		a.current = in
		a.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", in.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(in.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:under-test")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0")
		// A write fails only when the function is gone, which Invoke sees.
		_, _ = w.Write(in.payload)
	case <-a.closed:
	case <-r.Context().Done():
	}
}

func (a *api) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxResponse))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		a.answer(w, r, http.StatusRequestEntityTooLarge, Outcome{Err: &Error{
			Type: "Function.ResponseSizeTooLarge", Message: fmt.Sprintf("response exceeds %d bytes", maxResponse),
		}})
		return
	} else if err != nil {
		return // the function is gone, which Invoke sees
	}
	// A response that broke off half way says so in its trailers.
	if failed := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); failed != "" {
		a.answer(w, r, http.StatusAccepted, Outcome{Err: &Error{Type: failed, Message: "the response broke off"}})
		return
	}
	a.answer(w, r, http.StatusAccepted, Outcome{Response: body})
}

func (a *api) failure(w http.ResponseWriter, r *http.Request) {
	a.answer(w, r, http.StatusAccepted, Outcome{Err: reported(r)})
}

func (a *api) answer(w http.ResponseWriter, r *http.Request, status int, out Outcome) {
	a.mu.Lock()
	in := a.current
	if in != nil && in.id == r.PathValue("id") {
		a.current = nil
	} else {
		in = nil
	}
	a.mu.Unlock()
	if in == nil {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", fmt.Sprintf("%q is not the invocation in hand", r.PathValue("id")))
		return
	}
	if status == http.StatusAccepted {
		accept(w)
	} else {
		refuse(w, status, out.Err.Type, out.Err.Message)
	}
	in.done <- out
}

func (a *api) initError(w http.ResponseWriter, r *http.Request) {
	accept(w)
	select {
	case a.initFailed <- reported(r):
	default: // it has reported before
	}
}

// reported decodes the body of an error report. One that cannot be decoded is
// an error of its own.
func reported(r *http.Request) *Error {
	var e Error
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
		return &Error{Type: "Runtime.MalformedError", Message: err.Error()}
	}
	return &e
}

func (a *api) register(w http.ResponseWriter, _ *http.Request) {
	a.mu.Lock()
	a.extensions++
	a.mu.Unlock()
	w.Header().Set("Lambda-Extension-Identifier", "00000000-0000-4000-9000-000000000000")
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"functionName":"under-test","functionVersion":"$LATEST","handler":"bootstrap"}`)
}

// awaitEnd answers nothing: an extension inside the function registers for no
// event.
func (a *api) awaitEnd(_ http.ResponseWriter, r *http.Request) {
	select {
	case <-a.closed:
	case <-r.Context().Done():
	}
}

func (a *api) extended() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.extensions > 0
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Error{Type: kind, Message: message})
}
