package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// resultSchema is the schema of the results that are read and written.
const resultSchema = "caudit/result/1"

// readResult reads a saved result; - is standard input. An error names the place
// in the file.
func (p *program) readResult(path string) (*auditor.Report, error) {
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(p.stdin)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	r, err := parseResult(data)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return r, nil
}

// parseResult reads a result of schema caudit/result/1 and nothing behind it.
// Properties that a later version may have added are passed over.
func parseResult(data []byte) (*auditor.Report, error) {
	in := json.NewDecoder(bytes.NewReader(data))
	var r auditor.Report
	if err := in.Decode(&r); err != nil {
		return nil, misread(data, in.InputOffset(), err)
	}
	if r.Schema != resultSchema {
		return nil, placed(data, 0, fmt.Sprintf("schema is %q (expected %q, what caudit scan --format json writes)", r.Schema, resultSchema))
	}
	if rest := bytes.TrimLeft(data[in.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, placed(data, int64(len(data)-len(rest)), "text behind the result (expected one result)")
	}
	for i, f := range r.Findings {
		if f.ID == "" || f.Rule == "" || f.Severity == 0 || f.Confidence == 0 {
			return nil, placed(data, 0, fmt.Sprintf("finding %d lacks its id, rule, severity or confidence", i+1))
		}
	}
	for i, s := range r.Suppressed {
		if s.ID == "" || s.Rule == "" || s.Severity == 0 || s.Confidence == 0 {
			return nil, placed(data, 0, fmt.Sprintf("suppressed finding %d lacks its id, rule, severity or confidence", i+1))
		}
	}
	return &r, nil
}

// misread says where the decoder stopped and why.
func misread(data []byte, offset int64, err error) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return placed(data, 0, "file is empty (expected a result, what caudit scan --format json writes)")
	}
	message := strings.TrimPrefix(err.Error(), "json: ")
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = max(0, syntax.Offset-1)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = kind.Offset
		message = fmt.Sprintf("%s is %s (expected another kind of value)", orElse(kind.Field, "the result"), article(kind.Value))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		offset, message = int64(len(data)), "text ends too early (expected the rest of the result)"
	}
	return placed(data, offset, message)
}

func article(kind string) string {
	if kind == "array" || kind == "object" {
		return "an " + kind
	}
	return "a " + kind
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// placed is an error that begins with line and column, both from 1.
func placed(data []byte, offset int64, message string) error {
	before := data[:min(offset, int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return fmt.Errorf("%d:%d: %s", line, column, message)
}
