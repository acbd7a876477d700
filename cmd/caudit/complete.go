package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Annotations of flags that say what a shell completes them with: words, or
// files that end so.
const (
	takesWords = "caudit/words"
	takesFiles = "caudit/files"
)

// takes notes the words that a flag takes; none where they cannot be listed.
func takes(fs *pflag.FlagSet, flag string, words ...string) { annotate(fs, flag, takesWords, words) }

// takesFile notes that a flag takes a file whose name ends so; any file without
// endings.
func takesFile(fs *pflag.FlagSet, flag string, endings ...string) {
	annotate(fs, flag, takesFiles, endings)
}

func annotate(fs *pflag.FlagSet, flag, key string, words []string) {
	if err := fs.SetAnnotation(flag, key, words); err != nil {
		panic(err) // no such flag
	}
}

// completeFlags tells the shell what the flags of a command and of those below
// it take.
func completeFlags(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		complete := cobra.NoFileCompletions
		if endings, ok := f.Annotations[takesFiles]; ok {
			complete = files(endings...)
		} else if words := f.Annotations[takesWords]; len(words) > 0 {
			complete = choose(words, f.Value.Type() == "stringSlice")
		}
		if f.Value.Type() == "bool" {
			return
		}
		if err := cmd.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
			panic(err) // registered twice
		}
	})
	for _, below := range cmd.Commands() {
		completeFlags(below)
	}
}

// choose completes with words, each perhaps followed by a tab and what it means.
// Of a list, the part behind the last comma is completed.
func choose(words []string, list bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		before := ""
		if comma := strings.LastIndexByte(written, ','); list && comma >= 0 {
			before, written = written[:comma+1], written[comma+1:]
		}
		var fit []cobra.Completion
		for _, word := range words {
			if strings.HasPrefix(strings.ToLower(word), strings.ToLower(written)) {
				fit = append(fit, before+word)
			}
			if name, _, _ := strings.Cut(word, "\t"); strings.HasSuffix(name, "=") {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
		}
		return fit, directive
	}
}

// files completes with files whose names end so, and with folders.
func files(endings ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(endings) == 0 {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return endings, cobra.ShellCompDirectiveFilterFileExt
	}
}

// inTurn completes each argument by its function, and nothing behind the last.
func inTurn(functions ...cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(functions) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return functions[len(args)](cmd, args, written)
	}
}
