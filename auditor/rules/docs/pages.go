// Package docs holds the pages of the rules. It is apart from the rules, so that
// a Lambda function, which explains nothing, does not carry them.
package docs

import "embed"

//go:embed */*.md
var pages embed.FS

// Page returns the page of the rule with that id in Markdown, empty when there is
// none.
func Page(rule string) string {
	page, err := pages.ReadFile(rule + ".md")
	if err != nil {
		return ""
	}
	return string(page)
}
