// Package arn reads Amazon Resource Names and account ids once, at the border,
// so that the rest of the program compares values instead of text.
package arn

import (
	"fmt"
	"strings"
)

// ARN is one Amazon Resource Name split at its first five colons. It is
// comparable: two ARNs are equal exactly when their text is.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type ARN struct {
	Partition string // "aws", "aws-cn", …
	Service   string // "codeartifact", "iam", …
	Region    string // empty for global services
	Account   string // 12 digits, empty, or "aws" for policies AWS owns
	Resource  string // everything after the fifth colon, never split further
}

// Parse splits text into its six parts. It reports an error when text does not
// begin with "arn:", has fewer than six parts, or nothing in any of them; the parts
// themselves are not judged, since policies hold ARNs that no resource can have.
func Parse(text string) (ARN, error) {
	var a ARN
	rest, ok := strings.CutPrefix(text, "arn:")
	for _, part := range [...]*string{&a.Partition, &a.Service, &a.Region, &a.Account} {
		if ok {
			*part, rest, ok = strings.Cut(rest, ":")
		}
	}
	if !ok || text == "arn:::::" {
		return ARN{}, fmt.Errorf("%q is no ARN (expected arn:partition:service:region:account:resource)", text)
	}
	a.Resource = rest
	return a, nil
}

// String returns the text Parse was given.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// IsZero reports whether a is the zero ARN, which no text parses to.
func (a ARN) IsZero() bool { return a == ARN{} }

// Type returns the resource part up to its first slash ("role", "repository"),
// or the whole resource part when it has no slash.
func (a ARN) Type() string {
	kind, _, _ := strings.Cut(a.Resource, "/")
	return kind
}

// Name returns what follows the last slash of the resource part: the name of a
// user, role, group or policy without its path.
func (a ARN) Name() string { return a.Resource[strings.LastIndexByte(a.Resource, '/')+1:] }

// WithoutPath drops an IAM path: role/team/ci becomes role/ci. Names of users,
// roles and groups are unique in an account, and CloudTrail gives names alone,
// so finding ids are made of ARNs without paths.
func (a ARN) WithoutPath() ARN {
	if a.Service == "iam" && strings.Contains(a.Resource, "/") {
		a.Resource = a.Type() + "/" + a.Name()
	}
	return a
}

// IsAccountID reports whether text is a 12-digit account id.
func IsAccountID(text string) bool {
	if len(text) != 12 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// Root returns the ARN that stands for a whole account in a Principal element.
func Root(partition, account string) string { return "arn:" + partition + ":iam::" + account + ":root" }
