package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

// notices writes what went wrong to standard error: lines that begin with
// error: or hint:, or log records with --log-format json. Names of files and
// arguments are shown escaped, as in a report.
type notices struct {
	w    io.Writer
	json bool
}

// report writes every error that err joins.
func (n notices) report(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			n.report(e)
		}
		return
	}
	hint := ""
	var usage *usageError
	if errors.As(err, &usage) {
		hint = usage.hint
	}
	n.error(err.Error(), hint)
}

// error writes a message, each of its lines as an error, and the hint unless it
// is empty.
func (n notices) error(message, hint string) {
	if n.json {
		args := []any{}
		if hint != "" {
			args = append(args, "hint", hint)
		}
		n.log().Error(message, args...)
		return
	}
	for line := range strings.SplitSeq(message, "\n") {
		fmt.Fprintf(n.w, "error: %s\n", render.Visible(line))
	}
	if hint != "" {
		fmt.Fprintf(n.w, "hint: %s\n", render.Visible(hint))
	}
}

// log returns a logger without times, so that the same run logs the same text.
func (n notices) log() *slog.Logger {
	o := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	if n.json {
		return slog.New(slog.NewJSONHandler(n.w, o))
	}
	return slog.New(slog.NewTextHandler(n.w, o))
}
