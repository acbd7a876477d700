package render

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"

// style paints text with ANSI colours, or leaves it alone.
type style struct{ on bool }

const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (s style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) severity(v finding.Severity, text string) string {
	switch v {
	case finding.Critical, finding.High:
		return s.paint(red, text)
	case finding.Medium:
		return s.paint(yellow, text)
	case finding.Low:
		return s.paint(cyan, text)
	}
	return s.paint(dim, text)
}
