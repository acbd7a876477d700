package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/render"
)

func (p *program) fix() *cobra.Command {
	var f flags
	var as assumed
	var m mending
	cmd := &cobra.Command{
		Use:   "fix [PATH…|-]",
		Short: "Show the verified fixes as a diff, or write them into the files",
		Example: `  caudit fix policies/                the safe fixes as a diff, options below it
  caudit fix policies/ | patch -p0    git apply -p0 takes it as well
  caudit fix --write policies/        make the safe fixes
  caudit fix --apply consumer --diff team.json
                                      see an option
  caudit fix --apply 1c9f03ab/consumer .
                                      make the option of one finding`,
		Long: `Every fix was verified before it is offered: with it the finding is gone, no
other appears, and nothing is allowed that was not, unless the fix says so. A
safe fix leaves whoever used the policy as it was meant their access. What is
not safe is an option, and is made only where --apply names it: by its id, by
the id of its finding or the first digits of it, or by both, FINDING/FIX.

Without --write or --apply, and always with --diff, nothing is written. --apply
alone makes the options it names; with --write the safe fixes are made too.
Files keep their layout, line ends, encoding and mode, and are replaced whole
or not at all. Dumps, inventories and answers of AWS are copies of what AWS
holds: their policies are shown, decoded, and never written.

Exit status: 0 when it could answer; 2 wrong usage, or a file that cannot be
read or written.`,
		RunE: func(_ *cobra.Command, paths []string) error {
			s, err := f.settings(p)
			about, wrong := as.understand()
			if err := errors.Join(err, wrong); err != nil {
				return err
			}
			if len(paths) == 0 {
				paths = []string{"."}
			}
			m.settings, m.writes = s, (m.write || len(m.chosen) > 0) && !m.show
			m.safe = m.write || len(m.chosen) == 0
			if m.writes && slices.Contains(paths, "-") {
				return wrongUsage("standard input cannot be written", "caudit fix --diff shows the change")
			}
			return p.mend(&m, paths, about)
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&m.show, "diff", false, "show what would change and write nothing (the default)")
	fs.BoolVar(&m.write, "write", false, "make the safe fixes")
	fs.StringSliceVar(&m.chosen, "apply", nil, "make the option `ID`; repeat it for several")
	fs.StringVarP(&f.output, "output", "o", "", "write the diff to `FILE`, all of it or nothing")
	takesFile(fs, "output")
	fs.StringVar(&f.severity, "severity", "info", "fix findings from `LEVEL` on")
	takes(fs, "severity", levels...)
	fs.StringSliceVar(&f.rule, "rule", nil, "fix findings of the rules that match `PATTERN` alone (token/*)")
	takes(fs, "rule", patternWords()...)
	fs.StringSliceVar(&f.skip, "skip", nil, "leave findings of the rules that match `PATTERN`")
	takes(fs, "skip", patternWords()...)
	fs.StringVar(&f.config, "config", "", "read trust, kinds, rules and exceptions from `FILE` (caudit.yaml)")
	takesFile(fs, "config", "yaml", "yml")
	fs.StringVar(&f.baseline, "baseline", "", "leave what the saved result in `FILE` knows at the same or a higher severity")
	takesFile(fs, "baseline", "json")
	fs.StringVar(&f.color, "color", "auto", "colour the diff `WHEN`: auto, always or never")
	takes(fs, "color", whens...)
	fs.BoolVar(&f.quiet, "quiet", false, "print the diff alone")
	fs.StringVar(&f.now, "now", "", "judge as of `TIME` (RFC 3339) in place of the clock's")
	fs.StringVar(&f.logFormat, "log-format", "text", "write messages on standard error as `FORMAT`: text or json")
	takes(fs, "log-format", logs...)
	as.register(fs)
	f.format = render.Text.String()
	return cmd
}

// mending is what is to be fixed, and how far that has come.
type mending struct {
	settings
	show, write bool     // as the flags say
	chosen      []string // of --apply
	safe        bool     // make the safe fixes
	writes      bool     // into the files

	inventory *inventory.Inventory // with every fix made so far
	report    *auditor.Report      // of it, without what was not asked for
	changes   []*change            // in the order in which they began
	made      []option             // without being chosen
	at        map[inventory.Place]*change
}

// change is what became of one document.
type change struct {
	inventory.Place
	before, after *inventory.Document
	made          []string // fixes, as messages name them
}

// mend reads, fixes, and shows or writes.
func (p *program) mend(m *mending, paths []string, as about) error {
	done := p.progress(m.settings, "reading")
	inv, unread := p.read(paths, as, m.config)
	done()
	done = p.progress(m.settings, "fixing")
	m.inventory, m.at = inv, map[inventory.Place]*change{}
	m.judge()
	err := m.all()
	done()
	if err != nil {
		return errors.Join(unread, err)
	}
	if unread != nil {
		p.notices.report(unread)
		p.status = statusWrong
	}
	m.sort()
	if !m.writes {
		return p.write(m.output, m.shown(inv, terminal(p.stdout) && m.output == ""))
	}
	written, failed := m.save(inv)
	if failed != nil {
		p.notices.report(failed)
		p.status = statusWrong
	}
	// What is said to be left is what a new look at the files finds.
	done = p.progress(m.settings, "judging")
	m.inventory, _ = p.read(paths, as, m.config)
	m.judge()
	done()
	return p.write(m.output, m.told(written))
}

// judge audits the inventory as it is now.
func (m *mending) judge() {
	report := auditor.Audit(m.inventory, auditor.Options{Config: m.config, Now: m.now, Version: buildVersion()})
	m.report, _ = narrow(report, m.settings)
	m.report.Findings = only(m.report.Findings, func(f finding.Finding) bool { return f.Severity >= m.floor })
}

// all makes every fix that is asked for: those that were chosen one by one, then
// the safe ones until none is left, since one moves what the others point at. What
// is offered only when the safe ones are made is chosen then.
func (m *mending) all() error {
	var made, later []string
	for _, word := range m.chosen {
		err := m.makeChosen(word, made)
		if err != nil && !m.safe {
			return err
		}
		if err != nil {
			later = append(later, word)
		} else {
			made = append(made, word)
		}
	}
	if !m.safe {
		return nil
	}
	if err := m.everySafe(); err != nil {
		return err
	}
	for _, word := range later {
		if err := m.makeChosen(word, made); err != nil {
			return err
		}
		made = append(made, word)
	}
	return m.everySafe()
}

// makeChosen makes the fix that a word of --apply means; made are the words that
// came before it.
func (m *mending) makeChosen(word string, made []string) error {
	o, err := m.choose(word, made)
	if err != nil {
		return err
	}
	return m.make([]option{o})
}

// everySafe makes safe fixes in rounds: in each one of every document, and then
// all is judged anew.
func (m *mending) everySafe() error {
	for {
		var round []option
		taken := map[inventory.Place]bool{}
		for i := range m.report.Findings {
			f := &m.report.Findings[i]
			first := slices.IndexFunc(f.Fixes, func(x finding.Fix) bool { return x.Safe })
			if first < 0 || slices.ContainsFunc(f.Fixes[first].Edits, func(e finding.Edit) bool { return taken[placeOf(e)] }) {
				continue
			}
			for _, e := range f.Fixes[first].Edits {
				taken[placeOf(e)] = true
			}
			round = append(round, option{f, &f.Fixes[first]})
			m.made = append(m.made, round[len(round)-1])
		}
		if len(round) == 0 {
			return nil
		}
		before := len(m.report.Findings)
		if err := m.make(round); err != nil {
			return err
		}
		if len(m.report.Findings) >= before {
			// Each fix takes a finding away and adds none; if that failed here,
			// going on could last for ever.
			return fmt.Errorf("fix %s of %s leaves its finding", round[0].fix.ID, round[0].Subject.ID)
		}
	}
}

// option is a fix of a finding.
type option struct {
	*finding.Finding
	fix *finding.Fix
}

func placeOf(e finding.Edit) inventory.Place {
	return inventory.Place{Policy: e.Policy, Version: e.Version}
}

// make makes fixes of different documents, and judges anew.
func (m *mending) make(fixes []option) error {
	edits := map[inventory.Place]finding.Edit{}
	by := map[inventory.Place]string{}
	for _, o := range fixes {
		for _, e := range o.fix.Edits {
			edits[placeOf(e)], by[placeOf(e)] = e, fmt.Sprintf("%s [%s]", o.fix.Title, o.Rule)
		}
	}
	var wrong []error
	m.inventory = m.inventory.Rewrite(func(at inventory.Place, d *inventory.Document) *inventory.Document {
		e, ok := edits[at]
		if !ok {
			return d
		}
		delete(edits, at)
		text, err := e.Apply(d.Parsed)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", at.Policy, err))
			return d
		}
		c := m.at[at]
		if c == nil {
			c = &change{Place: at, before: d}
			m.at[at], m.changes = c, append(m.changes, c)
		}
		c.after, c.made = inventory.NewDocument(text), append(c.made, by[at])
		return c.after
	})
	for at := range edits {
		wrong = append(wrong, fmt.Errorf("%s: the policy is not there", at.Policy))
	}
	m.judge()
	return errors.Join(wrong...)
}

