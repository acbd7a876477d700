package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules/docs"
)

func (p *program) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Show a rule's page: what it means, what is wrong, what is right, how it is decided",
		Example: `  caudit explain grant/full-access
  caudit rules                                  the ids`,
		Args: oneArgument("a rule", "caudit rules lists them"),
		RunE: func(_ *cobra.Command, args []string) error {
			rule, ok := rules.Lookup(args[0])
			if !ok {
				return unknownRule(args[0], ruleIDs())
			}
			return p.write("", []byte(docs.Page(rule.ID)))
		},
	}
}

// oneArgument wants exactly one; what says of which kind.
func oneArgument(what, hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return wrongUsage(fmt.Sprintf("%s takes %s, got %d arguments", cmd.CommandPath(), what, len(args)), hint)
		}
		return nil
	}
}
