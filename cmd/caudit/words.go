package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

// Words that flags take. A shell completes them, and a slip of the pen is held
// against them.
var (
	levels    = []string{"critical", "high", "medium", "low", "info"}
	failLevel = append(slices.Clone(levels), "never")
	whens     = []string{"auto", "always", "never"}
	logs      = []string{"text", "json"}
	answers   = []string{render.Text.String(), render.JSON.String()}
	lists     = []string{render.Text.String(), render.Line.String(), render.JSON.String()}
)

// kinds returns the words of --kind.
func kinds() []string {
	var words []string
	for k := inventory.Identity; k <= inventory.Endpoint; k++ {
		words = append(words, k.String())
	}
	return words
}

// meant adds to an error about a word which one was probably meant.
func meant(err error, word string, known []string) error {
	near, ok := nearest(word, known)
	if err == nil || !ok {
		return err
	}
	return wrongUsage(err.Error(), "did you mean "+near+"?")
}

// oneOf reports whether word is one of those known; flag names it in the error.
func oneOf(flag, word string, known []string) error {
	if slices.Contains(known, word) {
		return nil
	}
	err := errors.New(flag + ": unknown word " + quote(word) + " (expected " + orList(known) + ")")
	return meant(err, word, known)
}

// formatAmong returns the format that word names, which must be one of those known.
func formatAmong(word string, known []string) (render.Format, error) {
	if err := oneOf("--format", word, known); err != nil {
		return 0, err
	}
	return render.ParseFormat(word)
}

// orList returns words as a list that ends with or.
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// ruleWords returns the ids of the rules with their titles.
func ruleWords() []string {
	var words []string
	for _, r := range rules.All() {
		words = append(words, cobra.CompletionWithDesc(r.ID, r.Title))
	}
	return words
}

// patternWords returns what --rule and --skip take: the ids, and each category as
// a pattern.
func patternWords() []string {
	var words []string
	for _, r := range rules.All() {
		category, _, _ := strings.Cut(r.ID, "/")
		if all := cobra.CompletionWithDesc(category+"/*", "every rule about "+category); !slices.Contains(words, all) {
			words = append(words, all)
		}
		words = append(words, cobra.CompletionWithDesc(r.ID, r.Title))
	}
	return words
}

// actionWords returns the actions that questions are about.
func actionWords() []string {
	var words []string
	for a := range codeartifact.CodeArtifactActions().Add(codeartifact.GetServiceBearerToken).All() {
		words = append(words, a.String())
	}
	return words
}

// keyWords returns what --context begins with: the condition keys.
func keyWords() []string {
	var words []string
	for _, k := range codeartifact.Keys() {
		if !k.Family() {
			words = append(words, k.Name+"=")
		}
	}
	return words
}
