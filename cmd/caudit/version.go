package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/handler"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

// release is the tag that a release build sets with -ldflags "-X main.release=…".
var release string

// buildVersion returns the release, or what Go notes of the build.
func buildVersion() string {
	if release != "" {
		return release
	}
	return handler.Version()
}

// build is what the program knows of how it was made and of what it judges by.
type build struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`   // of the checkout it was built from; a module's build has none
	Time     string `json:"time,omitempty"`     // of that commit
	Modified bool   `json:"modified,omitempty"` // the checkout had changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Data     string `json:"data"`    // date of the AWS facts
	Rules    int    `json:"rules"`   // how many
	Ruleset  string `json:"ruleset"` // hash of rules and facts; where it differs, a deployment's first sweep is an upgrade
}

func thisBuild() build {
	b := build{
		Name: "caudit", Version: buildVersion(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Data: codeartifact.DataDate(), Rules: len(rules.All()),
	}
	b.Ruleset = handler.Ruleset(auditor.Tool{Name: b.Name, Version: b.Version, Data: b.Data})
	if info, ok := debug.ReadBuildInfo(); ok {
		b.note(info.Settings)
	}
	return b
}

// note takes what Go notes of the checkout.
func (b *build) note(settings []debug.BuildSetting) {
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
}

// text returns the build as lines for a person.
func (b build) text() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s\n", b.Name, b.Version)
	if b.Commit != "" {
		changes := ""
		if b.Modified {
			changes = ", with changes"
		}
		fmt.Fprintf(&out, "commit %s%s\n", strings.TrimSpace(b.Commit+" "+b.Time), changes)
	}
	fmt.Fprintf(&out, "%s %s\n", b.Go, b.Platform)
	fmt.Fprintf(&out, "AWS facts of %s\n", b.Data)
	fmt.Fprintf(&out, "%d rules, ruleset %s\n", b.Rules, b.Ruleset)
	return out.Bytes()
}

func (p *program) version() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, its build and the date of the AWS facts",
		Example: `  caudit version
  caudit version --format json`,
		Long: `The version is the release's tag, or what Go notes of a build that is none. The
AWS facts are what was known of actions, resources and condition keys at that
date. The ruleset is a hash of rules and facts: two builds that show the same
one judge by the same rules.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			f, err := formatAmong(format, answers)
			if err != nil {
				return err
			}
			if f == render.Text {
				return p.write("", thisBuild().text())
			}
			text, err := json.MarshalIndent(thisBuild(), "", "  ")
			if err != nil {
				return err
			}
			return p.write("", append(text, '\n'))
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "write it as `FORMAT`: text or json")
	takes(cmd.Flags(), "format", answers...)
	return cmd
}
