package denied_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access/denied"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

const (
	session = "arn:aws:sts::111122223333:assumed-role/ci/session"
	domain  = "arn:aws:codeartifact:us-east-1:444455556666:domain/team"
	start   = "User: " + session + " is not authorized to perform: codeartifact:GetAuthorizationToken on resource: " + domain
	scp     = "arn:aws:organizations::777788889999:policy/o-a1b2c3d4e5/service_control_policy/p-examplepolicyid"
)

func TestParseReadsTheReason(t *testing.T) {
	implicit := func(k inventory.Kind) denied.Reason { return denied.Reason{Kind: k} }
	explicit := func(k inventory.Kind) denied.Reason { return denied.Reason{Explicit: true, Kind: k} }
	for _, tt := range []struct {
		ending string
		want   denied.Reason
	}{
		{"", denied.Reason{}},
		{" because no identity-based policy allows the codeartifact:GetAuthorizationToken action", implicit(inventory.Identity)},
		{" because no resource-based policy allows the codeartifact:GetAuthorizationToken action", implicit(inventory.DomainPolicy)},
		{" because no permissions boundary allows the codeartifact:GetAuthorizationToken action", implicit(inventory.Boundary)},
		{" because no service control policy allows the codeartifact:GetAuthorizationToken action", implicit(inventory.SCP)},
		{" because no resource control policy allows the codeartifact:GetAuthorizationToken action", implicit(inventory.RCP)},
		{" because no session policy allows the codeartifact:GetAuthorizationToken action", implicit(inventory.Session)},
		{" because no VPC endpoint policy allows the codeartifact:GetAuthorizationToken action", implicit(inventory.Endpoint)},
		{" with an explicit deny in an identity-based policy", explicit(inventory.Identity)},
		{" with an explicit deny in a resource-based policy", explicit(inventory.DomainPolicy)},
		{" with an explicit deny in a permissions boundary", explicit(inventory.Boundary)},
		{" with an explicit deny in a service control policy", explicit(inventory.SCP)},
		{" with an explicit deny in a resource control policy", explicit(inventory.RCP)},
		{" with an explicit deny in a session policy", explicit(inventory.Session)},
		{" with an explicit deny in a VPC endpoint policy", explicit(inventory.Endpoint)},
		{" with an explicit deny", explicit(0)},
		{" with an explicit deny in a service control policy: " + scp, denied.Reason{Explicit: true, Kind: inventory.SCP, Policy: scp}},
		{" because the moon is full", denied.Reason{}},
	} {
		ending, want := tt.ending, tt.want
		got, err := denied.Parse(start + ending)
		if err != nil {
			t.Errorf("%q: %v", ending, err)
			continue
		}
		if want := (denied.Denial{User: session, Action: "codeartifact:GetAuthorizationToken", Resource: domain, Reason: want}); got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", ending, got, want)
		}
		if words := got.Reason.String(); !strings.HasPrefix(strings.TrimSpace(ending), strings.TrimSuffix(words, " it")) && want.Kind != 0 {
			t.Errorf("%q is told as %q", ending, words)
		}
		if got.None() != (want == denied.Reason{}) {
			t.Errorf("%q: None is %v", ending, got.None())
		}
	}
}

func TestParseReadsWhatStandsAround(t *testing.T) {
	want := denied.Denial{User: session, Action: "sts:GetServiceBearerToken", Resource: "*", Reason: denied.Reason{Kind: inventory.Identity}}
	const text = "User: " + session + " is not authorized to perform: sts:GetServiceBearerToken on resource: * because no identity-based policy allows the sts:GetServiceBearerToken action"
	for _, around := range []string{
		"%s",
		"An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: %s\n",
		`{"message": "%s"}`,
		"operation error codeartifact: GetAuthorizationToken, https response error StatusCode: 403, RequestID: 0, AccessDeniedException: %s.",
		"botocore.exceptions.ClientError: '%s'",
	} {
		for _, broken := range []string{text, strings.ReplaceAll(text, " ", "\r\n  ")} {
			if got, err := denied.Parse(fmt.Sprintf(around, broken)); err != nil || got != want {
				t.Errorf(around+":\n got %+v, %v\nwant %+v", "…", got, err, want)
			}
		}
	}
}

func TestParseWithoutReasonEndsAtTheResource(t *testing.T) {
	for _, ending := range []string{".", `"`, `"}`, `\"`, "',", ""} {
		got, err := denied.Parse(`"` + start + ending)
		if err != nil || got.Resource != domain {
			t.Errorf("%q: resource %q, %v", ending, got.Resource, err)
		}
	}
}

func TestParseWithoutResource(t *testing.T) {
	got, err := denied.Parse("User: " + session + " is not authorized to perform: codeartifact:ListDomains with an explicit deny in a service control policy")
	if err != nil || got.Resource != "" || got.Action != "codeartifact:ListDomains" || got.Kind != inventory.SCP || !got.Explicit {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseRefusesOtherTexts(t *testing.T) {
	for _, text := range []string{"", "access denied", "User is not authorized to perform that", "User: x is not authorized to perform:"} {
		if got, err := denied.Parse(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(start + " because no identity-based policy allows the action")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := denied.Parse(text)
		if err == nil && (d.User == "" && d.Action == "" || strings.ContainsAny(d.User+d.Action+d.Resource, " \n\t")) {
			t.Errorf("%q is read as %+v", text, d)
		}
	})
}
