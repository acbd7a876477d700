package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

func (p *program) whoCan() *cobra.Command {
	var f asking
	cmd := &cobra.Command{
		Use:   "who-can ACTION [RESOURCE]",
		Short: "Every user and role that may do ACTION on RESOURCE, and why",
		Example: `  caudit who-can --account dump.json codeartifact:PublishPackageVersion \
      arn:aws:codeartifact:us-east-1:111122223333:package/team/app/npm//left-pad
  caudit who-can --account dump.json sts:GetServiceBearerToken
  caudit who-can --account dump.json codeartifact:DeleteRepository
                                      on any repository`,
		ValidArgsFunction: inTurn(choose(actionWords(), false), cobra.NoFileCompletions),
		Long: `It lists the users and roles that were read and may: "allow" whatever the free
condition keys are, or "depends" with the keys that decide. Without RESOURCE it
asks for some resource on which they may, and shows one. Groups make no
requests; their policies are their members'.

Exit status: 0 when it could answer; 2 wrong usage, or a file that cannot be
read.`,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			if len(args) != 1 && len(args) != 2 {
				return wrongUsage(fmt.Sprintf("caudit who-can takes an action and perhaps a resource, got %d arguments", len(args)), "expected ACTION [RESOURCE]")
			}
			return p.list(append(args, "")[:2], f.accounts, s)
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// list prints who may.
func (p *program) list(args, files []string, s understood) error {
	q, err := question(args[0], args[1], s.context)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return wrongUsage("no file to answer from", "name a dump or an inventory with --account FILE")
	}
	done := p.progress(s.settings, "reading")
	inv, err := p.read(files, about{}, s.config)
	done()
	if err != nil {
		return err
	}
	inv, taken, err := s.suppose(inv, "", q.Resource())
	if err != nil {
		return err
	}
	done = p.progress(s.settings, "deciding")
	permitted, gaps, err := s.resolve(inv).Ask(q).WhoCan()
	done()
	if err != nil {
		return asUsage(err)
	}
	answer := render.NewPermitted(q.Action().String(), q.Resource(), s.context, permitted, everyGap(inv, gaps))
	answer.Assumptions = append(answer.Assumptions, taken...)
	var out bytes.Buffer
	if err := render.WritePermitted(&out, s.format, answer, render.Options{Color: s.color, Quiet: s.quiet}); err != nil {
		return err
	}
	return p.write(s.output, out.Bytes())
}

// everyGap joins the gaps of what was read with those of the answer: whoever is
// not listed may be behind one of them.
func everyGap(inv *inventory.Inventory, more []inventory.Gap) []inventory.Gap {
	all := distinct(nil, inv.Gaps)
	return distinct(all, more)
}
