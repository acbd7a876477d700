package policy

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"

// Print returns the document as JSON text in one layout: elements in the order of
// IAM's examples, a list of one value as the value alone. Parsed again it has the
// same version, id and statements as d, at other places. What is missing from
// d.Statements because it was lost is missing from the text.
func (d *Document) Print() []byte {
	w := writer{'{'}
	w.member("Version", d.Version.String())
	if d.ID != "" {
		w.member("Id", d.ID)
	}
	w.name("Statement")
	w.open('[')
	for _, s := range d.Statements {
		w.comma()
		w.statement(s)
	}
	w.close(']')
	w.close('}')
	return jsonpos.Indent(w)
}

// writer appends JSON. It knows whether a comma is due from what it has written.
type writer []byte

func (w *writer) comma() {
	switch last := (*w)[len(*w)-1]; last {
	case '{', '[', ':':
	default:
		*w = append(*w, ',')
	}
}

func (w *writer) open(bracket byte)  { *w = append(*w, bracket) }
func (w *writer) close(bracket byte) { *w = append(*w, bracket) }

func (w *writer) name(name string) {
	w.comma()
	*w = append(jsonpos.AppendQuote(*w, name), ':')
}

func (w *writer) text(text string) {
	w.comma()
	*w = jsonpos.AppendQuote(*w, text)
}

func (w *writer) member(name, text string) {
	w.name(name)
	w.text(text)
}

// list writes texts as one value when there is one, else as a list.
func (w *writer) list(texts []string) {
	if len(texts) == 1 {
		w.text(texts[0])
		return
	}
	w.open('[')
	for _, text := range texts {
		w.text(text)
	}
	w.close(']')
}

func (w *writer) statement(s Statement) {
	w.open('{')
	if s.Sid != "" {
		w.member("Sid", s.Sid)
	}
	w.member("Effect", s.Effect.String())
	if s.Principals != nil {
		name := "Principal"
		if _, not := s.Principals.(AllButPrincipals); not {
			name = "NotPrincipal"
		}
		w.name(name)
		w.principals(Principals(s.Principals))
	}
	w.clause("Action", s.Actions)
	w.clause("Resource", s.Resources)
	if len(s.Conditions) > 0 {
		w.name("Condition")
		w.conditions(s.Conditions)
	}
	w.close('}')
}

func (w *writer) clause(name string, c Clause) {
	switch c.(type) {
	case nil:
		return
	case Only:
	case AllBut:
		name = "Not" + name
	}
	w.name(name)
	w.list(textsOf(Values(c), func(v Value) string { return v.Text }))
}

func (w *writer) principals(list []Principal) {
	if len(list) == 1 && list[0].Type == Everyone {
		w.text("*")
		return
	}
	w.open('{')
	for len(list) > 0 {
		t, same := list[0].Type, 1
		for same < len(list) && list[same].Type == t {
			same++
		}
		w.name(t.String())
		w.list(textsOf(list[:same], func(p Principal) string { return p.Text }))
		list = list[same:]
	}
	w.close('}')
}

func (w *writer) conditions(list []Condition) {
	w.open('{')
	for len(list) > 0 {
		operator := list[0].Operator.Text
		w.name(operator)
		w.open('{')
		for len(list) > 0 && list[0].Operator.Text == operator {
			w.name(list[0].Key)
			w.list(textsOf(list[0].Values, func(v ConditionValue) string { return v.Text }))
			list = list[1:]
		}
		w.close('}')
	}
	w.close('}')
}

func textsOf[T any](list []T, text func(T) string) []string {
	texts := make([]string, len(list))
	for i, element := range list {
		texts[i] = text(element)
	}
	return texts
}
