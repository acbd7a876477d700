package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

// shells are those that completion is written for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func (p *program) completion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Write what makes a shell complete commands, flags and words",
		Example: `  source <(caudit completion bash)          for this session
  caudit completion bash > /etc/bash_completion.d/caudit
  caudit completion zsh > "${fpath[1]}/_caudit"
  caudit completion fish > ~/.config/fish/completions/caudit.fish
  caudit completion powershell | Out-String | Invoke-Expression`,
		Long: `SHELL is bash, zsh, fish or powershell. Beside commands and flags it completes
rules, formats, levels, kinds of policies, actions, condition keys and Regions.
Bash needs the package bash-completion.`,
		Args:              oneArgument("a shell", "expected "+orList(shells)),
		ValidArgsFunction: inTurn(choose(shells, false)),
		RunE: func(cmd *cobra.Command, args []string) error {
			shell, root := args[0], cmd.Root()
			if !slices.Contains(shells, shell) {
				return meant(wrongUsage(fmt.Sprintf("unknown shell %q", shell), "expected "+orList(shells)), shell, shells)
			}
			write := map[string]func(*bytes.Buffer) error{
				"bash":       func(out *bytes.Buffer) error { return root.GenBashCompletionV2(out, true) },
				"zsh":        func(out *bytes.Buffer) error { return root.GenZshCompletion(out) },
				"fish":       func(out *bytes.Buffer) error { return root.GenFishCompletion(out, true) },
				"powershell": func(out *bytes.Buffer) error { return root.GenPowerShellCompletionWithDesc(out) },
			}[shell]
			var script bytes.Buffer
			if err := write(&script); err != nil {
				return err
			}
			return p.write("", script.Bytes())
		},
	}
}
