package handler_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// matches decides an EventBridge pattern for an event, for the part of the
// language that the template uses and its neighbours: exact values, prefix,
// suffix, exists, anything-but, equals-ignore-case. Anything else is an error.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func matches(pattern map[string]any, event map[string]any) (bool, error) {
	for name, want := range pattern {
		have, present := event[name]
		switch want := want.(type) {
		case map[string]any:
			inner, _ := have.(map[string]any)
			if ok, err := matches(want, inner); err != nil || !ok {
				return false, err
			}
		case []any:
			if ok, err := matchesAny(want, have, present); err != nil || !ok {
				return false, err
			}
		default:
			return false, fmt.Errorf("%s: %v is neither list nor object", name, want)
		}
	}
	return true, nil
}

// matchesAny decides the list of alternatives at a leaf. A field that holds a
// list matches when an element of it does.
func matchesAny(alternatives []any, have any, present bool) (bool, error) {
	values, isList := have.([]any)
	if !isList {
		values = []any{have}
	}
	for _, alternative := range alternatives {
		test, isTest := alternative.(map[string]any)
		if exists, ok := test["exists"]; ok {
			// exists looks at leaves: an object is not one.
			_, isObject := have.(map[string]any)
			if (present && !isObject) == exists.(bool) {
				return true, nil
			}
			continue
		}
		for _, value := range values {
			if !present {
				continue
			}
			if !isTest {
				if reflect.DeepEqual(alternative, value) {
					return true, nil
				}
				continue
			}
			if ok, err := passes(test, value); err != nil || ok {
				return ok, err
			}
		}
	}
	return false, nil
}

func passes(test map[string]any, value any) (bool, error) {
	text, isText := value.(string)
	for operator, operand := range test {
		word, _ := operand.(string)
		switch operator {
		case "prefix":
			return isText && strings.HasPrefix(text, word), nil
		case "suffix":
			return isText && strings.HasSuffix(text, word), nil
		case "equals-ignore-case":
			return isText && strings.EqualFold(text, word), nil
		case "anything-but":
			but, isList := operand.([]any)
			if !isList {
				but = []any{operand}
			}
			return !slices.Contains(but, value), nil
		}
		return false, fmt.Errorf("operator %q is not known here", operator)
	}
	return false, fmt.Errorf("empty test")
}

func TestPatternLanguage(t *testing.T) {
	event := object(t, `{"source":"aws.iam","detail":{"eventName":"PutRolePolicy","n":1,"tags":["a","b"],"gone":null,"o":{"x":1}}}`)
	for pattern, want := range map[string]bool{
		`{"source":["aws.iam"]}`:                                            true,
		`{"source":["aws.s3","aws.iam"]}`:                                   true,
		`{"source":["aws"]}`:                                                false,
		`{"Source":["aws.iam"]}`:                                            false,
		`{"source":["aws.iam"],"detail":{"eventName":["X"]}}`:               false,
		`{"detail":{"eventName":["PutRolePolicy"]}}`:                        true,
		`{"detail":{"n":[1]}}`:                                              true,
		`{"detail":{"n":["1"]}}`:                                            false,
		`{"detail":{"tags":["b"]}}`:                                         true,
		`{"detail":{"tags":["c"]}}`:                                         false,
		`{"detail":{"errorCode":[{"exists":false}]}}`:                       true,
		`{"detail":{"eventName":[{"exists":false}]}}`:                       false,
		`{"detail":{"eventName":[{"exists":true}]}}`:                        true,
		`{"detail":{"o":[{"exists":true}]}}`:                                false,
		`{"detail":{"gone":[{"exists":true}]}}`:                             true,
		`{"detail":{"gone":[null]}}`:                                        true,
		`{"detail":{"missing":{"x":["y"]}}}`:                                false,
		`{"detail":{"missing":{"x":[{"exists":false}]}}}`:                   true,
		`{"detail":{"eventName":[{"prefix":"Put"}]}}`:                       true,
		`{"detail":{"eventName":[{"suffix":"Role"}]}}`:                      false,
		`{"detail":{"eventName":[{"anything-but":["PutRolePolicy"]}]}}`:     false,
		`{"detail":{"eventName":[{"anything-but":"X"}]}}`:                   true,
		`{"detail":{"missing":[{"anything-but":"X"}]}}`:                     false,
		`{"detail":{"eventName":[{"equals-ignore-case":"putrolepolicy"}]}}`: true,
	} {
		if got, err := matches(object(t, pattern), event); err != nil || got != want {
			t.Errorf("%s: %t, %v (expected %t)", pattern, got, err, want)
		}
	}
	for _, pattern := range []string{`{"source":"aws.iam"}`, `{"source":[{"numeric":[">",1]}]}`, `{"source":[{}]}`} {
		if _, err := matches(object(t, pattern), event); err == nil {
			t.Errorf("%s: no error", pattern)
		}
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

// rules returns the event patterns of a template's rules for what comes in on
// the default bus, by the name of the rule.
func rules(t *testing.T, file string) map[string]map[string]any {
	t.Helper()
	return rulesOn(t, file, nil)
}

// rulesOn returns those on a bus, where there are member accounts, as EventBridge
// gets them: JSON.
func rulesOn(t *testing.T, file string, bus any) map[string]map[string]any {
	t.Helper()
	patterns := make(map[string]map[string]any)
	for name, resource := range deployed(t, file) {
		if resource.Type != "AWS::Events::Rule" || resource.Properties["EventBusName"] != bus {
			continue
		}
		text, err := json.Marshal(resource.Properties["EventPattern"])
		if err != nil {
			t.Fatal(err)
		}
		if len(text) >= 2048 {
			t.Errorf("rule %s: pattern of %d characters (expected fewer than 2048)", name, len(text))
		}
		patterns[name] = object(t, string(text))
	}
	return patterns
}
