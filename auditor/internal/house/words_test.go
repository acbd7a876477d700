package house

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// topLevel is everything that lies at the top of the repository, but for what
// git ignores.
var topLevel = []string{
	".ci", ".editorconfig", ".gitattributes", ".github", ".gitignore", ".goreleaser.yaml", ".pre-commit-hooks.yaml", "CHANGELOG.md", "CONTRIBUTING.md",
	"LICENSE", "Makefile", "NOTICE", "README.md", "SECURITY.md",
	"action.yml", "auditor", "cmd", "deploy", "docs", "events", "functions", "go.mod", "go.sum", "samconfig.toml", "staticcheck.conf", "template.yaml", "tools",
}

// astray returns the files at the top, or in folders at the top, that nobody
// gave a place.
func astray(files []string) []string {
	var wrong []string
	for _, name := range files {
		top, _, _ := strings.Cut(name, "/")
		if !slices.Contains(topLevel, top) {
			wrong = append(wrong, fmt.Sprintf("%s: nothing else at the top without a reason", name))
		}
	}
	return wrong
}

func TestNothingElseAtTheTop(t *testing.T) {
	report(t, astray(files(t)))
}

func TestStrayFileIsSeen(t *testing.T) {
	expect(t, astray([]string{"README.md", "docs/decisions/README.md"}))
	expect(t, astray([]string{"notes.txt", "pkg/a.go"}),
		"notes.txt: nothing else at the top without a reason", "pkg/a.go: nothing else at the top without a reason")
}

// machineWords are what a text has only when it was written for one machine:
// absolute paths of somebody's disk, and the hosts that packages come from
// (which an installation configures, and a repository does not).
var machineWords = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|[\s"'=(\x60:])(/(?:work|root|home|Users)/[\w.-]+)`),
	regexp.MustCompile(`\b((?:pypi|registry\.npmjs|crates|rubygems)[.](?:org|io))\b`),
	regexp.MustCompile(`\b(files[.]pythonhosted[.]org|proxy[.]golang[.]org|sum[.]golang[.]org|repo1?[.]maven[.]org)\b`),
}

// machineBound returns the places of a text that only one machine understands.
func machineBound(name, text string) []string {
	var wrong []string
	number := 0
	for line := range strings.Lines(text) {
		number++
		for _, words := range machineWords {
			for _, found := range words.FindAllStringSubmatch(line, -1) {
				wrong = append(wrong, fmt.Sprintf("%s:%d: %q means something on one machine only", name, number, found[1]))
			}
		}
	}
	return wrong
}

func TestNoTextIsBoundToAMachine(t *testing.T) {
	for _, name := range files(t) {
		text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		report(t, machineBound(name, string(text)))
	}
}

func TestMachineBoundTextIsSeen(t *testing.T) {
	slash, dot := "/", "."
	expect(t, machineBound("a.md", "see docs"+slash+"work/plan and https://docs.aws.amazon.com/home/x\narn:aws:s3:::bucket/home/${aws:username}\n"))
	expect(t, machineBound("a.md", "x\ncat "+slash+"home/ann/policy.json\nindex-url = https://pypi"+dot+"org/simple\n"),
		`a.md:2: "`+slash+`home/ann" means something on one machine only`,
		`a.md:3: "pypi`+dot+`org" means something on one machine only`)
}
