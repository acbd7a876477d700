package main

import "github.com/spf13/cobra"

func (p *program) render() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "render RESULT.json",
		Short: "Write a saved result in any format",
		Example: `  caudit scan --format json -o result.json .
                                      judge once
  caudit render result.json --format markdown
                                      and write as often as you like
  caudit render result.json --format sarif -o result.sarif
  caudit render - --format html -o report.html < result.json`,
		Long: `What was saved is written, and not judged again. A result holds places and no
policy text, so that text and HTML have no code frames, and SARIF has lines
and no columns of policies that are files of their own. Documents inside dumps
and inventories are found where those files still lie.

Exit status: as of scan.`,
		ValidArgsFunction: inTurn(files("json")),
		Args:              oneArgument("a saved result", "caudit scan --format json -o result.json . saves one; - reads standard input"),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			r, err := p.readResult(args[0])
			if err != nil {
				return err
			}
			kept, notes := narrow(r, s)
			if err := p.show(kept, notes, s); err != nil {
				return err
			}
			p.status = verdict(kept, s, false)
			return nil
		},
	}
	f.registerShape(cmd.Flags())
	f.registerVerdict(cmd.Flags())
	return cmd
}
