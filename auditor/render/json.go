package render

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// writeJSON writes the result of schema caudit/result/1, indented. Lists that
// are empty are written as such, never as null, and < > & stand for themselves.
func writeJSON(out *bytes.Buffer, r *auditor.Report) error {
	return writeValue(out, withoutNulls(*r))
}

// writeValue writes any value as indented JSON without what a terminal would
// obey.
func writeValue(out *bytes.Buffer, value any) error {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return err
	}
	escapeHidden(out, plain.Bytes())
	return nil
}

// escapeHidden escapes the characters that a terminal would obey and that
// encoding/json passes on. They occur inside strings only, so that the value of
// the text stays what it was.
func escapeHidden(out *bytes.Buffer, text []byte) {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == '\n' || !hidden(r) {
			out.Write(text[:size])
		} else {
			for _, unit := range utf16.AppendRune(nil, r) {
				out.WriteString(`\u` + hex(uint32(unit), 4))
			}
		}
		text = text[size:]
	}
}

func withoutNulls(r auditor.Report) auditor.Report {
	r.Inputs = list(r.Inputs)
	r.Gaps = list(r.Gaps)
	r.Coverage.Scopes = list(r.Coverage.Scopes)
	r.Coverage.Assumptions = list(r.Coverage.Assumptions)
	r.Exceptions.Unused = list(r.Exceptions.Unused)
	r.Exceptions.Expired = list(r.Exceptions.Expired)
	r.Exceptions.Expiring = list(r.Exceptions.Expiring)
	findings := make([]finding.Finding, len(r.Findings))
	for i, f := range r.Findings {
		findings[i] = findingWithoutNulls(f)
	}
	r.Findings = findings
	suppressed := make([]auditor.Suppressed, len(r.Suppressed))
	for i, s := range r.Suppressed {
		suppressed[i] = auditor.Suppressed{Finding: findingWithoutNulls(s.Finding), Exception: s.Exception}
	}
	r.Suppressed = suppressed
	return r
}

func findingWithoutNulls(f finding.Finding) finding.Finding {
	f.Affected = list(f.Affected)
	f.Grants = list(f.Grants)
	f.Absorbed = list(f.Absorbed)
	witness := make([]finding.Request, len(f.Witness))
	for i, q := range f.Witness {
		context := make(map[string][]string, len(q.Context))
		for name, values := range q.Context {
			context[name] = list(values)
		}
		q.Context = context
		witness[i] = q
	}
	f.Witness = witness
	fixes := make([]finding.Fix, len(f.Fixes))
	for i, x := range f.Fixes {
		edits := make([]finding.Edit, len(x.Edits))
		for j, e := range x.Edits {
			e.Patch = list(e.Patch)
			edits[j] = e
		}
		x.Edits = edits
		fixes[i] = x
	}
	f.Fixes = fixes
	return f
}

// list returns items, or an empty list in place of none.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
