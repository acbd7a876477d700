package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

func (p *program) rules() *cobra.Command {
	var format, output string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules: id, severity, what each is about",
		Example: `  caudit rules
  caudit rules --format json
  caudit explain token/misplaced      the page of one of them`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              noArguments,
		RunE: func(*cobra.Command, []string) error {
			f, err := formatAmong(format, lists)
			if err != nil {
				return err
			}
			text, err := catalogue(f)
			if err != nil {
				return err
			}
			return p.write(output, text)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "write the list as `FORMAT`: text, line, json")
	takes(cmd.Flags(), "format", lists...)
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the list to `FILE`, all of it or nothing")
	takesFile(cmd.Flags(), "output")
	return cmd
}

// catalogue returns the list of rules.
func catalogue(format render.Format) ([]byte, error) {
	type row struct {
		ID       string           `json:"id"`
		Title    string           `json:"title"`
		Severity finding.Severity `json:"severity"`
		Sources  []string         `json:"sources"`
	}
	rows := []row{}
	width := 0
	for _, r := range rules.All() {
		rows = append(rows, row{r.ID, r.Title, r.Severity, append([]string{}, r.Sources...)})
		width = max(width, len(r.ID))
	}
	var out bytes.Buffer
	if format == render.JSON {
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err := enc.Encode(rows)
		return out.Bytes(), err
	}
	for _, r := range rows {
		if format == render.Line {
			fmt.Fprintf(&out, "%s: %v: %s\n", r.ID, r.Severity, r.Title)
		} else {
			fmt.Fprintf(&out, "%-*s  %-8v  %s\n", width, r.ID, r.Severity, r.Title)
		}
	}
	return out.Bytes(), nil
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return wrongUsage(fmt.Sprintf("%s takes no arguments, got %q", cmd.CommandPath(), args[0]), cmd.CommandPath()+" --help shows what it takes")
	}
	return nil
}
