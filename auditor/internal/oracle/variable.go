package oracle

import (
	"strings"
	"unicode/utf8"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// expansion is a value of a policy with its variables replaced.
type expansion struct {
	symbols []symbol
	// valueless: some variable has no value, so that nothing matches.
	valueless bool
	// doubtful: some variable stands for several values, which AWS does not
	// allow, or is not closed.
	doubtful bool
	// early: some variable stands before the fifth colon.
	early bool
	used  bool
}

// expand replaces the variables of a value. Only version 2012-10-17 of the
// language has them; elsewhere ${…} is text. Wildcards in what a variable stands
// for are text, and so are the escapes ${*}, ${?} and ${$}.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
// and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
func (e *evaluation) expand(version policy.Version, text string) expansion {
	x := expansion{symbols: make([]symbol, 0, len(text))}
	colons := 0
	for text != "" {
		if version == policy.Version2012 && strings.HasPrefix(text, "${") {
			body, rest, closed := strings.Cut(text[2:], "}")
			if !closed {
				x.doubtful = true
			} else {
				x.early = x.early || colons < 5 && !lists([]string{"*", "?", "$"}, body)
				e.replace(body, &x)
				text = rest
				continue
			}
		}
		c, size := utf8.DecodeRuneInString(text)
		x.symbols = append(x.symbols, symbol{char: c, wild: c == '*' || c == '?'})
		if c == ':' {
			colons++
		}
		text = text[size:]
	}
	return x
}

// replace appends what one variable stands for.
func (e *evaluation) replace(body string, x *expansion) {
	if lists([]string{"*", "?", "$"}, body) {
		x.symbols = append(x.symbols, literals(body)...)
		return
	}
	x.used = true
	name, fallback, hasFallback := strings.Cut(body, ",")
	fallback = strings.TrimSpace(fallback)
	if hasFallback && (len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'') {
		x.doubtful = true
		return
	}
	key := strings.ToLower(strings.TrimSpace(name))
	info, listed := codeartifact.LookupKey(key)
	values := e.context[key]
	switch {
	case listed && info.Multi || len(values) > 1:
		x.doubtful = true
		x.symbols = append(x.symbols, symbol{char: '*', wild: true})
	case len(values) == 1:
		x.symbols = append(x.symbols, literals(values[0])...)
	case hasFallback:
		x.symbols = append(x.symbols, literals(fallback[1:len(fallback)-1])...)
	default:
		x.valueless = true
	}
}