func (m *mending) sort() {
	slices.SortFunc(m.changes, func(a, b *change) int { return strings.Compare(a.Policy, b.Policy) })
}

// digits is how much of a finding's id is shown.
const digits = 8

// choose finds the fix that a word of --apply means. made are the words that came
// before it.
func (m *mending) choose(word string, made []string) (option, error) {
	id, name, both := strings.Cut(word, "/")
	var found, all []option
	for i := range m.report.Findings {
		f := &m.report.Findings[i]
		for j := range f.Fixes {
			o := option{f, &f.Fixes[j]}
			all = append(all, o)
			switch {
			case both && id != "" && strings.HasPrefix(f.ID, strings.ToLower(id)) && o.fix.ID == name, !both && o.fix.ID == word:
				found = append(found, o)
			}
		}
	}
	if len(found) == 0 && !both && len(word) >= digits/2 {
		found = only(all, func(o option) bool { return strings.HasPrefix(o.ID, strings.ToLower(word)) })
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if len(made) > 0 && m.was(word) {
			return option{}, wrongUsage(fmt.Sprintf("--apply %s is not offered any more after %s", word, strings.Join(made, ", ")), "choose one of them")
		}
		return option{}, m.unknownFix(word, name, all)
	}
	return option{}, wrongUsage(fmt.Sprintf("--apply %s is offered %d times", word, len(found)), "choose "+m.few(found))
}

