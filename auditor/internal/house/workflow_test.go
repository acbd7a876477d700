package house

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

var (
	usesLine = regexp.MustCompile(`(?m)^\s*(?:- )?uses: *([^\s#]+)(?: +#\s*(\S+))?`)
	pinned   = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	release  = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)
)

// unpinned returns the actions that a text uses otherwise than by the hash of a
// commit with its release beside it, and those that another place pins otherwise.
// A tag can be moved; a hash cannot.
// Source: https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
func unpinned(name, text string, elsewhere map[string]string) []string {
	var wrong []string
	for _, m := range usesLine.FindAllStringSubmatch(text, -1) {
		uses, version := m[1], m[2]
		if strings.HasPrefix(uses, "./") || strings.HasPrefix(uses, "codeartifact-auditor/") {
			continue // our own: the pages say how to pin it
		}
		if !pinned.MatchString(uses) || !release.MatchString(version) {
			wrong = append(wrong, fmt.Sprintf("%s: %s is not pinned as owner/name@<40 hex digits> # vX.Y.Z", name, uses))
			continue
		}
		action, _, _ := strings.Cut(uses, "@")
		if at := uses + " " + version; elsewhere[action] == "" {
			elsewhere[action] = at
		} else if elsewhere[action] != at {
			wrong = append(wrong, fmt.Sprintf("%s: %s # %s, elsewhere %s", name, uses, version, elsewhere[action]))
		}
	}
	return wrong
}

// A workflow, as far as its rights go.
type workflow struct {
	On          any `yaml:"on"`
	Permissions any `yaml:"permissions"`
	Jobs        map[string]struct {
		Permissions map[string]string `yaml:"permissions"`
		Steps       []struct {
			Uses string         `yaml:"uses"`
			Run  string         `yaml:"run"`
			With map[string]any `yaml:"with"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

// lax returns what a workflow may do and should not: rights that no job asked for,
// to write where it does not release, an expression inside a script, a token left
// in the checkout, and the event that gives strangers' code the secrets.
func lax(name, text string) []string {
	var w workflow
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		return []string{fmt.Sprintf("%s: %v", name, err)}
	}
	var wrong []string
	if none, ok := w.Permissions.(map[string]any); !ok || len(none) > 0 {
		wrong = append(wrong, name+": permissions at the top are not {}")
	}
	if strings.Contains(fmt.Sprint(w.On), "pull_request_target") {
		wrong = append(wrong, name+": on pull_request_target")
	}
	for _, id := range slices.Sorted(maps.Keys(w.Jobs)) {
		job := w.Jobs[id]
		if len(job.Permissions) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: job %s does not say its permissions", name, id))
		}
		for right, level := range job.Permissions {
			if level != "read" && filepath.Base(name) != "release.yml" {
				wrong = append(wrong, fmt.Sprintf("%s: job %s has %s: %s", name, id, right, level))
			}
		}
		for _, step := range job.Steps {
			if strings.Contains(step.Run, "${{") {
				wrong = append(wrong, fmt.Sprintf("%s: job %s: an expression in a script", name, id))
			}
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
				wrong = append(wrong, fmt.Sprintf("%s: job %s: checkout keeps the token", name, id))
			}
		}
	}
	return wrong
}

func TestWorkflowsAreStrict(t *testing.T) {
	pins := map[string]string{}
	seen := 0
	for _, name := range files(t) {
		inWorkflows := strings.HasPrefix(name, ".github/workflows/")
		if !inWorkflows && name != "action.yml" && name != "docs/pipelines.md" {
			continue
		}
		seen++
		text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		report(t, unpinned(name, string(text), pins))
		if inWorkflows {
			report(t, lax(name, string(text)))
		}
	}
	if seen < 6 {
		t.Errorf("%d files with actions", seen)
	}
}

func TestLaxWorkflowIsSeen(t *testing.T) {
	hash := strings.Repeat("0123456789", 4)
	const strict = `on: [push]
permissions: {}
jobs:
  a:
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@HASH # v1.2.3
        with: {persist-credentials: false}
      - run: make test
`
	text := strings.ReplaceAll(strict, "HASH", hash)
	pins := map[string]string{}
	expect(t, append(unpinned("a.yml", text, pins), lax("a.yml", text)...))
	for _, tt := range []struct{ old, new, want string }{
		{"@" + hash, "@v1", "a.yml: actions/checkout@v1 is not pinned as owner/name@<40 hex digits> # vX.Y.Z"},
		{" # v1.2.3", "", "a.yml: actions/checkout@" + hash + " is not pinned as owner/name@<40 hex digits> # vX.Y.Z"},
		{"# v1.2.3", "# v1", "a.yml: actions/checkout@" + hash + " is not pinned as owner/name@<40 hex digits> # vX.Y.Z"},
		{"@0", "@f", "a.yml: actions/checkout@f" + hash[1:] + " # v1.2.3, elsewhere actions/checkout@" + hash + " v1.2.3"},
		{"permissions: {}", "permissions: read-all", "a.yml: permissions at the top are not {}"},
		{"permissions: {}\n", "", "a.yml: permissions at the top are not {}"},
		{"[push]", "[pull_request_target]", "a.yml: on pull_request_target"},
		{"on: [push]", "on: {pull_request_target: {types: [opened]}}", "a.yml: on pull_request_target"},
		{"    permissions: {contents: read}\n", "", "a.yml: job a does not say its permissions"},
		{"contents: read", "contents: write", "a.yml: job a has contents: write"},
		{"make test", "echo ${{ github.event.pull_request.title }}", "a.yml: job a: an expression in a script"},
		{"persist-credentials: false", "fetch-depth: 0", "a.yml: job a: checkout keeps the token"},
	} {
		changed := strings.Replace(text, tt.old, tt.new, 1)
		expect(t, append(unpinned("a.yml", changed, maps.Clone(pins)), lax("a.yml", changed)...), tt.want)
	}
	expect(t, lax(".github/workflows/release.yml", strings.Replace(text, "contents: read", "contents: write", 1)))
}
