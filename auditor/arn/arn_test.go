package arn

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]ARN{
		"arn:aws:iam::111122223333:role/team/ci":                                   {"aws", "iam", "", "111122223333", "role/team/ci"},
		"arn:aws-cn:codeartifact:cn-north-1:111122223333:repository/team/app":      {"aws-cn", "codeartifact", "cn-north-1", "111122223333", "repository/team/app"},
		"arn:aws:codeartifact:eu-west-1:111122223333:package/team/app/maven/a:b/c": {"aws", "codeartifact", "eu-west-1", "111122223333", "package/team/app/maven/a:b/c"},
		"arn:aws:s3:::bucket": {"aws", "s3", "", "", "bucket"},
		"arn:*:*:*:*:*":       {"*", "*", "*", "*", "*"},
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("%s: written again it is %s", text, got.String())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "*", "arn", "arn:aws:iam::111122223333", "ARN:aws:iam::111122223333:root", " arn:aws:iam::111122223333:root", "111122223333", "arn:::::"} {
		got, err := Parse(text)
		if err == nil || !got.IsZero() {
			t.Errorf("%q: got %+v, want an error", text, got)
		} else if !strings.Contains(err.Error(), "expected arn:partition:service:region:account:resource") {
			t.Errorf("%q: the error does not say what was expected: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("arn:aws:iam::111122223333:role/team/ci")
	f.Add("arn:::::")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err == nil && a.String() != text {
			t.Errorf("%q is written again as %q", text, a.String())
		}
		if (strings.Count(text, ":") < 5 || !strings.HasPrefix(text, "arn:") || text == "arn:::::") != (err != nil) {
			t.Errorf("%q: error is %v", text, err)
		}
		if err == nil && a.WithoutPath().WithoutPath() != a.WithoutPath() {
			t.Errorf("%q loses more when its path is dropped twice", text)
		}
	})
}

func TestTypeAndName(t *testing.T) {
	for text, want := range map[string][2]string{
		"arn:aws:iam::111122223333:role/team/ci":                          {"role", "ci"},
		"arn:aws:iam::111122223333:user/alice":                            {"user", "alice"},
		"arn:aws:iam::111122223333:root":                                  {"root", "root"},
		"arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app": {"repository", "app"},
		"arn:aws:iam::111122223333:role/":                                 {"role", ""},
	} {
		a, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{a.Type(), a.Name()}; got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestWithoutPath(t *testing.T) {
	for text, want := range map[string]string{
		"arn:aws:iam::111122223333:role/team/build/ci":                    "arn:aws:iam::111122223333:role/ci",
		"arn:aws:iam::111122223333:role/ci":                               "arn:aws:iam::111122223333:role/ci",
		"arn:aws:iam::111122223333:root":                                  "arn:aws:iam::111122223333:root",
		"arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app": "arn:aws:codeartifact:eu-west-1:111122223333:repository/team/app",
		"arn:aws:sts::111122223333:assumed-role/ci/session":               "arn:aws:sts::111122223333:assumed-role/ci/session",
	} {
		a, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.WithoutPath().String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestIsAccountID(t *testing.T) {
	for text, want := range map[string]bool{
		"111122223333": true, "000000000000": true, "": false, "11112222333": false, "1111222233334": false,
		"11112222333a": false, "aws": false, "*": false, "１１１１": false, "-11122223333": false,
	} {
		if got := IsAccountID(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

func TestRoot(t *testing.T) {
	if got := Root("aws-us-gov", "111122223333"); got != "arn:aws-us-gov:iam::111122223333:root" {
		t.Errorf("got %s", got)
	}
}
