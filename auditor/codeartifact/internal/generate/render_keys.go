package main

import (
	"fmt"
	"slices"
	"strings"
)

var (
	keyTypes = map[string]string{
		"String": "StringKey", "ARN": "ARNKey", "Numeric": "NumericKey", "Date": "DateKey", "Bool": "BoolKey",
		"IPAddress": "IPAddressKey", "Binary": "BinaryKey",
	}
	controls = map[string]string{
		"identity": "ByIdentity", "session": "BySession", "caller": "ByCaller", "network": "ByNetwork",
		"resource": "ByResource", "constant": "ByConstant",
	}
	bases = map[string]string{
		"documented": "Documented", "observed": "Observed", "inferred": "Inferred", "unverified": "NotVerified",
	}
	presences = map[string]string{"never": "Never", "sometimes": "Sometimes", "always": "Always"}
	callers   = []struct{ word, constant string }{{"user", "UserCaller"}, {"role", "RoleCaller"}}
)

// renderKeys writes keys_gen.go: the keys in the order of their lower-case
// names, those names, and which of them are families.
func renderKeys(f *facts) (string, error) {
	all, err := f.allKeys()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString(header(
		"Condition keys: "+f.keys.Date+", "+keysFile+" sha256 "+f.sums[keysFile],
		"Service Authorization Reference: "+f.reference.Provenance.describe(),
		"  "+referenceFile+" sha256 "+f.sums[referenceFile],
	))
	var names, families []string
	out.WriteString("var keys = [...]KeyInfo{\n")
	for i, each := range all {
		if err := f.keyRow(&out, each); err != nil {
			return "", fmt.Errorf("%s: %w", each.Name, err)
		}
		names = append(names, fmt.Sprintf("%q", strings.ToLower(each.Name)))
		if strings.Contains(each.Name, "${") {
			families = append(families, fmt.Sprint(i))
		}
	}
	// A family with a longer fixed part is the more special one: the provider
	// that AWS names comes before any provider.
	slices.SortStableFunc(families, func(a, b string) int { return fixedLength(all, b) - fixedLength(all, a) })
	fmt.Fprintf(&out, "}\n\nvar keyNames = [...]string{\n%s,\n}\n\nvar keyFamilies = [...]uint16{%s}\n", strings.Join(names, ",\n"), strings.Join(families, ", "))
	return out.String(), nil
}

func fixedLength(all []keyFact, index string) int {
	var i int
	fmt.Sscan(index, &i)
	before, after, _ := cutPlaceholder(all[i].Name)
	return len(before) + len(after)
}

// cutPlaceholder splits a family's name around its one placeholder.
func cutPlaceholder(name string) (before, after string, ok bool) {
	before, rest, ok := strings.Cut(name, "${")
	_, after, _ = strings.Cut(rest, "}")
	return before, after, ok
}

func (f *facts) keyRow(out *strings.Builder, key keyFact) error {
	words, err := translateEach(
		word{key.Type, keyTypes}, word{key.Control, controls}, word{key.Basis, bases})
	if err != nil {
		return err
	}
	always, sometimes, err := f.presenceSets(key)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\t{Name: %q, Type: %s, Multi: %v, control: %s, Basis: %s,\n\t\tSource: %q,\n\t\talways: %v, sometimes: %v,",
		key.Name, words[0], key.Multi, words[1], words[2], key.Source, always, sometimes)
	if key.Tagged {
		out.WriteString(" untagged: true,")
	}
	if before, after, ok := cutPlaceholder(key.Name); ok {
		fmt.Fprintf(out, "\n\t\tfamily: &family{before: %q, after: %q, dotted: %v},", strings.ToLower(before), strings.ToLower(after), before == "")
	}
	if err := f.values(out, key); err != nil {
		return err
	}
	if key.Note != "" {
		fmt.Fprintf(out, "\n\t\tNote: %q,", key.Note)
	}
	out.WriteString("\n\t},\n")
	return nil
}

// presenceSets applies the presence entries in order.
func (f *facts) presenceSets(key keyFact) (always, sometimes words, err error) {
	for _, each := range key.Presence {
		set, err := f.actionsOn(key.Name, each.On)
		if err != nil {
			return always, sometimes, err
		}
		for i := range set {
			always[i] &^= set[i]
			sometimes[i] &^= set[i]
			switch each.Is {
			case "always":
				always[i] |= set[i]
			case "sometimes":
				sometimes[i] |= set[i]
			case "never":
			default:
				return always, sometimes, fmt.Errorf("unknown presence %q", each.Is)
			}
		}
	}
	return always, sometimes, nil
}

func (f *facts) values(out *strings.Builder, key keyFact) error {
	if len(key.Fixed) > 0 {
		out.WriteString("\n\t\tfixed: []fixedValues{")
		for _, each := range key.Fixed {
			set, err := f.actionsOn(key.Name, each.On)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "{%v, %#v}, ", set, each.Values)
		}
		out.WriteString("},")
	}
	if len(key.Ranges) > 0 {
		out.WriteString("\n\t\tranges: []fixedRange{")
		for _, each := range key.Ranges {
			set, err := f.actionsOn(key.Name, each.On)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "{%v, Range{%d, %d}}, ", set, each.From, each.To)
		}
		out.WriteString("},")
	}
	return callerList(out, key)
}

func callerList(out *strings.Builder, key keyFact) error {
	if len(key.Callers) == 0 {
		return nil
	}
	known := 0
	out.WriteString("\n\t\tcallers: [callerCount]callerFacts{")
	for _, kind := range callers {
		fact, ok := key.Callers[kind.word]
		if !ok {
			continue
		}
		known++
		fmt.Fprintf(out, "%s: {", kind.constant)
		for _, each := range []struct {
			field, word string
			dictionary  map[string]string
		}{{"presence", fact.Presence, presences}, {"control", fact.Control, controls}} {
			if each.word == "" {
				continue
			}
			constant, err := translate([]string{each.word}, each.dictionary)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s: %s, ", each.field, constant[0])
		}
		if fact.Values != nil {
			fmt.Fprintf(out, "values: %#v, ", fact.Values)
		}
		out.WriteString("}, ")
	}
	out.WriteString("},")
	if known != len(key.Callers) {
		return fmt.Errorf("a caller that is neither user nor role")
	}
	return nil
}

type word struct {
	text       string
	dictionary map[string]string
}

func translateEach(words ...word) ([]string, error) {
	var out []string
	for _, each := range words {
		constant, err := translate([]string{each.text}, each.dictionary)
		if err != nil {
			return nil, err
		}
		out = append(out, constant[0])
	}
	return out, nil
}
