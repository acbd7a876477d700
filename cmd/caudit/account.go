package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func (p *program) account() *cobra.Command {
	var f flags
	var l live
	cmd := &cobra.Command{
		Use:   "account",
		Short: "Audit the live account",
		Example: `  caudit account                      the account of the usual AWS settings
  caudit account --profile audit --region eu-west-1
  caudit account --role arn:aws:iam::111122223333:role/auditor --external-id x
  caudit account --dry-run            the calls it would make, and none is made
  caudit permissions                  the identity policy that it needs`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Long: `It reads IAM, the policies of every domain and repository in the Regions that
have CodeArtifact, and the organization's policies where it may. It writes
nothing and asks for no token. What could not be read is a gap.

Exit status: as of scan.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			if err := l.check(); err != nil {
				return err
			}
			if l.dryRun {
				return p.listCalls(l)
			}
			inv, err := p.readAccount(l, s.quiet)
			if err != nil {
				return err
			}
			return p.audit(inv, nil, s)
		},
	}
	f.register(cmd.Flags())
	f.registerVerdict(cmd.Flags())
	l.register(cmd.Flags())
	return cmd
}

func (p *program) collect() *cobra.Command {
	var l live
	var output, logFormat string
	var quiet bool
	cmd := &cobra.Command{
		Use:   "collect -o FILE",
		Short: "Write the live account into an inventory, to be judged later",
		Example: `  caudit collect -o account.json
  caudit scan account.json            the same findings as caudit account
  caudit why --account account.json role/ci sts:GetServiceBearerToken
  caudit collect --dry-run            the calls it would make, and none is made`,
		ValidArgsFunction: cobra.NoFileCompletions,
		Long: `The file holds policies, names and tags, and no secret. What could not be read
is noted in it, and said on standard error.

Exit status: 2 wrong usage or an account that cannot be read; 3 a part of it
could not be read; 0 otherwise.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			p.notices.json = logFormat == "json"
			if err := oneOf("--log-format", logFormat, logs); err != nil {
				return err
			}
			if err := l.check(); err != nil {
				return err
			}
			if l.dryRun {
				return p.listCalls(l)
			}
			if output == "" {
				return wrongUsage("collect: no file to write to", "caudit collect -o account.json; -o - writes to standard output")
			}
			inv, err := p.readAccount(l, quiet)
			if err != nil {
				return err
			}
			return p.keep(inv, output)
		},
	}
	l.register(cmd.Flags())
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the inventory to `FILE`, all of it or nothing")
	takesFile(cmd.Flags(), "output", "json")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "no progress")
	cmd.Flags().StringVar(&logFormat, "log-format", "text", "write messages on standard error as `FORMAT`: text or json")
	takes(cmd.Flags(), "log-format", logs...)
	return cmd
}

// keep writes an inventory to a file and says what is not in it.
func (p *program) keep(inv *inventory.Inventory, path string) error {
	var out bytes.Buffer
	if err := inventory.Write(&out, inv.Accounts); err != nil {
		return err
	}
	if err := p.write(path, out.Bytes()); err != nil {
		return err
	}
	for _, g := range inv.Gaps {
		p.status = statusIncomplete
		p.notices.error(fmt.Sprintf("not complete: %s: %s", g.Where, g.Reason), "")
	}
	return nil
}

func (p *program) permissions() *cobra.Command {
	return &cobra.Command{
		Use:   "permissions",
		Short: "Print the identity policy that account and collect need",
		Example: `  caudit permissions > auditor.json
  aws iam create-policy --policy-name caudit \
      --policy-document file://auditor.json`,
		Long: `It allows reading IAM, CodeArtifact and the organization's policies, and nothing
else: no writing, no tokens, no packages.`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return p.write("", []byte(collect.Permissions)) },
	}
}
