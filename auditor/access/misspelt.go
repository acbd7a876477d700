package access

import (
	"slices"
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/codeartifact"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/spelling"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/policy"
)

// UnknownAction is an element of an Action or NotAction list that seems to mean an
// action of CodeArtifact's, or the bearer token, and names none.
type UnknownAction struct {
	By     Element
	Text   string // as written
	Effect policy.Effect
	Not    bool // in NotAction: what it was to keep out is let through
	// Nearest is the element that was probably meant; empty where nothing is near.
	// Slip: one typing error, another verb or another number is between the two.
	Nearest string
	Slip    bool
	// Meant are the actions that Nearest names.
	Meant codeartifact.ActionSet
	// Refused: the service is written with a wildcard, which IAM refuses.
	Refused bool
	// Service: the prefix is no service's, and CodeArtifact's is meant.
	Service bool
	// Intended is what its author evidently meant. Where nothing is near, it has
	// no action, and is never allowed.
	Intended Outcome
}

// UnknownActions returns the action elements of q that seem to mean an action of
// ours and name none.
func (w *World) UnknownActions(q *Policy) ([]UnknownAction, error) {
	var out []UnknownAction
	for i := range q.Document.Parsed.Statements {
		s := &q.Document.Parsed.Statements[i]
		for _, v := range policy.Values(s.Actions) {
			if !seemsOurs(v.Text) && !refusedButOurs(v.Text) {
				continue
			}
			u := explained(v.Text)
			_, u.Not = s.Actions.(policy.AllBut)
			u.By, u.Effect = Element{Policy: q.Policy, Statement: s, Place: v.Place}, s.Effect
			if err := w.intend(q, s, &u); err != nil {
				return nil, err
			}
			out = append(out, u)
		}
	}
	return out, nil
}

// intend decides what the author of an unknown action evidently meant.
func (w *World) intend(q *Policy, s *policy.Statement, u *UnknownAction) error {
	if u.Meant.IsEmpty() {
		u.Intended = Outcome{Request: Request{Caller: w.meantCallers(q, s)[0].name, Resource: "*", Context: map[string][]string{}}, Certainty: Sure}
		return nil
	}
	var err error
	u.Intended, err = w.meant(q, s, u.Meant, s.Resources)
	return err
}

const ourService, tokenService = "codeartifact", "sts"

// seemsOurs reports whether an action element without a wildcard in the service
// seems to mean an action of ours and names none. Nearly every element of an
// account is another service's, which costs a look at its length and at a letter
// or two.
func seemsOurs(element string) bool {
	colon := strings.IndexByte(element, ':')
	switch {
	case colon < 0:
		return false
	case colon == len(tokenService):
		return strings.EqualFold(element[:colon], tokenService) && soundsLikeToken(element[colon+1:]) && codeartifact.MatchActions(element).IsEmpty()
	case colon < len(ourService)-1 || colon > len(ourService)+1:
		return false
	case spelling.Slip(element[:colon], ourService):
		return !codeartifact.WildcardService(element)
	}
	return strings.EqualFold(element[:colon], ourService) && codeartifact.MatchActions(element).IsEmpty()
}

// soundsLikeToken reports whether the name of an action of sts speaks of tokens for
// services.
func soundsLikeToken(name string) bool {
	if len(name) < len("bearer") {
		return false
	}
	name = strings.ToLower(name)
	return strings.Contains(name, "bearer") || strings.Contains(name, "authorizationtoken")
}

// refusedButOurs reports whether an element has a wildcard in the service, which
// IAM refuses, and would otherwise name actions of CodeArtifact.
func refusedButOurs(element string) bool {
	return codeartifact.WildcardService(element) && codeartifact.MatchActions(element).Meets(codeartifact.CodeArtifactActions())
}

// explained says what an unknown action element was probably meant to be.
func explained(element string) UnknownAction {
	u := UnknownAction{Text: element}
	prefix, name, colon := strings.Cut(element, ":")
	switch {
	case refusedButOurs(element):
		u.Refused = true
		if !colon {
			name = "*"
		}
		u.Nearest = ourService + ":" + name
	case spelling.Slip(prefix, ourService):
		u.Service, u.Slip = true, true
		u.Nearest = ourService + ":" + name
		if codeartifact.MatchActions(u.Nearest).IsEmpty() {
			u.Nearest, _ = nearestName(ourService, name)
			u.Slip = false
		}
	case strings.EqualFold(prefix, tokenService):
		_, u.Slip = nearestName(tokenService, name)
		u.Nearest = codeartifact.GetServiceBearerToken.String()
	default:
		u.Nearest, u.Slip = nearestName(ourService, name)
	}
	u.Meant = codeartifact.MatchActions(u.Nearest)
	if a := u.Meant.First(); u.Meant.Len() == 1 && strings.EqualFold(a.String(), u.Nearest) {
		u.Nearest = a.String()
	}
	if u.Meant.IsEmpty() {
		u.Nearest = ""
	}
	return u
}

// nearestName returns the element that an unknown name of a service was probably
// meant to be, empty where none is near, and whether one slip is between them.
func nearestName(service, name string) (element string, slip bool) {
	if len(name) > spelling.Longest {
		return "", false
	}
	if strings.ContainsAny(name, "*?") {
		return repairedPattern(service, name)
	}
	best, rank, distance := "", farApart+1, 0
	for a := range codeartifact.CodeArtifactActions().Add(codeartifact.GetServiceBearerToken).All() {
		info := a.Info()
		r := likeness(name, info.Name)
		if info.Service != service && r > keyboardSlip {
			continue
		}
		d := spelling.Edits(strings.ToLower(name), strings.ToLower(info.Name))
		if r == farApart && (3*d > len(name) || d > 3) || r == sameVerb && 2*d > len(info.Name) {
			continue
		}
		if r < rank || r == rank && d < distance {
			best, rank, distance = a.String(), r, d
		}
	}
	return best, rank < sameVerb
}

