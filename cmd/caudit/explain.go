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
		Short: "Show the page of a rule: what it means, wrong and right",
		Example: `  caudit explain grant/full-access
  caudit rules                        the ids`,
		Long: `The page says what a finding means, shows what is wrong and what is right, how
it is decided, what the rule cannot see, and AWS's pages it rests on. The same
pages lie in the repository, under auditor/rules/docs.

Exit status: 0, or 2 when there is no such rule.`,
		ValidArgsFunction: inTurn(choose(ruleWords(), false)),
		Args:              oneArgument("a rule", "caudit rules lists them"),
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
