package rules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
)

// rewriting changes inputs without changing what they say.
type rewriting struct {
	name string
	node func(any) any // of each JSON value, after what is in it
	file func([]txtar.File)
}

var rewritings = []rewriting{
	{name: "writing everything on one line", node: func(v any) any { return v }},
	{name: "reversing statements, entities and files", node: reversed, file: slices.Reverse[[]txtar.File]},
	{name: "renaming Sids", node: renamedSids},
}

// object is a JSON object with its members in order, duplicates included: old
// policies have some.
type object []member

type member struct {
	name  string
	value any
}

func (r rewriting) rewrite(t *testing.T, inputs []txtar.File) []txtar.File {
	t.Helper()
	var out []txtar.File
	for _, file := range inputs {
		var text bytes.Buffer
		d := json.NewDecoder(bytes.NewReader(file.Data))
		d.UseNumber()
		for {
			value, err := decode(d)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file.Name, err)
			}
			encode(&text, r.apply(value))
			text.WriteByte('\n')
		}
		out = append(out, txtar.File{Name: file.Name, Data: text.Bytes()})
	}
	if r.file != nil {
		r.file(out)
	}
	return out
}

// apply rewrites a value from the inside out, policies that are written as
// strings included.
func (r rewriting) apply(value any) any {
	switch v := value.(type) {
	case object:
		for i := range v {
			v[i].value = r.apply(v[i].value)
		}
	case []any:
		for i := range v {
			v[i] = r.apply(v[i])
		}
	case string:
		return r.quoted(v)
	}
	return r.node(value)
}

func (r rewriting) quoted(text string) string {
	decoded, encoded := text, strings.HasPrefix(text, "%7B")
	if encoded {
		decoded, _ = url.PathUnescape(text)
	}
	if !strings.Contains(decoded, `"Statement"`) {
		return text
	}
	d := json.NewDecoder(strings.NewReader(decoded))
	d.UseNumber()
	value, err := decode(d)
	if err != nil {
		return text
	}
	var out bytes.Buffer
	encode(&out, r.apply(value))
	if encoded {
		return url.PathEscape(out.String())
	}
	return out.String()
}

// reversed reverses lists, and members of objects where none is there twice.
func reversed(value any) any {
	switch v := value.(type) {
	case []any:
		slices.Reverse(v)
	case object:
		names := map[string]bool{}
		for _, m := range v {
			names[m.name] = true
		}
		if len(names) == len(v) {
			slices.Reverse(v)
		}
	}
	return value
}

func renamedSids(value any) any {
	o, _ := value.(object)
	for i := range o {
		if sid, ok := o[i].value.(string); ok && o[i].name == "Sid" {
			o[i].value = "Renamed" + sid
		}
	}
	return value
}

func decode(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := decode(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{name.(string), value})
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := decode(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = d.Token()
		return list, err
	}
	return token, nil
}

func encode(out *bytes.Buffer, value any) {
	switch v := value.(type) {
	case object:
		for i, m := range v {
			out.WriteByte("{,"[min(i, 1)])
			encode(out, m.name)
			out.WriteByte(':')
			encode(out, m.value)
		}
		if len(v) == 0 {
			out.WriteByte('{')
		}
		out.WriteByte('}')
	case []any:
		for i, x := range v {
			out.WriteByte("[,"[min(i, 1)])
			encode(out, x)
		}
		if len(v) == 0 {
			out.WriteByte('[')
		}
		out.WriteByte(']')
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // a token of the decoder always has a spelling
		}
		out.Write(text)
	}
}

// verdicts are the findings of a report without places and wording: what must
// not depend on how the inputs are written.
func verdicts(r *auditor.Report) []string {
	list := []string{}
	for _, f := range r.Findings {
		list = append(list, fmt.Sprintf("%s %s %v, confidence %v, affects %v, absorbs %v", f.ID, f.Rule, f.Severity, f.Confidence, f.Affected, f.Absorbed))
	}
	for _, s := range r.Suppressed {
		list = append(list, fmt.Sprintf("excepted %s %s", s.ID, s.Rule))
	}
	for _, g := range r.Gaps {
		list = append(list, "gap "+g.Where+": "+g.Reason)
	}
	slices.Sort(list)
	return list
}
