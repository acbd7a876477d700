package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func (p *program) scan() *cobra.Command {
	var f flags
	var kind, owner string
	cmd := &cobra.Command{
		Use:   "scan [PATH…|-]",
		Short: "Audit files: IAM and resource policies, account dumps, inventories",
		Example: `  caudit scan policies/ team.json               folders are walked, files are recognised by content
  caudit scan --kind scp guardrails.json        say what a policy is where its text does not
  aws iam get-account-authorization-details | caudit scan -
  caudit scan --format json -o result.json .    a result to keep, and to use as --baseline later
  caudit scan --fail-on high --quiet .          for a pipeline`,
		Long: `Without a path it audits the working directory. Files that are no policy are
passed over when found in a folder, and refused when named.

Exit status: 2 wrong usage, configuration or a named file that cannot be read;
1 a finding at or above --fail-on; 3 a gap, or nothing to look at; 0 otherwise.`,
		RunE: func(_ *cobra.Command, paths []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			as, err := understand(kind, owner)
			if err != nil {
				return err
			}
			if len(paths) == 0 {
				paths = []string{"."}
			}
			done := p.progress(s, "reading")
			inv, unread := p.read(paths, as, s.config)
			done()
			return p.audit(inv, unread, s)
		},
	}
	f.register(cmd.Flags())
	f.registerVerdict(cmd.Flags())
	cmd.Flags().StringVar(&kind, "kind", "", "take every policy as `KIND`: identity, domain, repository, trust, boundary, scp, rcp, session or endpoint")
	cmd.Flags().StringVar(&owner, "owner", "", "`ACCOUNT` that owns the resources, where no ARN in a policy says so")
	return cmd
}

// about is what the caller says of bare policies.
type about struct {
	kind  inventory.Kind // zero: recognise it
	owner string
}

func understand(kind, owner string) (about, error) {
	a := about{owner: owner}
	if owner != "" && !arn.IsAccountID(owner) {
		return a, wrongUsage(fmt.Sprintf("--owner %q is no account id", owner), "expected 12 digits")
	}
	if kind == "" {
		return a, nil
	}
	var ok bool
	if a.kind, ok = inventory.ParseKind(kind); !ok {
		return a, wrongUsage(fmt.Sprintf("--kind: unknown kind %q", kind), "expected identity, domain, repository, trust, boundary, scp, rcp, session or endpoint")
	}
	return a, nil
}

// audit judges the inventory, shows the result and decides the exit status.
// unread says which named inputs could not be read; the others are audited all
// the same.
func (p *program) audit(inv *inventory.Inventory, unread error, s settings) error {
	done := p.progress(s, "judging")
	report := auditor.Audit(inv, auditor.Options{Config: s.config, Now: s.now, Version: buildVersion()})
	done()
	kept, notes := narrow(report, s)
	if unread != nil {
		p.notices.report(unread)
		notes = append(notes, "what the inputs hold that could not be read")
	}
	if err := p.show(kept, notes, s); err != nil {
		return err
	}
	p.status = verdict(kept, s, unread != nil)
	return nil
}
