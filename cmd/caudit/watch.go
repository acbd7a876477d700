package main

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
)

// watch tells how reading an account goes: one line that is written over on a
// terminal, a record for every page with --log-format json, else nothing.
type watch struct {
	mu        sync.Mutex
	line      io.Writer    // nil: no line
	log       *slog.Logger // nil: no records
	began     time.Time
	written   time.Time
	pages     int
	entities  int
	regions   map[string]bool
	throttles int
}

func (p *program) watch(quiet bool) *watch {
	w := &watch{began: time.Now(), regions: map[string]bool{}}
	switch {
	case quiet:
	case p.notices.json:
		w.log = p.notices.log()
	case terminal(p.notices.w):
		w.line = p.notices.w
	}
	return w
}

// saw takes note of a page.
func (w *watch) saw(page collect.Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages++
	w.entities += page.Entities
	if page.Region != "" {
		w.regions[page.Region] = true
	}
	if w.log != nil {
		w.log.Info("read", "account", page.Account, "region", page.Region, "source", page.Source, "call", page.Call,
			"entities", page.Entities, "throttles", w.throttles)
	}
	w.write()
}

// throttled takes note of an answer that asks to go slower.
func (w *watch) throttled() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.throttles++
	w.write()
}

// write writes the line anew, a few times a second.
func (w *watch) write() {
	now := time.Now()
	if w.line == nil || now.Sub(w.began) < patience || now.Sub(w.written) < patience/5 {
		return
	}
	w.written = now
	rate := float64(w.entities) / now.Sub(w.began).Seconds()
	fmt.Fprintf(w.line, "\rreading: %d entities on %d pages, %d Regions, %.0f a second, %d throttles\x1b[K", w.entities, w.pages, len(w.regions), rate, w.throttles)
}

// end takes the line away.
func (w *watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.line != nil && !w.written.IsZero() {
		fmt.Fprint(w.line, "\r\x1b[K")
	}
}
