package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/arn"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

func (p *program) scan() *cobra.Command {
	var f flags
	var as assumed
	cmd := &cobra.Command{
		Use:   "scan [PATH…|-]",
		Short: "Audit files: policies, account dumps, inventories",
		Example: `  caudit scan policies/ team.json     files and all below a folder
  caudit scan --kind scp guards.json  say what the text of a policy does not
  aws iam get-account-authorization-details | caudit scan -
  caudit scan --format json -o result.json .
                                      keep a result, perhaps as a --baseline
  caudit scan --fail-on high --quiet .
                                      for a pipeline`,
		Long: `Files are recognised by content: a policy, what AWS prints of an account, an
inventory that caudit collect wrote. Without a path it audits the working
directory. Files that are none of these are passed over when found in a folder,
and refused when named.

Exit status: 2 wrong usage, configuration or a named file that cannot be read;
1 a finding at or above --fail-on; 3 a gap, or nothing to look at; 0 otherwise.`,
		RunE: func(_ *cobra.Command, paths []string) error {
			s, err := f.settings(p)
			about, wrong := as.understand()
			if err := errors.Join(err, wrong); err != nil {
				return err
			}
			if len(paths) == 0 {
				paths = []string{"."}
			}
			done := p.progress(s, "reading")
			inv, unread := p.read(paths, about, s.config)
			done()
			return p.audit(inv, unread, s)
		},
	}
	f.register(cmd.Flags())
	f.registerVerdict(cmd.Flags())
	as.register(cmd.Flags())
	return cmd
}

// about is what the caller says of bare policies.
type about struct {
	kind  inventory.Kind // zero: recognise it
	owner string
}

// assumed are the flags that say it, as they were written.
type assumed struct{ kind, owner string }

func (a *assumed) register(fs *pflag.FlagSet) {
	fs.StringVar(&a.kind, "kind", "", "take every policy as `KIND`: "+orList(kinds()))
	takes(fs, "kind", kinds()...)
	fs.StringVar(&a.owner, "owner", "", "`ACCOUNT` that owns the resources, where no ARN in a policy says so")
}

func (a *assumed) understand() (about, error) {
	as := about{owner: a.owner}
	var wrong []error
	if a.owner != "" && !arn.IsAccountID(a.owner) {
		wrong = append(wrong, wrongUsage(fmt.Sprintf("--owner %q is no account id", a.owner), "expected 12 digits"))
	}
	if a.kind != "" {
		var ok bool
		if as.kind, ok = inventory.ParseKind(a.kind); !ok {
			wrong = append(wrong, oneOf("--kind", a.kind, kinds()))
		}
	}
	return as, errors.Join(wrong...)
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
