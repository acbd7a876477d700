package house

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPagesShowWhatHappens runs the commands in the console blocks of the README
// and of the pages in docs, and holds their standard output against what stands
// below them.
func TestPagesShowWhatHappens(t *testing.T) {
	programs, ran := program(t), map[string]int{}
	for _, name := range files(t) {
		if name != "README.md" && (!strings.HasPrefix(name, "docs/") || path.Ext(name) != ".md") {
			continue
		}
		page := filepath.Join(root(t), filepath.FromSlash(name))
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		now := consoles(string(text), func(command string) string {
			ran[name]++
			return shell(t, programs, command)
		})
		switch {
		case now == string(text) || t.Failed():
		case !*update:
			t.Errorf("%s shows other output than its commands print; go test ./auditor/internal/house -run Pages -update\n%s", name, now)
		default:
			if err := os.WriteFile(page, []byte(now), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"README.md", "docs/formats.md"} {
		if ran[name] == 0 {
			t.Errorf("%s: no console block", name)
		}
	}
}

// program builds the command and returns its folder. It is built as a release, so
// that pages show the same wherever they are tried.
func program(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	build := exec.Command("go", "build", "-ldflags", "-X main.release=v1.0.0", "-o", folder, "./cmd/caudit")
	build.Dir = root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return folder
}

// shell runs a command at the top of the repository, where the programs of a folder
// are found first, and returns what it prints on standard output.
func shell(t *testing.T, programs, command string) string {
	t.Helper()
	cmd := exec.Command("bash", "-o", "pipefail", "-c", command)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s: %v\n%s", command, err, stderr.String())
	}
	return string(out)
}

// consoles returns the text with the output of each console block, which is a
// command after "$ " and what it prints, replaced by what run returns. A block of
// four backticks may hold three.
func consoles(text string, run func(command string) string) string {
	for _, fence := range []string{"````", "```"} {
		block := regexp.MustCompile("(?ms)^" + fence + "console\n\\$ ([^\n]+)\n(.*?)^" + fence + "\n")
		text = block.ReplaceAllStringFunc(text, func(found string) string {
			command := block.FindStringSubmatch(found)[1]
			return fence + "console\n$ " + command + "\n" + run(command) + fence + "\n"
		})
	}
	return text
}

func TestStaleConsoleIsSeen(t *testing.T) {
	const text = "a\n```console\n$ say hello\nhello\n```\nb\n```console\n$ say bye\n```\n```sh\n$ not run\n```\n````console\n$ say more\n```\nold\n```\n````\n"
	var commands []string
	got := consoles(text, func(command string) string {
		commands = append(commands, command)
		return strings.TrimPrefix(command, "say ") + ", world\n"
	})
	expect(t, commands, "say more", "say hello", "say bye")
	const want = "a\n```console\n$ say hello\nhello, world\n```\nb\n```console\n$ say bye\nbye, world\n```\n```sh\n$ not run\n```\n````console\n$ say more\nmore, world\n````\n"
	if got != want {
		t.Errorf("got %q", got)
	}
}

// ruleTable is the README's table of rules.
var ruleTable = regexp.MustCompile("(\\| Rule \\| Severity \\| What is wrong \\|\n\\|---\\|---\\|---\\|\n)(?:\\|[^\n]*\n)*")

// TestReadmeListsEveryRule holds the README's table against what the program
// lists. The program is asked, and not the package, so that a gate on imports
// imports nothing of what it judges.
func TestReadmeListsEveryRule(t *testing.T) {
	readme := filepath.Join(root(t), "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if !ruleTable.Match(text) {
		t.Fatal("no table of rules")
	}
	now := ruleTable.ReplaceAllString(string(text), "${1}"+ruleRows(shell(t, program(t), "caudit rules")))
	if now == string(text) {
		return
	}
	if !*update {
		t.Fatal("the README's table of rules is stale; go test ./auditor/internal/house -run Readme -update")
	}
	if err := os.WriteFile(readme, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ruleRows writes the list of rules, one a line with severity and title, as the rows
// of a table.
func ruleRows(list string) string {
	var out strings.Builder
	row := regexp.MustCompile(`^([a-z-]+/[a-z0-9-]+)\s+([a-z]+)\s+(.+)$`)
	for line := range strings.Lines(list) {
		if m := row.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			fmt.Fprintf(&out, "| `%s` | %s | %s |\n", m[1], m[2], m[3])
		}
	}
	return out.String()
}

// dangling returns the relative links of a Markdown text that lead nowhere.
func dangling(name, text string, exists func(name string) bool) []string {
	var wrong []string
	for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
		target, _, _ := strings.Cut(link[1], "#")
		if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
			continue
		}
		if place := path.Join(path.Dir(name), target); !exists(place) {
			wrong = append(wrong, fmt.Sprintf("%s: link to %s, which is not there", name, place))
		}
	}
	return wrong
}

func TestLinksLeadSomewhere(t *testing.T) {
	for _, name := range files(t) {
		if path.Ext(name) != ".md" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		report(t, dangling(name, string(text), func(name string) bool { return exists(filepath.Join(root(t), filepath.FromSlash(name))) }))
	}
}

func TestDanglingLinkIsSeen(t *testing.T) {
	here := func(name string) bool { return name == "docs/a.md" || name == "README.md" }
	expect(t, dangling("docs/b.md", "[a](a.md) [a](a.md#x) [r](../README.md) [x](#here) [w](https://example.com/a)", here))
	expect(t, dangling("docs/b.md", "[a](c.md) and [b](../docs)", here),
		"docs/b.md: link to docs/c.md, which is not there", "docs/b.md: link to docs, which is not there")
}

// TestDecisionsAreListed holds the index of docs/decisions against its pages.
func TestDecisionsAreListed(t *testing.T) {
	index, err := os.ReadFile(filepath.Join(root(t), "docs", "decisions", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	number := ""
	for _, name := range files(t) {
		page, ok := strings.CutPrefix(name, "docs/decisions/")
		if !ok || page == "README.md" {
			continue
		}
		if !strings.Contains(string(index), "("+page+")") {
			t.Errorf("%s is not in the index", name)
		}
		if page[:4] == number {
			t.Errorf("two decisions have the number %s", number)
		}
		number = page[:4]
	}
}
