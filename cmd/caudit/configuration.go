package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/collect"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config/configfile"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history/dynamo"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

func (p *program) configuration() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config push|show",
		Short: "Put a validated caudit.yaml into a deployment's table, or show it",
		Example: `  caudit config push caudit.yaml --table codeartifact-auditor
  caudit config show --table codeartifact-auditor > caudit.yaml`,
		Long: `The functions read the configuration from the table each time they run. They
refuse to run when they cannot: they might miss an exception.`,
		Args: knownCommand,
		RunE: func(*cobra.Command, []string) error {
			return wrongUsage("config: what to do with it?", "caudit config push FILE, or caudit config show")
		},
		DisableFlagsInUseLine: true,
	}
	cmd.AddCommand(p.configPush(), p.configShow())
	return cmd
}

func (p *program) configPush() *cobra.Command {
	var d deployed
	cmd := &cobra.Command{
		Use:   "push FILE",
		Short: "Put a validated caudit.yaml into a deployment's table",
		Example: `  caudit config push caudit.yaml --table codeartifact-auditor
  TABLE_NAME=codeartifact-auditor caudit config push - < caudit.yaml`,
		Long: `Nothing is written unless the file is right in every line, nor when somebody
else pushed at the same time.

Exit status: 0 when it was written, 2 otherwise.`,
		Args:              oneArgument("a configuration", "the README shows one; - reads standard input"),
		ValidArgsFunction: inTurn(files("yaml", "yml")),
		RunE:              func(_ *cobra.Command, args []string) error { return p.push(&d, args[0]) },
	}
	d.register(cmd.Flags())
	return cmd
}

const pushing = "dynamodb:GetItem and PutItem"

func (p *program) push(d *deployed, path string) error {
	text, err := p.configText(path)
	if err != nil {
		return err
	}
	cfg, err := configfile.Load(path, text, ruleIDs())
	if err != nil {
		return err
	}
	c, ctx, stop, err := d.connect()
	defer stop()
	if err != nil {
		return err
	}
	table := dynamo.New(c.client, c.name)
	before, err := table.Version(ctx)
	if err != nil {
		return c.explain(err, pushing)
	}
	who, err := sts.NewFromConfig(c.aws).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return wrongUsage("who pushes: "+collect.Plain(err), "the table notes whose credentials it were: see --profile")
	}
	pushed := dynamo.Configuration{YAML: string(text), By: aws.ToString(who.Arn), At: time.Now(), Config: cfg}
	err = table.PushConfiguration(ctx, pushed, before)
	if errors.Is(err, dynamo.ErrPushed) {
		return wrongUsage(fmt.Sprintf("table %q: %v", c.name, err), "look at it with caudit config show, then push again")
	}
	if err != nil {
		return c.explain(err, pushing)
	}
	fmt.Fprintf(p.notices.w, "configuration %d is in table %s; the next sweep applies it\n", before+1, render.Visible(c.name))
	return nil
}

func (p *program) configText(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(p.stdin)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("config push: %w", err)
	}
	return text, nil
}

func (p *program) configShow() *cobra.Command {
	var d deployed
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Print the caudit.yaml that is in a deployment's table",
		Example: `  caudit config show --table codeartifact-auditor > caudit.yaml`,
		Long: `It prints the text as it was pushed, and on standard error who pushed it and
when.

Exit status: 0, or 2 when there is none or it cannot be read.`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			c, ctx, stop, err := d.connect()
			defer stop()
			if err != nil {
				return err
			}
			current, err := dynamo.New(c.client, c.name).Configuration(ctx)
			if err != nil {
				return c.explain(err, "dynamodb:GetItem")
			}
			if current.Version == 0 {
				return wrongUsage(fmt.Sprintf("table %q: no configuration: the functions run with the default one", c.name), "caudit config push FILE puts one there")
			}
			fmt.Fprintf(p.notices.w, "configuration %d, pushed by %s at %s\n", current.Version, render.Visible(current.By), current.At.Format(time.RFC3339))
			return p.write("", []byte(current.YAML))
		},
	}
	d.register(cmd.Flags())
	return cmd
}
