package main

import (
	"fmt"
	"slices"
	"strings"
)

// begins is the line of NOTICE below which the rest is made.
const begins = "What is linked into the command and the functions (written by make notice):\n"

// licences are those that somebody looked at, each by what its text says and no
// other of them does. Their terms allow a release under the Apache License, with
// the texts below.
var licences = []struct {
	id   string
	says []string
	not  string
}{
	{id: "Apache-2.0", says: []string{"apache license", "version 2.0, january 2004", "terms and conditions for use, reproduction, and distribution"}},
	{id: "BSD-3-Clause", says: []string{"redistribution and use in source and binary forms", "endorse or promote products"}},
	{id: "BSD-2-Clause", says: []string{"redistribution and use in source and binary forms"}, not: "endorse or promote products"},
	{id: "MIT", says: []string{"permission is hereby granted, free of charge, to any person obtaining a copy", "the above copyright notice and this permission notice shall be included"}},
	{id: "MIT", says: []string{"https://opensource.org/license/mit"}}, // NOTICE has its text
	{id: "MIT-0", says: []string{"permission is hereby granted, free of charge, to any person obtaining a copy"}, not: "the above copyright notice and this permission notice shall be included"},
}

// identify returns the ids of the licences that the text holds. Of a notice that
// is none.
func identify(text string) []string {
	plain := strings.ToLower(strings.Join(strings.Fields(text), " "))
	var ids []string
	for _, l := range licences {
		holds := l.not == "" || !strings.Contains(plain, l.not)
		for _, phrase := range l.says {
			holds = holds && strings.Contains(plain, phrase)
		}
		if holds && !slices.Contains(ids, l.id) {
			ids = append(ids, l.id)
		}
	}
	return ids
}

// notice returns the text of NOTICE with what lies below begins made anew. own is
// the text of LICENSE, which is not repeated.
func notice(old, own string, modules []module) (string, error) {
	head, _, ok := strings.Cut(old, begins)
	if !ok {
		return "", fmt.Errorf("NOTICE has no line %q", strings.TrimSpace(begins))
	}
	var table, texts strings.Builder
	type shown struct {
		text string
		of   []string
	}
	var all []*shown
	for _, m := range modules {
		var ids []string
		for _, text := range m.texts {
			for _, id := range identify(text) {
				if !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
			if isOwn(text, own) {
				continue
			}
			i := slices.IndexFunc(all, func(s *shown) bool { return s.text == text })
			if i < 0 {
				all, i = append(all, &shown{text: text}), len(all)
			}
			all[i].of = append(all[i].of, m.path)
		}
		if len(ids) == 0 {
			return "", fmt.Errorf("%s %s has no licence that somebody looked at", m.path, m.version)
		}
		slices.Sort(ids)
		fmt.Fprintf(&table, "  %s %s: %s\n", m.path, m.version, strings.Join(ids, ", "))
	}
	for _, s := range all {
		fmt.Fprintf(&texts, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 80), strings.Join(s.of, "\n"), s.text)
	}
	return head + begins + "\n" + table.String() +
		"\nThe text of the Apache License 2.0 is in LICENSE. What else these modules ask to be\npassed on follows.\n" + texts.String(), nil
}

// isOwn says whether the text is the Apache License as LICENSE has it, with or
// without the appendix that says how to apply it, and nothing besides.
func isOwn(text, own string) bool {
	terms := func(text string) (before, after string) {
		before, after, _ = strings.Cut(strings.Join(strings.Fields(text), " "), "END OF TERMS AND CONDITIONS")
		return strings.TrimSpace(before), strings.TrimSpace(after)
	}
	before, after := terms(text)
	ownBefore, _ := terms(own)
	return before == ownBefore && (after == "" || strings.HasPrefix(after, "APPENDIX: How to apply the Apache License to your work.") && strings.HasSuffix(after, "limitations under the License."))
}
