package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config/configfile"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/rules"
)

// flags are what every auditing command takes, as they were written.
type flags struct {
	format, output, failOn, severity, config, baseline, color, logFormat, now string

	rule, skip        []string
	quiet, allowEmpty bool
}

// register adds the flags that shape a result, and those that decide what is judged.
func (f *flags) register(fs *pflag.FlagSet) {
	f.registerShape(fs)
	fs.StringVar(&f.config, "config", "", "read trust, kinds, rules and exceptions from `FILE` (caudit.yaml)")
	takesFile(fs, "config", "yaml", "yml")
	fs.StringVar(&f.now, "now", "", "judge as of `TIME` (RFC 3339) in place of the clock's")
}

// registerShape adds the flags that shape a result.
func (f *flags) registerShape(fs *pflag.FlagSet) {
	fs.StringVar(&f.format, "format", "text", "write the result as `FORMAT`: "+strings.Join(render.Formats(), ", "))
	takes(fs, "format", render.Formats()...)
	fs.StringVarP(&f.output, "output", "o", "", "write the result to `FILE`, all of it or nothing")
	takesFile(fs, "output")
	fs.StringVar(&f.severity, "severity", "info", "print findings from `LEVEL` on; the exit status counts all")
	takes(fs, "severity", levels...)
	fs.StringSliceVar(&f.rule, "rule", nil, "judge by the rules that match `PATTERN` alone (grant/*)")
	takes(fs, "rule", patternWords()...)
	fs.StringSliceVar(&f.skip, "skip", nil, "leave out the rules that match `PATTERN`")
	takes(fs, "skip", patternWords()...)
	fs.StringVar(&f.baseline, "baseline", "", "hide what the saved result in `FILE` knows at the same or a higher severity")
	takesFile(fs, "baseline", "json")
	fs.StringVar(&f.color, "color", "auto", "colour the text `WHEN`: auto, always or never")
	takes(fs, "color", whens...)
	fs.BoolVar(&f.quiet, "quiet", false, "print findings and gaps alone: no summary, no progress")
	fs.StringVar(&f.logFormat, "log-format", "text", "write messages on standard error as `FORMAT`: text or json")
	takes(fs, "log-format", logs...)
}

// registerVerdict adds the flags that shape the exit status.
func (f *flags) registerVerdict(fs *pflag.FlagSet) {
	fs.StringVar(&f.failOn, "fail-on", "medium", "exit with 1 for a finding from `LEVEL` on: critical, high, medium, low, info, never")
	takes(fs, "fail-on", failLevel...)
	fs.BoolVar(&f.allowEmpty, "allow-empty", false, "exit with 0 when there is nothing to look at")
}

// settings are the flags, understood.
type settings struct {
	format     render.Format
	output     string
	failOn     finding.Severity // zero: never
	floor      finding.Severity // what is printed
	selected   func(rule string) bool
	known      map[string]finding.Severity // of the baseline, by id; nil without one
	config     *config.Config              // nil for the default
	color      bool
	quiet      bool
	allowEmpty bool
	now        time.Time
}

// settings understands the flags, reads the files they name and reports all that
// is wrong with them in one error.
func (f *flags) settings(p *program) (settings, error) {
	var wrong []error
	check := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	s := settings{output: f.output, quiet: f.quiet, allowEmpty: f.allowEmpty}
	var err error
	p.notices.json = f.logFormat == "json"
	check(oneOf("--log-format", f.logFormat, logs))
	s.format, err = render.ParseFormat(f.format)
	if err != nil {
		check(meant(fmt.Errorf("--format: %w", err), f.format, render.Formats()))
	}
	s.floor, err = level("--severity", f.severity)
	check(err)
	if f.failOn != "never" && f.failOn != "" {
		if s.failOn, err = finding.ParseSeverity(f.failOn); err != nil {
			check(oneOf("--fail-on", f.failOn, failLevel))
		}
	}
	s.selected, err = selection(f.rule, f.skip)
	check(err)
	s.color, err = f.colored(p)
	check(err)
	s.now, err = moment(f.now)
	check(err)
	if f.config != "" {
		s.config, err = readConfig(f.config)
		check(err)
	}
	if f.baseline != "" {
		s.known, err = readBaseline(f.baseline)
		check(err)
	}
	return s, errors.Join(wrong...)
}

func level(flag, word string) (finding.Severity, error) {
	s, err := finding.ParseSeverity(word)
	if err != nil {
		return 0, meant(fmt.Errorf("%s: %w", flag, err), word, levels)
	}
	return s, nil
}

// colored decides whether the text is coloured. By itself only on a terminal
// that can, and never where NO_COLOR is set (https://no-color.org).
func (f *flags) colored(p *program) (bool, error) {
	if err := oneOf("--color", f.color, whens); err != nil || f.color != "auto" {
		return f.color == "always", err
	}
	return f.output == "" && terminal(p.stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
}

// moment reads --now. The command is an edge, so that without the flag it is the
// clock that says what time it is.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Now().UTC().Truncate(time.Second), nil
	}
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, wrongUsage(fmt.Sprintf("--now %q is no time", text), "expected RFC 3339, such as 2026-10-01T12:00:00Z")
	}
	return now.UTC(), nil
}

func readConfig(path string) (*config.Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	return configfile.Load(path, data, ruleIDs())
}

func ruleIDs() []string {
	var ids []string
	for _, r := range rules.All() {
		ids = append(ids, r.ID)
	}
	return ids
}
