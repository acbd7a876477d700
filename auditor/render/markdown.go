package render

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// markdownLimit is how many characters a document has at most: a comment on GitHub
// takes 65,536, a step summary sixteen times that.
//
// Sources: https://docs.github.com/en/actions/reference/limits (1 MiB a step
// summary); the API refuses a longer comment with "body is too long (maximum is
// 65536 characters)".
const markdownLimit = 60_000

// markdownShare is how much of it gaps and excepted findings may take, each.
const markdownShare = markdownLimit / 5

// writeMarkdown writes a summary that fits a comment. Where there is no room for
// all, the mildest findings lose their details first; how many are left out even so
// is said.
func writeMarkdown(out *bytes.Buffer, r *auditor.Report, o Options) {
	t := text{out: new(bytes.Buffer), names: namesOf(r)}
	fmt.Fprintf(out, "## CodeArtifact audit: %s\n\n", escapeMarkdown(t.verdict(r, o.Notes)))
	if !r.Coverage.Empty() {
		fmt.Fprintf(out, "Looked at %s.\n\n", looked(r.Coverage))
	}

	var tail bytes.Buffer
	bulleted(&tail, "Not judged", len(r.Gaps), func(i int) string {
		return code1(gapPlace(r.Gaps[i])) + ": " + escapeMarkdown(r.Gaps[i].Reason)
	})
	bulleted(&tail, "Excepted", len(r.Suppressed), func(i int) string {
		s := r.Suppressed[i]
		return fmt.Sprintf("%s: %v: %s (%s), until %s, %s: %s", code1(t.short(s.Subject.ID)), s.Severity, escapeMarkdown(s.Message), code1(s.Rule),
			escapeMarkdown(s.Exception.Expires), code1(Visible(s.Exception.Owner)), escapeMarkdown(s.Exception.Reason))
	})
	notes := slices.Concat(o.Notes, prefixed("exception expired, it no longer holds: ", r.Exceptions.Expired),
		prefixed("exception about to expire: ", r.Exceptions.Expiring), prefixed("exception unused: ", r.Exceptions.Unused))
	bulleted(&tail, "Notes", len(notes), func(i int) string { return escapeMarkdown(notes[i]) })
	bulleted(&tail, "Assumed", len(r.Coverage.Assumptions), func(i int) string { return escapeMarkdown(r.Coverage.Assumptions[i]) })

	t.entries(out, fold(r.Findings), markdownLimit-utf8.RuneCount(out.Bytes())-utf8.RuneCount(tail.Bytes()))
	out.Write(tail.Bytes())
}

// entries writes findings into that room: as many as fit with their details, then
// as many as fit in a line each.
func (t text) entries(out *bytes.Buffer, entries []entry, room int) {
	var parts []string
	used, detailed := 0, 0
	for _, e := range entries {
		part := t.markdown(e)
		if used += utf8.RuneCountInString(part); used > room {
			break
		}
		if parts = append(parts, part); used <= room-markdownShare {
			detailed = len(parts)
		}
	}
	if len(parts) == len(entries) {
		detailed = len(parts)
	}
	for _, part := range parts[:detailed] {
		room -= utf8.RuneCountInString(part)
		out.WriteString(part)
	}
	entries = entries[detailed:]
	if len(entries) == 0 {
		return
	}
	out.WriteString("### Without details\n\n")
	for len(entries) > 0 {
		line := "- " + t.brief(entries[0]) + "\n"
		if room -= utf8.RuneCountInString(line); room < 200 {
			break
		}
		out.WriteString(line)
		entries = entries[1:]
	}
	out.WriteString("\n")
	left := 0
	for _, e := range entries {
		left += 1 + len(e.also)
	}
	if left > 0 {
		fmt.Fprintf(out, "**%s left out here**, none graver than %v: the result as JSON or SARIF has them all.\n\n", count(left, "finding"), entries[0].Severity)
	}
}

// brief writes one finding in a line.
func (t text) brief(e entry) string {
	return fmt.Sprintf("%s: %v: %s (%s)", t.subject(e), e.Severity, escapeMarkdown(told(e.Finding)), code1(e.Rule))
}

// subject writes what a finding is about, and about how many others.
func (t text) subject(e entry) string {
	subject := code1(t.short(e.Subject.ID))
	if len(e.also) > 0 {
		subject += fmt.Sprintf(" and %d more", len(e.also))
	}
	return subject
}

func prefixed(prefix string, lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, prefix+l)
	}
	return out
}

// bulleted writes a section of n items, as many as its share holds.
func bulleted(out *bytes.Buffer, title string, n int, item func(int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(out, "### %s\n\n", title)
	used := 0
	for i := range n {
		line := "- " + item(i) + "\n"
		if used += utf8.RuneCountInString(line); used > markdownShare {
			fmt.Fprintf(out, "- and %d more\n", n-i)
			break
		}
		out.WriteString(line)
	}
	out.WriteString("\n")
}

// markdown writes one finding: what, where with its frame, proof and remedy.
func (t text) markdown(e entry) string {
	t.out.Reset()
	var out strings.Builder
	fmt.Fprintf(&out, "### %v: %s\n\n%s · [%s](%s)\n\n", e.Severity, escapeMarkdown(told(e.Finding)), t.subject(e), escapeMarkdown(e.Rule), link(e.Help))
	t.grants(e)
	t.witness(e.Witness)
	if len(e.Affected) > 0 {
		t.list("affects", e.Affected)
	}
	t.fixes(e.Fixes, e.Grants)
	body := t.out.String()
	fence := strings.Repeat("`", max(3, longestRun(body, '`')+1))
	fmt.Fprintf(&out, "%stext\n%s%s\n\n", fence, body, fence)
	return out.String()
}

// link returns an address as the target of a link: those of our own pages alone.
func link(address string) string {
	if strings.HasPrefix(address, "https://") && !strings.ContainsAny(address, " ()<>\\\"'`\n") && Visible(address) == address {
		return address
	}
	return "#"
}

// code1 writes text as code inside a line: nothing in it is markup, a mention or
// a link.
func code1(visible string) string {
	visible = Visible(visible)
	fence := strings.Repeat("`", longestRun(visible, '`')+1)
	if len(fence) > 1 || strings.HasPrefix(visible, " ") || visible == "" {
		return fence + " " + visible + " " + fence
	}
	return fence + visible + fence
}

// escapeMarkdown writes text whose characters stand for themselves. What GitHub
// would make a mention, a reference or a link of becomes code.
func escapeMarkdown(plain string) string {
	words := strings.Split(Visible(plain), " ")
	for i, w := range words {
		if strings.ContainsAny(w, "@#") || strings.Contains(w, "://") || strings.Contains(strings.ToLower(w), "www.") {
			words[i] = code1(w)
		} else {
			words[i] = markdownEscapes.Replace(w)
		}
	}
	return strings.Join(words, " ")
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "~", `\~`, "&", `\&`, "!", `\!`, "$", `\$`,
)

// longestRun returns the length of the longest run of c in text.
func longestRun(text string, c byte) int {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] == c {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}
