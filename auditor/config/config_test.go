package config

import (
	"testing"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

const breakGlass = "arn:aws:iam::111122223333:role/break-glass"

func TestExceptionCovers(t *testing.T) {
	target := Target{
		Rule: "grant/full-access", ID: "00112233445566778899aabbccddeeff", Account: "111122223333",
		Subject: "arn:aws:iam::111122223333:policy/wide", Path: "policies/wide.json",
		Principals: []string{breakGlass, breakGlass + "-2"},
	}
	for _, tt := range []struct {
		name string
		e    Exception
		want bool
	}{
		{"no match is every subject", Exception{Rules: []string{"grant/full-access"}}, true},
		{"another rule", Exception{Rules: []string{"grant/admin-access"}}, false},
		{"a pattern of rules", Exception{Rules: []string{"token/misplaced", "grant/*"}}, true},
		{"never a part of the rule", Exception{Rules: []string{"grant/full"}}, false},
		{"account", Exception{Rules: []string{"grant/*"}, Match: Match{Account: "111122223333"}}, true},
		{"another account", Exception{Rules: []string{"grant/*"}, Match: Match{Account: "444455556666"}}, false},
		{"never a part of the account", Exception{Rules: []string{"grant/*"}, Match: Match{Account: "1111"}}, false},
		{"subject by wildcard", Exception{Rules: []string{"grant/*"}, Match: Match{Subject: "arn:aws:iam::*:policy/wide"}}, true},
		{"wildcard is anchored", Exception{Rules: []string{"grant/*"}, Match: Match{Subject: "*:policy/wid"}}, false},
		{"question mark is itself", Exception{Rules: []string{"grant/*"}, Match: Match{Subject: "arn:aws:iam::111122223333:policy/wid?"}}, false},
		{"case matters", Exception{Rules: []string{"grant/*"}, Match: Match{Subject: "arn:aws:iam::111122223333:policy/Wide"}}, false},
		{"path", Exception{Rules: []string{"grant/*"}, Match: Match{Path: "policies/*"}}, true},
		{"id", Exception{Rules: []string{"grant/*"}, Match: Match{ID: target.ID}}, true},
		{"one principal of two is not enough", Exception{Rules: []string{"grant/*"}, Match: Match{Principal: breakGlass}}, false},
		{"every principal", Exception{Rules: []string{"grant/*"}, Match: Match{Principal: breakGlass + "*"}}, true},
		{"all fields must match", Exception{Rules: []string{"grant/*"}, Match: Match{Principal: breakGlass + "*", Account: "444455556666"}}, false},
	} {
		if got := tt.e.Covers(target); got != tt.want {
			t.Errorf("%s: Covers = %v, want %v", tt.name, got, tt.want)
		}
	}
	nobody := target
	nobody.Principals = nil
	if e := (Exception{Rules: []string{"grant/*"}, Match: Match{Principal: "*"}}); e.Covers(nobody) {
		t.Error("an exception for a principal covers a finding that affects nobody")
	}
}

func TestExceptHoldsThroughItsLastDay(t *testing.T) {
	c := &Config{Exceptions: []Exception{
		{Rules: []string{"token/misplaced"}, Expires: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Rules: []string{"grant/*"}, Expires: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC), Reason: "first"},
	}}
	target := Target{Rule: "grant/full-access"}
	last := time.Date(2027, 3, 31, 23, 59, 59, 0, time.UTC)
	if e, ok := c.Except(target, last); !ok || e != &c.Exceptions[1] {
		t.Errorf("on the last day: Except = %v, %v; want the second entry", e, ok)
	}
	if e, ok := c.Except(target, last.Add(time.Second)); ok {
		t.Errorf("after the last day: Except = %v", e)
	}
	west := time.Date(2027, 3, 31, 23, 0, 0, 0, time.FixedZone("west", -8*3600))
	if _, ok := c.Except(target, west); ok {
		t.Error("the last day is one of UTC, not of the caller's zone")
	}
	if _, ok := (*Config)(nil).Except(target, last); ok {
		t.Error("no configuration excepts something")
	}
}

func TestExpiring(t *testing.T) {
	e := Exception{Expires: time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC)}
	for day, want := range map[string]bool{"2027-03-01": false, "2027-03-02": true, "2027-03-31": true, "2027-04-01": false} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Expiring(now); got != want {
			t.Errorf("%s: Expiring = %v, want %v", day, got, want)
		}
	}
}

func TestKindOf(t *testing.T) {
	c := &Config{Kinds: []KindRule{
		{"scps/**", inventory.SCP}, {"**/*.domain.json", inventory.DomainPolicy}, {"a/**/b/?.json", inventory.Trust}, {"x/*", inventory.Session},
	}}
	for path, want := range map[string]inventory.Kind{
		"scps/a.json": inventory.SCP, "scps/a/b.json": inventory.SCP, "my-scps/a.json": 0,
		"team.domain.json": inventory.DomainPolicy, "deep/er/team.domain.json": inventory.DomainPolicy,
		"a/b/c.json": inventory.Trust, "a/1/2/b/c.json": inventory.Trust, "a/b/cc.json": 0,
		"x/y": inventory.Session, "x/y/z": 0, "": 0,
	} {
		if got, ok := c.KindOf(path); got != want || ok != (want != 0) {
			t.Errorf("KindOf(%q) = %v, %v; want %v", path, got, ok, want)
		}
	}
}

func TestAdministratorsAndTrust(t *testing.T) {
	c := &Config{
		TrustedAccounts: []string{"444455556666"},
		Administrators:  []string{"arn:aws:iam::*:role/platform/*", "arn:aws:iam::111122223333:user/root-of-artifacts"},
	}
	for principal, want := range map[string]bool{
		"arn:aws:iam::777788889999:role/platform/x":            true,
		"arn:aws:iam::777788889999:role/x":                     false,
		"arn:aws:iam::111122223333:user/root-of-artifacts":     true,
		"arn:aws:iam::111122223333:user/root-of-artifacts-too": false,
	} {
		if got := c.Administrator(principal); got != want {
			t.Errorf("Administrator(%q) = %v, want %v", principal, got, want)
		}
	}
	if !c.Trusts("444455556666") || c.Trusts("4444") {
		t.Error("Trusts must match whole account ids")
	}
	var none *Config
	if none.Trusts("444455556666") || none.Administrator(breakGlass) || none.Rule("x") != (RuleSetting{}) || none.TokenLifetime() != 12*time.Hour {
		t.Error("no configuration is the default configuration")
	}
}
