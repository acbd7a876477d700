package render

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// csvHeader names the columns. Columns may be added behind the last one; none
// changes its name, its meaning or its place.
var csvHeader = []string{
	"status", "severity", "confidence", "rule", "message", "account", "subject_type", "subject", "path", "line", "column",
	"affected_count", "affected", "id", "group", "reason", "owner", "expires", "ticket", "help",
}

// writeCSV writes a row for each finding, each suppressed one and each gap, as
// RFC 4180 has it. A cell that a spreadsheet would take for a formula is written
// behind an apostrophe.
//
// Sources: https://www.rfc-editor.org/rfc/rfc4180,
// https://owasp.org/www-community/attacks/CSV_Injection
func writeCSV(out *bytes.Buffer, r *auditor.Report) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	rows := [][]string{csvHeader}
	for _, f := range r.Findings {
		rows = append(rows, csvRow("open", f, auditor.Exception{}))
	}
	for _, s := range r.Suppressed {
		rows = append(rows, csvRow("suppressed", s.Finding, s.Exception))
	}
	for _, g := range r.Gaps {
		rows = append(rows, csvCells(map[string]string{
			"status": "gap", "rule": gapRule, "message": g.Reason, "path": g.Where, "line": placeNumber(g.Line), "column": placeNumber(g.Column),
		}))
	}
	return w.WriteAll(rows)
}

func csvRow(status string, f finding.Finding, e auditor.Exception) []string {
	cells := map[string]string{
		"status": status, "severity": f.Severity.String(), "confidence": f.Confidence.String(), "rule": f.Rule, "message": f.Message,
		"account": f.Subject.Account, "subject_type": string(f.Subject.Type), "subject": f.Subject.ID, "path": f.Subject.Path,
		"affected_count": strconv.Itoa(len(f.Affected)), "affected": fitting(f.Affected), "id": f.ID, "group": f.Group,
		"reason": e.Reason, "owner": e.Owner, "expires": e.Expires, "ticket": e.Ticket, "help": f.Help,
	}
	if len(f.Grants) > 0 {
		g := f.Grants[0]
		cells["line"], cells["column"] = placeNumber(g.Line), placeNumber(g.Column)
		if g.Path != "" {
			cells["path"] = g.Path
		}
	}
	return csvCells(cells)
}

// csvCells puts cells in the order of the header.
func csvCells(named map[string]string) []string {
	row := make([]string, len(csvHeader))
	for i, name := range csvHeader {
		row[i] = defused(Visible(named[name]))
	}
	return row
}

// defused returns a cell that no spreadsheet takes for a formula, also where signs
// are as wide as ideographs, or stand behind space. A sign alone is none, and "-" is
// how results call standard input.
func defused(cell string) string {
	sign, size := utf8.DecodeRuneInString(strings.TrimLeft(cell, " "))
	if size < len(cell) && strings.ContainsRune("=+-@＝＋－＠", sign) {
		return "'" + cell
	}
	return cell
}

// cellLimit is how many UTF-16 code units a cell of a spreadsheet holds. What is
// longer would spill over the cells that follow.
//
// Source: https://support.microsoft.com/office/excel-specifications-and-limits
const cellLimit = 32_767

// fitting returns names, one behind the other, as many as a cell holds: the column
// before says how many there are.
func fitting(names []string) string {
	joined := strings.Join(names, " ")
	if len(joined) < cellLimit {
		return joined
	}
	return joined[:max(0, strings.LastIndexByte(joined[:cellLimit], ' '))]
}

// placeNumber writes a line or a column, nothing where it is not known.
func placeNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
