package codeartifact

import (
	"sort"
	"strings"
)

// KeyType is the type of a condition key's values. The zero value is invalid.
type KeyType uint8

// The types.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
const (
	_ KeyType = iota
	StringKey
	ARNKey
	NumericKey
	DateKey
	BoolKey
	IPAddressKey
	BinaryKey
)

var keyTypeNames = [...]string{
	StringKey: "String", ARNKey: "ARN", NumericKey: "Numeric", DateKey: "Date", BoolKey: "Bool",
	IPAddressKey: "IPAddress", BinaryKey: "Binary",
}

// String returns AWS's word for t.
func (t KeyType) String() string {
	if int(t) < len(keyTypeNames) && keyTypeNames[t] != "" {
		return keyTypeNames[t]
	}
	return "invalid key type"
}

// Presence says whether requests carry a key. The zero value is invalid.
type Presence uint8

// The answers. Sometimes covers what is not known.
const (
	_ Presence = iota
	Never
	Sometimes
	Always
)

var presenceNames = [...]string{Never: "never", Sometimes: "sometimes", Always: "always"}

// String returns the answer in a word.
func (p Presence) String() string {
	if int(p) < len(presenceNames) && presenceNames[p] != "" {
		return presenceNames[p]
	}
	return "invalid presence"
}

// Control says who decides a key's value, and so whether a condition on it
// narrows a grant. The zero value is invalid.
type Control uint8

// The controls.
const (
	_ Control = iota
	// ByIdentity: fixed by who the caller is.
	ByIdentity
	// BySession: fixed when the caller's session began.
	BySession
	// ByCaller: any caller can arrange it at will.
	ByCaller
	// ByNetwork: follows from where the request comes from.
	ByNetwork
	// ByResource: a property of what the request is made to.
	ByResource
	// ByConstant: the same on every request.
	ByConstant
)

var controlNames = [...]string{
	ByIdentity: "identity", BySession: "session", ByCaller: "caller", ByNetwork: "network",
	ByResource: "resource", ByConstant: "constant",
}

// String returns the control in a word.
func (c Control) String() string {
	if int(c) < len(controlNames) && controlNames[c] != "" {
		return controlNames[c]
	}
	return "invalid control"
}

// Basis says how a fact is known. The zero value is invalid.
type Basis uint8

// The bases.
const (
	_           Basis = iota
	Documented        // AWS says so
	Observed          // seen in public artefacts
	Inferred          // follows from documented rules
	NotVerified       // taken so that nothing is left out
)

var basisNames = [...]string{
	Documented: "documented", Observed: "observed", Inferred: "inferred", NotVerified: "unverified",
}

// String returns the basis in a word.
func (b Basis) String() string {
	if int(b) < len(basisNames) && basisNames[b] != "" {
		return basisNames[b]
	}
	return "invalid basis"
}

// Caller is a kind of caller by which a key's presence may differ.
type Caller uint8

// The kinds. AnyCaller stands for callers of which nothing is known.
const (
	AnyCaller Caller = iota
	UserCaller
	RoleCaller

	callerCount = iota
)

// Range is a closed interval of whole numbers.
type Range struct{ From, To int64 }

// KeyInfo describes one condition key, or a family of keys that differ in one
// part: "aws:PrincipalTag/${TagKey}".
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
type KeyInfo struct {
	Name string // as AWS writes it, with the placeholder of a family
	Type KeyType
	// Multi says that a request may carry several values.
	Multi bool
	// Basis is the weakest basis of the presence and the values below.
	Basis  Basis
	Source string
	Note   string // often empty

	control           Control
	always, sometimes ActionSet
	untagged          bool // never on resources of a type without tags
	fixed             []fixedValues
	ranges            []fixedRange
	callers           [callerCount]callerFacts
	family            *family
}

type fixedValues struct {
	on     ActionSet
	values []string
}

type fixedRange struct {
	on ActionSet
	Range
}

// callerFacts is what differs for one kind of caller; zero fields do not.
type callerFacts struct {
	presence Presence
	control  Control
	values   []string
}

