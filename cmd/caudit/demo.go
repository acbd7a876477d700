package main

import (
	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/events"
)

// demoInput is what results call the account that is built in.
const demoInput = "demo"

func (p *program) demo() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Audit an account that is built in: no files, no AWS",
		Example: `  caudit demo
  caudit demo --format json
  caudit demo --rule 'token/*'
  caudit demo --format html -o report.html`,
		Long: `The account has a domain, repositories, roles and users, and the mistakes that
are usual. Its files lie in the repository: events/account.json.

Exit status: as of scan.`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Args:              noArguments,
		RunE: func(*cobra.Command, []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			inv, unread := readBuiltIn(demoInput, events.Account)
			return p.audit(inv, unread, s)
		},
	}
	f.register(cmd.Flags())
	f.registerVerdict(cmd.Flags())
	return cmd
}
