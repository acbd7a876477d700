package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit statuses of the contract.
const (
	statusOK         = 0
	statusFound      = 1 // a finding at or above --fail-on
	statusWrong      = 2 // usage, configuration, or a named input that cannot be read
	statusIncomplete = 3 // a gap, or nothing to look at
)

// program is one run of the command.
type program struct {
	stdin   io.Reader
	stdout  io.Writer
	notices notices
	status  int
}

// helpTemplate shows what the command is for and examples before anything else.
const helpTemplate = `{{.Short}}
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{with .Long}}
{{. | trimTrailingWhitespaces}}
{{end}}
{{.UsageString}}`

const usageTemplate = `Usage: {{.UseLine}}
{{if .HasAvailableSubCommands}}
Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}}  {{.Short}}{{end}}{{end}}

caudit COMMAND --help shows what a command takes.
{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}
{{end}}`

// root returns the command with all its subcommands.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "caudit COMMAND",
		Short: "caudit proves who may do what in AWS CodeArtifact",
		Example: `  caudit demo                         findings on an account that is built in
  caudit scan policies/               audit every policy below a folder
  aws iam get-account-authorization-details | caudit scan -
  caudit explain grant/full-access    what a rule means, what to write instead`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return wrongUsage("no command", "caudit --help shows them")
		},
		Version: buildVersion(),
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			if err := nothingEmpty(cmd.Flags()); err != nil {
				return err
			}
			if output := cmd.Flags().Lookup("output"); output != nil {
				return writable(output.Value.String(), inputs(cmd.Flags(), args))
			}
			return nil
		},
		SilenceErrors: true,
		SilenceUsage:  true,

		DisableFlagsInUseLine: true,
	}
	root.SetHelpTemplate(helpTemplate)
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(wrongFlag)
	root.SetVersionTemplate(string(thisBuild().text()))
	root.SetHelpCommand(help())
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(p.scan(), p.demo(), p.account(), p.collect(), p.permissions(), p.invoke(), p.why(), p.whoCan(), p.fix(), p.findings(), p.configuration(), p.render(), p.rules(), p.explain(), p.version(), p.completion())
	completeFlags(root)
	return root
}

// help shows the help of a command, as --help does.
func help() *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "Show what a command takes",
		Hidden: true,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if of, _, err := cmd.Root().Find(args); err == nil {
				for _, below := range of.Commands() {
					if below.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(below.Name(), below.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err == nil {
				err = knownCommand(of, rest)
			}
			if err != nil {
				return err
			}
			return of.Help()
		},
	}
}

// knownCommand refuses arguments of a command that only has commands below it: none
// of those took them.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if near, ok := nearest(args[0], names); ok {
		return wrongUsage("unknown command "+quote(args[0]), "did you mean "+cmd.CommandPath()+" "+near+"?")
	}
	if len(names) == 0 {
		return noArguments(cmd, args)
	}
	return wrongUsage("unknown command "+quote(args[0]), "the commands are "+strings.Join(names, ", "))
}
