package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError says what is wrong with how the command was called, and on a line
// of its own what to do about it.
type usageError struct{ message, hint string }

func (e *usageError) Error() string { return e.message }

func wrongUsage(message, hint string) error { return &usageError{message, hint} }

func quote(word string) string { return strconv.Quote(word) }

// wrongFlag turns what the flag parser says into an error with a suggestion.
func wrongFlag(cmd *cobra.Command, err error) error {
	see := cmd.CommandPath() + " --help shows the flags"
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return wrongUsage(err.Error(), see)
	}
	name := unknown.GetSpecifiedName()
	if len(name) == 1 {
		return wrongUsage(fmt.Sprintf("unknown flag -%s", name), see)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near, ok := nearest(name, names); ok {
		see = "did you mean --" + near + "?"
	}
	return wrongUsage("unknown flag --"+name, see)
}

// nothingEmpty refuses flags that were given nothing: where a script's variable is
// not set, --fail-on would never fail and --config hold no exceptions, unnoticed.
func nothingEmpty(given *pflag.FlagSet) error {
	var wrong []error
	given.Visit(func(f *pflag.Flag) {
		if value := f.Value.String(); value == "" || value == "[]" {
			wrong = append(wrong, wrongUsage("--"+f.Name+" is empty", "leave it out, or say what it is; is a variable not set?"))
		}
	})
	return errors.Join(wrong...)
}

// nearest returns the known word that was probably meant: the first of those
// that are at most two edits away or begin with word.
func nearest(word string, known []string) (string, bool) {
	c := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, k := range known {
		c.AddCommand(&cobra.Command{Use: k, Run: func(*cobra.Command, []string) {}})
	}
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return near[0], true
	}
	return "", false
}
