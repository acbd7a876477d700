package render

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
)

// witness writes the requests that prove the finding, those of one caller and
// decision together.
func (t text) witness(requests []finding.Request) {
	var lines []string
	shown := requests[:min(len(requests), shownRequests)]
	for i, q := range shown {
		if i == 0 || q.Caller != shown[i-1].Caller || q.Decision != shown[i-1].Decision {
			verb := "may call"
			if q.Decision == finding.Denied {
				verb = "may not call"
			}
			lines = append(lines, Visible(q.Caller)+" "+verb)
		}
		lines = append(lines, Visible(q.Action)+" on "+Visible(q.Resource))
		for _, name := range slices.Sorted(maps.Keys(q.Context)) {
			lines = append(lines, "  with "+Visible(name)+" = "+values(q.Context[name]))
		}
	}
	if more := len(requests) - len(shown); more > 0 {
		lines = append(lines, "and "+count(more, "more request"))
	}
	if len(lines) > 0 {
		t.labelled("witness", lines...)
	}
}

func values(list []string) string {
	if len(list) == 1 {
		return quoteEmpty(Visible(list[0]))
	}
	shown := make([]string, len(list))
	for i, v := range list {
		shown[i] = quoteEmpty(Visible(v))
	}
	return "[" + strings.Join(shown, ", ") + "]"
}

func quoteEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// fixes writes the verified fixes; from the second on they are alternatives. One
// that is not safe is an option: caudit fix makes it only where it is chosen.
func (t text) fixes(fixes []finding.Fix, grants []finding.Grant) {
	for i, f := range fixes {
		label, title := "fix", Visible(f.Title)
		if !f.Safe {
			label, title = "option", title+" (--apply "+Visible(f.ID)+")"
		}
		if i > 0 {
			label = "or"
		}
		lines := []string{title}
		for _, e := range f.Edits {
			if len(f.Edits) > 1 {
				lines = append(lines, "in "+t.short(e.Policy)+":")
			}
			for _, p := range e.Patch {
				lines = append(lines, patchLine(p, grants))
			}
		}
		if f.Elsewhere != "" {
			lines = append(lines, "there: "+spaced(Visible(f.Elsewhere)))
		}
		t.labelled(label, lines...)
	}
}

// patchLine shows one operation by the element that it changes, and what is
// removed by its text where a grant shows it.
func patchLine(p finding.Patch, grants []finding.Grant) string {
	if p.Op == "remove" {
		for _, g := range grants {
			if g.Pointer == p.Path && g.Line == g.EndLine {
				return "- " + element(p.Path) + ": " + Visible(marked(g))
			}
		}
		return "- " + element(p.Path)
	}
	var value bytes.Buffer
	enc := json.NewEncoder(&value)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p.Value); err != nil {
		return "+ " + element(p.Path)
	}
	line := cells("+ " + element(p.Path) + ": " + spaced(strings.TrimSpace(value.String())))
	return code(line, window(line, span{0, 1}))
}

// marked returns the text of a grant that stands in one line.
func marked(g finding.Grant) string {
	lines := strings.Split(g.Text, "\n")
	if g.Line < 1 || g.Line > len(lines) {
		return ""
	}
	line := []rune(lines[g.Line-1])
	if g.Column < 1 || g.EndColumn < g.Column || g.EndColumn > len(line)+1 {
		return ""
	}
	return string(line[g.Column-1 : g.EndColumn-1])
}

// element returns the last name of a JSON pointer in quotes, and the index
// behind it: /Statement/0/Action/1 is "Action"[1], and the end of a list [].
func element(pointer string) string {
	parts := strings.Split(pointer, "/")
	index := ""
	for len(parts) > 1 {
		last := parts[len(parts)-1]
		if last == "-" || strings.Trim(last, "0123456789") == "" {
			index = "[" + strings.TrimPrefix(last, "-") + "]" + index
			parts = parts[:len(parts)-1]
			continue
		}
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(last)
		return `"` + Visible(name) + `"` + index
	}
	return "document" + index
}

// spaced puts a space behind every colon and comma between the values of a
// compact JSON text, which is how people write one line of it.
func spaced(compact string) string {
	var out strings.Builder
	quoted := false
	for i := range len(compact) {
		c := compact[i]
		if c == '"' && (i == 0 || !escaped(compact[:i])) {
			quoted = !quoted
		}
		out.WriteByte(c)
		if !quoted && (c == ':' || c == ',') {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

// escaped reports whether the character after prefix is escaped: whether an odd
// number of backslashes ends it.
func escaped(prefix string) bool {
	return (len(prefix)-len(strings.TrimRight(prefix, `\`)))%2 == 1
}
