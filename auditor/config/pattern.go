package config

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/glob"
)

// Matches reports whether text is pattern, or an instance of it: every * stands
// for any number of characters, and everything else for itself. The whole text
// must match, so that "admin" never excepts "administrator".
func Matches(pattern, text string) bool {
	b := glob.New()
	for i, part := range strings.Split(pattern, "*") {
		if i > 0 {
			b.Many(glob.AnyChar)
		}
		b.Text(part)
	}
	return b.Pattern().Match(text)
}

// matchesPath reports whether a file path matches, name by name: ** stands for
// any number of folders, none included, * for characters of one name, ? for one
// of them.
func matchesPath(pattern, path string) bool {
	return matchNames(strings.Split(pattern, "/"), strings.Split(path, "/"))
}

func matchNames(pattern, path []string) bool {
	switch {
	case len(pattern) == 0:
		return len(path) == 0
	case pattern[0] == "**":
		for i := range len(path) + 1 {
			if matchNames(pattern[1:], path[i:]) {
				return true
			}
		}
		return false
	}
	return len(path) > 0 && glob.Compile(pattern[0]).Match(path[0]) && matchNames(pattern[1:], path[1:])
}
