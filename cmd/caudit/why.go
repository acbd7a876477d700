package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access/denied"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

// The exit statuses of why.
const (
	statusAllowed = 0
	statusDenied  = 1
	statusDepends = 3
)

func (p *program) why() *cobra.Command {
	var f asking
	cmd := &cobra.Command{
		Use:   "why PRINCIPAL ACTION [RESOURCE] | why TEXT | why -",
		Short: "May PRINCIPAL do ACTION on RESOURCE? What decides, what lacks",
		Example: `  caudit why --account dump.json role/ci codeartifact:ReadFromRepository \
      arn:aws:codeartifact:us-east-1:111122223333:repository/team/app
  caudit why --account dump.json role/ci sts:GetServiceBearerToken
  caudit why --account dump.json --context aws:SourceIp=203.0.113.7 \
      user/ann codeartifact:ListDomains
  caudit why --account dump.json \
      "User: arn:… is not authorized to perform: … on resource: …"
  pbpaste | caudit why -              what AWS said, without any file`,
		ValidArgsFunction: inTurn(cobra.NoFileCompletions, choose(actionWords(), false), cobra.NoFileCompletions),
		Long: `PRINCIPAL is the ARN of a user, a role or a role session, or a name such as
role/ci. TEXT is what AWS says when it denies access, with whatever stands
around it. A condition key that is not given is free: where it decides, the
answer is "depends" and names it. A bare identity policy named by --account
counts as one of the principal's, a domain's or repository's as that of the
resource. Without a file that holds the principal, TEXT is answered from its
own words.

Exit status: 0 allowed, 1 denied, 3 it depends; 2 wrong usage, or a file that
cannot be read.`,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := f.settings(p)
			if err != nil {
				return err
			}
			asked, err := p.asked(args)
			if err != nil {
				return err
			}
			d, err := p.decide(asked, f.accounts, s)
			if err != nil {
				return err
			}
			return p.tell(d, s)
		},
	}
	f.register(cmd.Flags())
	return cmd
}

// request is what why is asked about: by its parts, or by a text of AWS's.
type request struct {
	principal, action, resource string
	denial                      *denied.Denial
}

// asked reads the arguments. A pasted text need not be quoted.
func (p *program) asked(args []string) (request, error) {
	text := strings.Join(args, " ")
	if len(args) == 1 && args[0] == "-" {
		data, err := io.ReadAll(io.LimitReader(p.stdin, 1<<20))
		if err != nil {
			return request{}, fmt.Errorf("read standard input: %w", err)
		}
		text = string(data)
	} else if !denied.Is(text) {
		const hint = "expected PRINCIPAL ACTION RESOURCE, or the text of a denial"
		switch len(args) {
		case 2:
			return request{principal: args[0], action: args[1]}, nil
		case 3:
			return request{principal: args[0], action: args[1], resource: args[2]}, nil
		}
		return request{}, wrongUsage(fmt.Sprintf("caudit why takes 2 or 3 arguments or a text, got %d arguments", len(args)), hint)
	}
	d, err := denied.Parse(text)
	if err != nil {
		return request{}, wrongUsage(err.Error(), "paste what AWS said, from User: on")
	}
	return request{principal: d.User, action: d.Action, resource: d.Resource, denial: &d}, nil
}

// decide answers from the files, or from the text alone where no file holds its
// principal.
func (p *program) decide(r request, files []string, s understood) (render.Decision, error) {
	q, err := r.question(s.context)
	if err != nil {
		return render.Decision{}, err
	}
	if q.Resource() == "" {
		return render.Decision{}, wrongUsage(fmt.Sprintf("%v needs a resource", q.Action()), "caudit who-can asks about any resource")
	}
	if len(files) == 0 && r.denial == nil {
		return render.Decision{}, wrongUsage("no file to answer from", "name a dump or an inventory with --account FILE; only the text of a denial is answered without")
	}
	inv := &inventory.Inventory{}
	if len(files) > 0 {
		done := p.progress(s.settings, "reading")
		inv, err = p.read(files, about{}, s.config)
		done()
		if err != nil {
			return render.Decision{}, err
		}
	}
	inv, taken, err := s.suppose(inv, r.principal, q.Resource())
	if err != nil {
		return render.Decision{}, err
	}
	x := s.resolve(inv)
	principal, err := x.Principal(r.principal)
	if unknown, ok := errors.AsType[*access.PrincipalError](err); ok && r.denial != nil && unknown.Why == "" && !unknown.Shared {
		return s.fromText(*r.denial, q, len(files) > 0)
	}
	if err != nil {
		return render.Decision{}, asUsage(err)
	}
	answer, err := x.Ask(q).Decide(principal)
	if err != nil {
		return render.Decision{}, asUsage(err)
	}
	d := render.NewDecision(render.Asked{Caller: principal.ARN, Action: q.Action().String(), Resource: q.Resource(), Context: s.context}, answer)
	d.Assumptions = append(d.Assumptions, taken...)
	if r.denial != nil {
		err = compare(&d, answer, r.denial.Reason)
	}
	return d, err
}

// question returns the question that the arguments ask. In a text of AWS's, an
// action that is authorized on no resource may still stand beside one.
func (r request) question(context map[string][]string) (access.Question, error) {
	q, err := question(r.action, r.resource, context)
	if err == nil || r.denial == nil {
		return q, err
	}
	if without, other := question(r.action, "", context); other == nil && without.Resource() == "*" {
		return without, nil
	}
	return q, err
}

// tell prints the decision and sets the exit status.
func (p *program) tell(d render.Decision, s understood) error {
	var out bytes.Buffer
	if err := render.WriteDecision(&out, s.format, d, render.Options{Color: s.color, Quiet: s.quiet}); err != nil {
		return err
	}
	switch d.Decision {
	case access.Allow.String():
		p.status = statusAllowed
	case access.Deny.String():
		p.status = statusDenied
	default:
		p.status = statusDepends
	}
	return p.write(s.output, out.Bytes())
}