// How a name can be like a known one, the most alike first. The name of another
// service's action is the same name.
const (
	sameName     = iota
	keyboardSlip // one letter
	grammarSlip  // another verb, or singular and plural
	bothSlips
	sameVerb
	farApart
)

func likeness(name, known string) int {
	verb, object := verbOf(name)
	knownVerb, knownObject := verbOf(known)
	switch {
	case strings.EqualFold(name, known):
		return sameName
	case spelling.Slip(name, known):
		return keyboardSlip
	case meaningOf(verb) != meaningOf(knownVerb) || number.Replace(object) != number.Replace(knownObject):
		if verb == knownVerb && verb != "" {
			return sameVerb
		}
		return farApart
	case verb == knownVerb || object == knownObject:
		return grammarSlip
	}
	return bothSlips
}

// verbs are words that people confuse in the names of actions, by meaning.
var verbs = [][]string{
	{"describe", "get", "list", "read", "show", "view", "fetch"},
	{"put", "update", "set", "modify", "change"},
	{"publish", "upload", "push"},
	{"create", "add", "make"},
	{"delete", "remove", "dispose"},
	{"associate", "attach", "connect"},
	{"disassociate", "detach", "disconnect"},
	{"copy", "clone"},
}

// verbOf takes the name of an action apart, in lower case. A verb that nobody
// confuses is left with the object.
func verbOf(name string) (verb, object string) {
	name = strings.ToLower(name)
	for _, alike := range verbs {
		for _, v := range alike {
			if rest, ok := strings.CutPrefix(name, v); ok && len(v) > len(verb) {
				verb, object = v, rest
			}
		}
	}
	if verb == "" {
		return "", name
	}
	return verb, object
}

func meaningOf(verb string) int {
	return slices.IndexFunc(verbs, func(alike []string) bool { return slices.Contains(alike, verb) })
}

// number drops what singular and plural differ in, and small words that are easily
// forgotten.
var number = strings.NewReplacer("service", "", "from", "", "ies", "y", "s", "")

// fewestLetters is what a pattern must hold beside wildcards to be like anything.
const fewestLetters = 4

// repairedPattern returns the pattern that one slip makes of an unknown one with
// wildcards, empty where no such pattern names an action.
func repairedPattern(service, name string) (element string, slip bool) {
	name = starred(name)
	if len(name)-strings.Count(name, "*")-strings.Count(name, "?") < fewestLetters {
		return "", false
	}
	for a := range codeartifact.CodeArtifactActions().Add(codeartifact.GetServiceBearerToken).All() {
		if info := a.Info(); info.Service == service {
			if repaired := repair(name, info.Name); repaired != "" {
				return service + ":" + repaired, true
			}
		}
	}
	return "", false
}

// repair returns pattern with one letter put in, put right, taken out or put in its
// place, so that it matches name; empty where that is not enough.
func repair(pattern, name string) string {
	low, lowName := strings.ToLower(pattern), strings.ToLower(name)
	before, behind := matchingParts(low, lowName)
	for i := range len(low) + 1 {
		letter := func(k int) bool { return k < len(low) && low[k] != '*' && low[k] != '?' }
		for j := range len(lowName) + 1 {
			switch {
			case !before[i][j]:
			case letter(i) && letter(i+1) && j+2 <= len(name) && low[i] == lowName[j+1] && low[i+1] == lowName[j] && behind[i+2][j+2]:
				return pattern[:i] + name[j:j+2] + pattern[i+2:]
			case letter(i) && j < len(name) && behind[i+1][j+1]:
				return pattern[:i] + name[j:j+1] + pattern[i+1:]
			case j < len(name) && behind[i][j+1]:
				return pattern[:i] + name[j:j+1] + pattern[i:]
			case letter(i) && behind[i+1][j]:
				return pattern[:i] + pattern[i+1:]
			}
		}
	}
	return ""
}

// matchingParts reports which beginnings of a pattern match which of a name, and
// which ends.
func matchingParts(pattern, name string) (before, behind [][]bool) {
	table := func() [][]bool {
		t := make([][]bool, len(pattern)+1)
		for i := range t {
			t[i] = make([]bool, len(name)+1)
		}
		return t
	}
	before, behind = table(), table()
	before[0][0], behind[len(pattern)][len(name)] = true, true
	for i := range len(pattern) {
		for j := range len(name) + 1 {
			if before[i][j] {
				step(pattern[i], name, j, func(next int) { before[i+1][next] = true })
			}
		}
	}
	for i := len(pattern) - 1; i >= 0; i-- {
		for j := range len(name) + 1 {
			step(pattern[i], name, j, func(next int) { behind[i][j] = behind[i][j] || behind[i+1][next] })
		}
	}
	return before, behind
}

// step calls to for each place in a name that one character of a pattern can lead
// to from another.
func step(c byte, name string, from int, to func(int)) {
	switch {
	case c == '*':
		for next := from; next <= len(name); next++ {
			to(next)
		}
	case from < len(name) && (c == '?' || c == name[from]):
		to(from + 1)
	}
}
