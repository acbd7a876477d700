package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// asking are the flags of the commands that answer a question about access.
type asking struct {
	flags
	accounts, context []string
}

func (f *asking) register(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.accounts, "account", nil, "`FILE` to answer from: a dump or an inventory (several merge), or a bare policy")
	takesFile(fs, "account", "json")
	fs.StringArrayVar(&f.context, "context", nil, "`KEY=VALUE` of the request; repeat it for further keys and values, KEY= where the request lacks the key")
	takes(fs, "context", keyWords()...)
	fs.StringVar(&f.format, "format", "text", "write the answer as `FORMAT`: text or json")
	takes(fs, "format", answers...)
	fs.StringVarP(&f.output, "output", "o", "", "write the answer to `FILE`, all of it or nothing")
	takesFile(fs, "output")
	fs.StringVar(&f.config, "config", "", "read the organization and kinds of policies from `FILE` (caudit.yaml)")
	takesFile(fs, "config", "yaml", "yml")
	fs.StringVar(&f.color, "color", "auto", "colour the text `WHEN`: auto, always or never")
	takes(fs, "color", whens...)
	fs.BoolVar(&f.quiet, "quiet", false, "print the decision alone")
	fs.StringVar(&f.now, "now", "", "answer as of `TIME` (RFC 3339) in place of the clock's")
	fs.StringVar(&f.logFormat, "log-format", "text", "write messages on standard error as `FORMAT`: text or json")
	takes(fs, "log-format", logs...)
	f.severity = "info" // all that is said is printed
}

// understood are the flags, understood.
type understood struct {
	settings
	context map[string][]string
}

func (f *asking) settings(p *program) (understood, error) {
	s, err := f.flags.settings(p)
	if err == nil {
		s.format, err = formatAmong(f.format, answers)
	}
	context, wrong := readContext(f.context)
	return understood{s, context}, errors.Join(err, wrong)
}

// readContext reads KEY=VALUE pairs.
func readContext(pairs []string) (map[string][]string, error) {
	context := map[string][]string{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, wrongUsage(fmt.Sprintf("--context %q is no condition key with a value", pair), "expected KEY=VALUE, such as aws:SourceIp=203.0.113.7")
		}
		if value == "" && len(context[key]) == 0 {
			context[key] = nil
			continue
		}
		context[key] = append(context[key], value)
	}
	return context, nil
}

// resolve resolves what was read.
func (s understood) resolve(inv *inventory.Inventory) *access.Access {
	o := access.Options{Now: s.now}
	if s.config != nil {
		o.Organization, o.Trusted = s.config.Organization, s.config.TrustedAccounts
	}
	return access.Resolve(inv, o)
}

// question returns the question about an action by its name.
func question(action, resource string, context map[string][]string) (access.Question, error) {
	a, ok := codeartifact.LookupAction(action)
	if !ok {
		return access.Question{}, unknownAction(action)
	}
	q, err := access.NewQuestion(a, resource, context)
	return q, asUsage(err)
}

// asUsage turns an error of a question into one with a hint.
func asUsage(err error) error {
	if wrong, ok := errors.AsType[*access.QuestionError](err); ok {
		return wrongUsage(wrong.Message, wrong.Hint)
	}
	if wrong, ok := errors.AsType[*access.PrincipalError](err); ok {
		hint := "caudit who-can lists principals that may"
		if len(wrong.Near) > 0 {
			hint = "did you mean " + strings.Join(wrong.Near, " or ") + "?"
		}
		return wrongUsage(wrong.Error(), hint)
	}
	return err
}

// unknownAction says that an action does not exist, and which one does.
func unknownAction(name string) error {
	hint := "caudit decides the codeartifact actions and sts:GetServiceBearerToken"
	if near, ok := nearestAction(name); ok {
		hint = "did you mean " + near + "?"
	}
	service, _, typed := strings.Cut(name, ":")
	switch {
	case !typed:
		return wrongUsage(fmt.Sprintf("%q is no action", name), hint)
	case strings.EqualFold(service, "codeartifact"):
		return wrongUsage(fmt.Sprintf("action %q does not exist, as of %s", name, codeartifact.DataDate()), hint)
	case strings.EqualFold(service, "sts") && !slices.ContainsFunc(codeartifact.STSActionNames(), func(known string) bool { return strings.EqualFold("sts:"+known, name) }):
		return wrongUsage(fmt.Sprintf("action %q does not exist, as of %s", name, codeartifact.DataDate()), hint)
	}
	return wrongUsage(fmt.Sprintf("action %q is not decided here", name), hint)
}

// nearestAction returns the action that was probably meant: one of that name in
// the other service, a slip of the pen, or one that has all of its words.
func nearestAction(name string) (string, bool) {
	var known, short []string
	decided := codeartifact.CodeArtifactActions().Add(codeartifact.GetServiceBearerToken)
	for a := range decided.All() {
		known = append(known, a.String())
		short = append(short, a.Info().Name)
	}
	_, action, typed := strings.Cut(name, ":")
	if !typed {
		action = name
	}
	for i, each := range short {
		if strings.EqualFold(each, action) {
			return known[i], true
		}
	}
	for i, each := range short {
		if near, ok := nearest(action, []string{each}); ok && near == each {
			return known[i], true
		}
	}
	for i, each := range short {
		if len(wordsOf(action)) > 1 && containsAll(wordsOf(each), wordsOf(action)) {
			return known[i], true
		}
	}
	return "", false
}

// wordsOf takes a name like ReadFromRepository apart.
func wordsOf(name string) []string {
	var spaced strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(r)
	}
	return strings.Fields(spaced.String())
}

func containsAll(words, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(words, w) })
}