// was reports whether the inventory as it was read, or with its safe fixes made,
// offered what the word means: whether a fix took it away.
func (m *mending) was(word string) bool {
	first := mending{settings: m.settings, at: map[inventory.Place]*change{}}
	first.inventory = m.inventory.Rewrite(func(at inventory.Place, d *inventory.Document) *inventory.Document {
		if c := m.at[at]; c != nil {
			return c.before
		}
		return d
	})
	first.judge()
	_, err := first.choose(word, nil)
	return err == nil
}

func (m *mending) unknownFix(word, name string, all []option) error {
	if len(all) == 0 {
		return wrongUsage(fmt.Sprintf("unknown fix %q", word), "no finding has a fix to choose")
	}
	var ids []string
	for _, o := range all {
		ids = append(ids, o.fix.ID)
	}
	if name == "" {
		name = word
	}
	if near, ok := nearest(name, ids); ok && near != name {
		return wrongUsage(fmt.Sprintf("unknown fix %q", word), "did you mean "+near+"?")
	}
	return wrongUsage(fmt.Sprintf("unknown fix %q", word), "the choices are "+m.few(all))
}

// few names the first of several fixes, each so that --apply takes it.
func (m *mending) few(list []option) string {
	const shown = 4
	var words []string
	for _, o := range list[:min(len(list), shown)] {
		words = append(words, fmt.Sprintf("%s (%s)", m.whole(o), render.Short(m.report, o.Subject.ID)))
	}
	if more := len(list) - len(words); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(words, ", "), more)
	}
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + " or " + words[last]
	}
	return words[0]
}

// whole is the word for a fix that means no other: its finding's first digits, as
// many as it takes, and its id.
func (m *mending) whole(o option) string {
	n := digits
	for slices.ContainsFunc(m.report.Findings, func(f finding.Finding) bool { return f.ID != o.ID && f.ID[:n] == o.ID[:n] }) {
		n++
	}
	return o.ID[:n] + "/" + o.fix.ID
}

// word is the shortest word for a fix that means no other.
func (m *mending) word(o option) string {
	is := func(x finding.Fix) bool { return x.ID == o.fix.ID }
	if slices.ContainsFunc(m.report.Findings, func(f finding.Finding) bool { return f.ID != o.ID && slices.ContainsFunc(f.Fixes, is) }) ||
		slices.ContainsFunc(m.made, func(other option) bool { return other.ID != o.ID && slices.ContainsFunc(other.Fixes, is) }) {
		return m.whole(o)
	}
	return o.fix.ID
}
