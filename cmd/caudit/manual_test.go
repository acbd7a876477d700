package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
)

// pages is where the manual pages are written; make man sets it.
var pages = flag.String("man", "", "write the manual pages into `FOLDER`")

const cliPage = "../../docs/cli.md"

// TestCommandPageIsFresh holds docs/cli.md against the commands themselves.
func TestCommandPageIsFresh(t *testing.T) {
	now := commandPage(tree())
	if *update {
		if err := os.WriteFile(cliPage, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(cliPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != now {
		t.Error("docs/cli.md is stale; go test ./cmd/caudit -run TestCommandPageIsFresh -update")
	}
}

const commandPreface = `# The command

Every command with its flags, as ` + "`caudit COMMAND --help`" + ` prints it. A test writes this page from the program and fails
when it is stale. As manual pages: ` + "`make man`" + `. In the shell: ` + "`caudit completion --help`" + `.

## Exit status

Of the commands that audit (` + "`scan`, `demo`, `account`, `findings`, `render`" + `), the first that applies:

| Status | Meaning |
|---|---|
| 2 | wrong usage or configuration, or a named input that cannot be read |
| 1 | a finding at or above ` + "`--fail-on`" + ` (default: medium) |
| 3 | a gap, or nothing to look at (unless ` + "`--allow-empty`" + `) |
| 0 | none of these |

Of the others:

| Command | 0 | 1 | 3 |
|---|---|---|---|
| ` + "`why`" + ` | allowed | denied | it depends |
| ` + "`who-can`, `fix`" + ` | it could answer | | |
| ` + "`collect`" + ` | all was read | | a part could not be read |
| ` + "`invoke`" + ` | the handler succeeded, whatever it found | | |

2 is as above for each of them. What a baseline hides and what an exception covers raises no status; an exception past its
date covers nothing. ` + "`--severity`" + ` limits what is printed and never the status.
`

// commandPage returns the commands as one Markdown page.
func commandPage(commands []*cobra.Command) string {
	var out strings.Builder
	out.WriteString(commandPreface)
	for _, cmd := range commands[1:] {
		fmt.Fprintf(&out, "\n## %s\n\n%s.\n\n", cmd.CommandPath(), cmd.Short)
		fmt.Fprintf(&out, "```sh\n%s\n```\n\n", regexp.MustCompile(`(?m)^  `).ReplaceAllString(cmd.Example, ""))
		if cmd.Long != "" {
			fmt.Fprintf(&out, "%s\n\n", escapeMarkdown(cmd.Long))
		}
		fmt.Fprintf(&out, "```text\n%s\n```\n", strings.TrimRight(cmd.UsageString(), "\n"))
	}
	return out.String()
}

// escapeMarkdown keeps text from being taken for markup.
func escapeMarkdown(text string) string {
	return regexp.MustCompile("[*_<\\[\\]`]").ReplaceAllString(text, `\$0`)
}

// TestManualPages writes a manual page for every command, and holds their form.
func TestManualPages(t *testing.T) {
	folder := *pages
	if folder == "" {
		folder = t.TempDir()
	} else if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, cmd := range tree() {
		text := manualPage(cmd)
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		if err := os.WriteFile(filepath.Join(folder, name+".1"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{".TH \"" + strings.ToUpper(name) + `" "1"`, ".SH NAME\n" + roff(name) + ` \- `, ".SH SYNOPSIS\n", ".SH EXAMPLES\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s.1 lacks %q", name, want)
			}
		}
		for line := range strings.Lines(text) {
			if control := regexp.MustCompile(`^[.'](?:TH|SH|PP|TP|B|nf|fi|RS|RE)\b`); strings.IndexAny(line, ".'") == 0 && !control.MatchString(line) {
				t.Errorf("%s.1: %q would be taken for a request", name, line)
			}
		}
	}
}

// manualPage returns the page of a command for man, in its usual sections.
func manualPage(cmd *cobra.Command) string {
	var out strings.Builder
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	fmt.Fprintf(&out, ".TH \"%s\" \"1\" \"%s\" \"CodeArtifact Auditor\" \"User Commands\"\n", strings.ToUpper(name), codeartifact.DataDate())
	fmt.Fprintf(&out, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(&out, ".SH SYNOPSIS\n.B %s\n", roff(cmd.UseLine()))
	fmt.Fprintf(&out, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(cmd.Example))
	description, status, _ := strings.Cut(cmd.Long, "Exit status:")
	if description = strings.TrimSpace(description); description != "" {
		fmt.Fprintf(&out, ".SH DESCRIPTION\n%s\n", strings.ReplaceAll(roff(description), "\n\n", "\n.PP\n"))
	}
	if below := cmd.Commands(); len(below) > 0 {
		out.WriteString(".SH COMMANDS\n")
		for _, each := range below {
			if each.IsAvailableCommand() {
				fmt.Fprintf(&out, ".TP\n.B %s\n%s\n", roff(each.Name()), roff(each.Short))
			}
		}
	}
	if flags := cmd.LocalFlags(); flags.HasFlags() {
		fmt.Fprintf(&out, ".SH OPTIONS\n.nf\n%s\n.fi\n", roff(strings.TrimRight(flags.FlagUsagesWrapped(76), "\n")))
	}
	if status = strings.TrimSpace(status); status != "" {
		fmt.Fprintf(&out, ".SH EXIT STATUS\n%s\n", roff(status))
	}
	return out.String()
}

// roff escapes text: a backslash and a hyphen mean something in a line, a dot and
// an apostrophe where a line begins.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\[u2026]`).Replace(text)
	return regexp.MustCompile(`(?m)^([.'])`).ReplaceAllString(text, `\&$1`)
}

func TestRoff(t *testing.T) {
	if got, want := roff(".a -b\\c\n'd"), `\&.a \-b\ec`+"\n"+`\&'d`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
