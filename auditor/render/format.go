// Package render writes a report in the formats of the contract.
//
// Renderers are peers: each reads the same report and none decides anything.
// The text of policies, names and Sids is written by whoever we audit, so every
// format that a terminal may show escapes control characters, escape sequences
// and bidirectional marks instead of passing them on.
package render

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// Format is one of the formats that this version writes. The zero value is
// invalid.
type Format uint8

// The formats of this version.
const (
	_    Format = iota
	Text        // for people: code frames, witness, summary
	Line        // one line a finding and a gap, for grep and editors
	JSON        // schema caudit/result/1
)

var formatWords = [...]string{Text: "text", Line: "line", JSON: "json"}

// contractWords are all the formats that the contract names, so that a word
// that belongs to a later version is told from a slip of the pen.
var contractWords = []string{"text", "line", "json", "sarif", "html", "csv", "markdown", "github"}

// Formats returns the words of the formats that this version writes.
func Formats() []string { return slices.Clone(formatWords[Text:]) }

// String returns the contract's word for f.
func (f Format) String() string {
	if f >= Text && int(f) < len(formatWords) {
		return formatWords[f]
	}
	return "invalid format"
}

// ParseFormat returns the format that word names.
func ParseFormat(word string) (Format, error) {
	for f := Text; int(f) < len(formatWords); f++ {
		if formatWords[f] == word {
			return f, nil
		}
	}
	have := strings.Join(Formats(), ", ")
	if slices.Contains(contractWords, word) {
		return 0, fmt.Errorf("format %q is not in this version (it has %s)", word, have)
	}
	return 0, fmt.Errorf("unknown format %q (this version has %s)", word, have)
}

// Options say how to write; they never change what is true.
type Options struct {
	// Color writes ANSI colours. Only the text format has them.
	Color bool
	// Notes tell what the caller left out of the report, one sentence each,
	// such as findings that a baseline hides. With notes, nothing is clean.
	Notes []string
	// Quiet leaves out of the text format all but findings and gaps.
	Quiet bool
}

// Write writes the report to w in one piece and returns the error of w.
func Write(w io.Writer, f Format, r *auditor.Report, o Options) error {
	var out bytes.Buffer
	switch f {
	case Text:
		writeText(&out, r, o)
	case Line:
		writeLines(&out, r)
	case JSON:
		if err := writeJSON(&out, r); err != nil {
			return fmt.Errorf("write json: %w", err)
		}
	default:
		return fmt.Errorf("write report: %v", f)
	}
	_, err := w.Write(out.Bytes())
	return err
}
