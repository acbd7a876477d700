package access_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"
)

// user writes a user of the account details.
func user(name string, statements ...string) string {
	return fmt.Sprintf(`{"Arn": "arn:aws:iam::111122223333:user/%[1]s", "UserName": "%[1]s", "UserId": "AIDA%[1]s", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": %[2]s}]}`,
		name, document(append(statements, allow("", "s3:*", "*", ""))...))
}

func whoCan(t *testing.T, x *access.Access, action, resource string) string {
	t.Helper()
	permitted, gaps, err := ask(t, x, action, resource, nil).WhoCan()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range permitted {
		lines = append(lines, strings.TrimPrefix(p.ARN, "arn:aws:iam::111122223333:")+" "+tell(p.Answer))
		for _, r := range p.Because {
			if r.Policy.Holder != p.ARN && r.Policy.Holder != ownDomain {
				t.Errorf("%s: because of a policy of %s", p.ARN, r.Policy.Holder)
			}
		}
	}
	for _, g := range gaps {
		lines = append(lines, "gap "+g.Where)
	}
	return strings.Join(lines, "\n")
}

func TestWhoCan(t *testing.T) {
	w := world{
		identity: []string{allow("", read, ownRepo, "")},
		principal: strings.Join([]string{
			user("ann", allow("", read, "*", office)), user("bob", allow("", read, "*", office)), user("cid"),
			user("dan", allow("", "*", "*", ""), deny("", read, "*", "")),
		}, ","),
	}
	const want = "role/ci allow allows:identity[0]\n" +
		"user/ann depends on aws:SourceIp allows:identity[0]\n" +
		"user/bob depends on aws:SourceIp allows:identity[0]"
	if got := whoCan(t, resolve(w.inventory(t)), read, ownRepo); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Without a resource the question is whether there is one: allowed where there is
// one on which no free key matters.
func TestWhoCanOnSomeResource(t *testing.T) {
	elsewhere := `{"StringNotEquals": {"aws:ResourceTag/team": "red"}}`
	for _, tt := range []struct {
		name  string
		world world
		want  string
	}{
		{"nowhere", world{identity: []string{allow("", token, "*", "")}}, ""},
		{"one", world{identity: []string{allow("", read, ownRepo, "")}}, "role/ci allow allows:identity[0]"},
		{"a condition everywhere", world{identity: []string{allow("", read, "*", office)}}, "role/ci depends on aws:SourceIp allows:identity[0]"},
		{"a condition on all but one", world{identity: []string{allow("", read, "*", office), allow("", read, "arn:aws:codeartifact:eu-west-1:111122223333:repository/far/one", "")}}, "role/ci allow allows:identity[1]"},
		{"a deny on what would be shown first", world{identity: []string{allow("", read, "*", ""), deny("", read, ownRepo, elsewhere)}}, "role/ci allow allows:identity[0]"},
		{"halves that meet on one repository", world{identity: []string{
			allow("", read, "arn:aws:codeartifact:us-east-1:111122223333:repository/team/*", `{"Bool": {"aws:MultiFactorAuthPresent": "true"}}`),
			allow("", read, "arn:aws:codeartifact:us-east-1:111122223333:repository/*/zeta", noMFA),
		}}, "role/ci allow allows:identity[0] allows:identity[1]"},
		{"denied on every one", world{identity: []string{allow("", read, "*", ""), deny("", "*", "*", "")}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := whoCan(t, resolve(tt.world.inventory(t)), read, ""); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestPrincipalByName(t *testing.T) {
	w := world{principal: user("ann") + "," + user("ci2") + "," +
		`{"Arn": "arn:aws:iam::111122223333:user/team/deep", "UserName": "deep", "Path": "/team/"}`}
	x := resolve(w.inventory(t))
	const deep = "arn:aws:iam::111122223333:user/team/deep"
	for name, want := range map[string]string{
		ci: ci, "role/ci": ci, "ci": ci, "arn:aws:sts::111122223333:assumed-role/ci/session": ci,
		"user/deep": deep, "deep": deep, deep: deep, "arn:aws:iam::111122223333:user/deep": deep, "user/team/deep": deep,
	} {
		if p, err := x.Principal(name); err != nil || p.ARN != want {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	for name, want := range map[string]string{
		"user/ci": "no user or role", "CI": "no user or role", "": "no user or role", "user/other/deep": "no user or role",
		"arn:aws:iam::444455556666:role/ci":                "no user or role",
		"arn:aws:iam::111122223333:group/all":              "is a group",
		"arn:aws:iam::111122223333:root":                   "root user",
		"arn:aws:sts::111122223333:federated-user/bob":     "federated user",
		"arn:aws:s3:::bucket":                              "is no principal",
		"arn:aws:sts::111122223333:assumed-role/other/ann": "no user or role",
	} {
		_, err := x.Principal(name)
		if wrong, ok := errors.AsType[*access.PrincipalError](err); !ok || !strings.Contains(wrong.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	var wrong *access.PrincipalError
	if _, err := x.Principal("role/c1"); !errors.As(err, &wrong) || !slices.Contains(wrong.Near, ci) {
		t.Errorf("nothing near role/c1: %v", err)
	}
}
