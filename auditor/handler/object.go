package handler

import (
	"encoding/json"
	"fmt"
)

// object is a JSON object whose members are decoded one at a time, by their
// exact name.
type object map[string]json.RawMessage

// decodeObject reads one JSON object; what says what the text is, for errors.
func decodeObject(what string, text []byte) (object, error) {
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("%s: no JSON object: %w", what, err)
	}
	if o == nil {
		return nil, fmt.Errorf("%s: null (expected a JSON object)", what)
	}
	return o, nil
}

// has reports whether the member is there and is not null.
func (o object) has(name string) bool {
	raw, ok := o[name]
	return ok && string(raw) != "null"
}

// text returns a string member; an absent or null one is empty.
func (o object) text(name string) (string, error) {
	if !o.has(name) {
		return "", nil
	}
	var text string
	if err := json.Unmarshal(o[name], &text); err != nil {
		return "", fmt.Errorf("%q is no string", name)
	}
	return text, nil
}

// flag returns a boolean member, which CloudTrail also writes as a string; an
// absent or null one is false.
func (o object) flag(name string) (bool, error) {
	switch string(o[name]) {
	case "", "null", "false", `"false"`:
		return false, nil
	case "true", `"true"`:
		return true, nil
	}
	return false, fmt.Errorf("%q is no boolean", name)
}

// object returns an object member; an absent or null one, or one that is no
// object, is empty.
func (o object) object(name string) object {
	var member object
	if json.Unmarshal(o[name], &member) != nil {
		return nil
	}
	return member
}