// family matches the names of a family: lower-case text before and after a
// placeholder that is not empty.
type family struct {
	before, after string
	dotted        bool // the placeholder's value holds a dot: a provider's host
}

// LookupKey returns the key with that name, letters without regard to case, and
// whether the table has it. A name with a tag key finds its family:
// aws:PrincipalTag/team finds aws:PrincipalTag/${TagKey}. The result must not be
// changed.
//
// The table has all global keys and all keys of codeartifact, sts and iam. A
// name it lacks may be a key that AWS has added since, or one of another
// service: see [ImpossibleKey].
func LookupKey(name string) (*KeyInfo, bool) {
	lower := strings.ToLower(name)
	i := sort.Search(len(keyNames), func(i int) bool { return keyNames[i] >= lower })
	if i < len(keyNames) && keyNames[i] == lower && keys[i].family == nil {
		return &keys[i], true
	}
	for _, i := range keyFamilies {
		if keys[i].family.has(lower) {
			return &keys[i], true
		}
	}
	return nil, false
}

func (f *family) has(name string) bool {
	if len(name) <= len(f.before)+len(f.after) || !strings.HasPrefix(name, f.before) || !strings.HasSuffix(name, f.after) {
		return false
	}
	middle := name[len(f.before) : len(name)-len(f.after)]
	return !f.dotted || strings.Contains(middle, ".")
}

// ImpossibleKey reports whether no request can carry a key of that name: it has
// the prefix of a service all of whose keys the table holds (codeartifact, sts,
// iam), and the table lacks it.
func ImpossibleKey(name string) bool {
	prefix, _, _ := strings.Cut(name, ":")
	if _, ours := lookupService(prefix); !ours {
		return false
	}
	_, known := LookupKey(name)
	return !known
}

// Family reports whether k stands for many keys.
func (k *KeyInfo) Family() bool { return k.family != nil }

// Presence says whether requests for a carry k, whoever calls.
func (k *KeyInfo) Presence(a Action) Presence { return k.PresenceFor(a, AnyCaller) }

// PresenceFor says whether requests for a by a caller of that kind carry k.
func (k *KeyInfo) PresenceFor(a Action, c Caller) Presence {
	general := Never
	switch {
	case k.always.Has(a):
		general = Always
	case k.sometimes.Has(a):
		general = Sometimes
	}
	// What the caller is can settle an open question, not bring in a key that
	// requests for the action do not have.
	if special := k.callers[c].presence; special != 0 && general == Sometimes {
		return special
	}
	return general
}

// PresenceOn says whether requests for a on a resource of type t carry k,
// whoever calls. It differs from Presence for tags of a resource alone.
func (k *KeyInfo) PresenceOn(a Action, t ResourceType) Presence {
	if k.untagged && !t.Info().Tags {
		return Never
	}
	return k.Presence(a)
}

// Control says who decides the value on a caller of that kind.
func (k *KeyInfo) Control(c Caller) Control {
	if special := k.callers[c].control; special != 0 {
		return special
	}
	return k.control
}

// Values returns the values that k can have on requests for a by that kind of
// caller, when it is present and they are few: nil means any value of the type.
// For a multi-valued key they are those that its set is made of. Requests for a
// bearer token are those for CodeArtifact: other services' tokens carry another
// sts:AWSServiceName.
func (k *KeyInfo) Values(a Action, c Caller) []string {
	if values := k.callers[c].values; values != nil {
		return values
	}
	for _, each := range k.fixed {
		if each.on.Has(a) {
			return each.values
		}
	}
	return nil
}

// Ranges returns the intervals that a numeric key's value lies in on requests
// for a: nil means any number.
func (k *KeyInfo) Ranges(a Action) []Range {
	var out []Range
	for _, each := range k.ranges {
		if each.on.Has(a) {
			out = append(out, each.Range)
		}
	}
	return out
}

// Keys returns every key and family of the table in order of its lower-case
// name.
func Keys() []*KeyInfo {
	out := make([]*KeyInfo, len(keys))
	for i := range keys {
		out[i] = &keys[i]
	}
	return out
}
