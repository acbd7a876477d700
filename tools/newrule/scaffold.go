package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// categories are those of the catalogue; a rule of a new one is a decision, not
// a scaffold.
var categories = []string{"escalation", "exposure", "grant", "inert", "supply-chain", "token"}

// rule is what an id says.
type rule struct {
	category, slug string
}

var slugForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func parseRule(id string) (rule, error) {
	category, slug, _ := strings.Cut(id, "/")
	if !slices.Contains(categories, category) {
		return rule{}, fmt.Errorf("rule %q: unknown category %q (expected %s)", id, category, strings.Join(categories, ", "))
	}
	if !slugForm.MatchString(slug) {
		return rule{}, fmt.Errorf("rule %q: slug %q (expected lower case words joined by hyphens)", id, slug)
	}
	return rule{category, slug}, nil
}

func (r rule) id() string { return r.category + "/" + r.slug }

// file is the rule's file: exposure_untrusted_read.go.
func (r rule) file() string {
	return strings.NewReplacer("/", "_", "-", "_").Replace(r.id()) + ".go"
}

// variable is the name of the rule's value: untrustedRead.
func (r rule) variable() string {
	words := strings.Split(r.slug, "-")
	for i, word := range words[1:] {
		words[i+1] = upperFirst(word)
	}
	return strings.Join(words, "")
}

func upperFirst(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

const rules = "auditor/rules"

// write writes the rule below dir, a repository, and returns the paths of what
// it wrote. Nothing is written when one of the files is there already.
func (r rule) write(dir string) ([]string, error) {
	files := map[string]string{
		rules + "/" + r.file():                                   r.source(),
		rules + "/docs/" + r.id() + ".md":                        r.page(),
		rules + "/testdata/" + r.id() + "/fires-plain.txtar":     firing,
		rules + "/testdata/" + r.id() + "/quiet-near-miss.txtar": quiet,
	}
	names := make([]string, 0, len(files))
	for name := range files {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			return nil, fmt.Errorf("rule %s: %s exists", r.id(), name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	catalogue, err := r.enrol(dir)
	if err != nil {
		return nil, err
	}
	var written []string
	for _, name := range names {
		place := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return written, err
		}
		if err := os.WriteFile(place, []byte(files[name]), 0o644); err != nil {
			return written, err
		}
		written = append(written, name)
	}
	name := rules + "/rule.go"
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(catalogue), 0o644); err != nil {
		return written, err
	}
	return append(written, name), nil
}

const catalogueOpens = "var catalogue = []*Rule{\n"

// enrol returns the file of the catalogue with the rule as its last entry.
func (r rule) enrol(dir string) (string, error) {
	name := rules + "/rule.go"
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return "", err
	}
	before, after, found := strings.Cut(string(text), catalogueOpens)
	entries, rest, closed := strings.Cut(after, "}\n")
	if !found || !closed {
		return "", fmt.Errorf("%s: no catalogue (expected %q)", name, strings.TrimSpace(catalogueOpens))
	}
	entry := "\t&" + r.variable() + ",\n"
	if strings.Contains(entries, entry) {
		return "", fmt.Errorf("rule %s: %s is in the catalogue", r.id(), r.variable())
	}
	return before + catalogueOpens + entries + entry + "}\n" + rest, nil
}

func (r rule) source() string {
	v := r.variable()
	return `package rules

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"

// ` + v + ` asks whether …
var ` + v + ` = Rule{
	ID:       "` + r.id() + `",
	Title:    "",
	Severity: finding.Medium,
	Sources:  []string{},
	Check:    check` + upperFirst(v) + `,
}

func check` + upperFirst(v) + `(p *Pass) {
}
`
}

func (r rule) page() string {
	return "# " + r.id() + `

Severity: medium.

## What it means

## Wrong

## Right

## How it is decided

## Limits

## Sources
`
}

const firing = `The plainest policy that shows what is wrong.
-- policy.json --
{
  "Version": "2012-10-17",
  "Statement": []
}
-- want.txt --
`

const quiet = `A near miss: a policy that looks much the same, and is right.
-- policy.json --
{
  "Version": "2012-10-17",
  "Statement": []
}
-- want.txt --
`
