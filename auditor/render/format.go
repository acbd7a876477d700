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
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// Format is one of the formats of the contract. The zero value is invalid.
type Format uint8

// The formats.
const (
	_        Format = iota
	Text            // for people: code frames, witness, summary
	Line            // one line a finding and a gap, for grep and editors
	JSON            // schema caudit/result/1
	SARIF           // for code scanning: SARIF 2.1.0
	HTML            // a page for a browser, all in one file
	CSV             // for spreadsheets: a row a finding
	Markdown        // for a comment or a step summary
	GitHub          // annotations of a workflow on GitHub
)

var formatWords = [...]string{
	Text: "text", Line: "line", JSON: "json", SARIF: "sarif", HTML: "html", CSV: "csv", Markdown: "markdown", GitHub: "github",
}

// Formats returns the words of the formats.
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
	return 0, fmt.Errorf("unknown format %q (expected one of %s)", word, strings.Join(Formats(), ", "))
}

// Options say how to write; they never change what is true.
type Options struct {
	// Color writes ANSI colours. Only the text format has them.
	Color bool
	// Notes tell what the caller left out of the report, one sentence each,
	// such as findings that a baseline hides. With notes, nothing is clean.
	Notes []string
	// Find returns where the document of a grant stands in the file that it was read
	// from together with others, a dump or an inventory. Only SARIF asks. Nil knows
	// of none.
	Find func(finding.Grant) (Region, bool)
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
	case SARIF:
		if err := writeSARIF(&out, r, o); err != nil {
			return fmt.Errorf("write sarif: %w", err)
		}
	case HTML:
		if err := writeHTML(&out, r, o); err != nil {
			return fmt.Errorf("write html: %w", err)
		}
	case CSV:
		if err := writeCSV(&out, r); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	case Markdown:
		writeMarkdown(&out, r, o)
	case GitHub:
		writeGitHub(&out, r)
	default:
		return fmt.Errorf("write report: %v", f)
	}
	_, err := w.Write(out.Bytes())
	return err
}
