// Package dump makes up the account details of accounts of any size, for tests
// and benchmarks.
package dump

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Dump is the output of GetAccountAuthorizationDetails for an account of any
// size, made up: one role or user in ten has no inline policy, the others have one
// of about 200 documents for every 10,000 principals, of which a few name an ARN
// that no other does, and three in a hundred reach CodeArtifact. Documents are
// percent-encoded as in the API's answer. A principal takes about 1.1 kB.
type Dump struct {
	Principals int

	w *bufio.Writer
}

// The shape of the dump, for every Block principals.
const (
	Block    = 10_000
	shared   = 190 // inline documents that many principals carry
	own      = 10  // inline documents with an ARN of their own
	managed  = 50  // customer managed policies
	reaching = 33  // one document in so many reaches CodeArtifact
)

// Write writes the dump. The same size gives the same bytes.
func (d Dump) Write(w io.Writer) error {
	d.w = bufio.NewWriterSize(w, 1<<20)
	users := d.Principals / 10
	d.w.WriteString(`{"UserDetailList":[`)
	for i := range users {
		d.comma(i)
		d.user(i)
	}
	d.w.WriteString(`],"GroupDetailList":[{"Path":"/","GroupName":"developers","GroupId":"AGPA0000000000000001","Arn":"arn:aws:iam::111122223333:group/developers","CreateDate":"2024-01-01T00:00:00+00:00","GroupPolicyList":[],"AttachedManagedPolicies":[{"PolicyName":"managed-0","PolicyArn":"arn:aws:iam::111122223333:policy/managed-0"}]}],"RoleDetailList":[`)
	for i := range d.Principals - users {
		d.comma(i)
		d.role(users + i)
	}
	d.w.WriteString(`],"Policies":[`)
	for i := range d.blocks() * managed {
		d.comma(i)
		fmt.Fprintf(d.w, `{"PolicyName":"managed-%d","PolicyId":"ANPA%016d","Arn":"arn:aws:iam::111122223333:policy/managed-%d","Path":"/","DefaultVersionId":"v1","AttachmentCount":1,"PermissionsBoundaryUsageCount":0,"IsAttachable":true,"PolicyVersionList":[{"Document":"%s","VersionId":"v1","IsDefaultVersion":true,"CreateDate":"2024-01-01T00:00:00+00:00"}]}`, i, i, i, encoded(document(1_000_000+i)))
	}
	d.w.WriteString("],\"IsTruncated\":false}\n")
	return d.w.Flush()
}

// Documents is how many distinct documents the dump holds.
func (d Dump) Documents() int {
	seen := map[int]bool{}
	for i := range d.Principals {
		if n, ok := inlineOf(i); ok {
			seen[n] = true
		}
	}
	return len(seen) + d.blocks()*managed + 1 // the trust policy
}

func (d Dump) blocks() int { return (d.Principals + Block - 1) / Block }

func (d Dump) comma(i int) {
	if i > 0 {
		d.w.WriteByte(',')
	}
}

func (d Dump) user(i int) {
	fmt.Fprintf(d.w, `{"Path":"/","UserName":"user-%d","UserId":"AIDA%016d","Arn":"arn:aws:iam::111122223333:user/user-%d","CreateDate":"2024-01-01T00:00:00+00:00","UserPolicyList":[`, i, i, i)
	d.inline(i)
	d.w.WriteString(`],"GroupList":["developers"],"AttachedManagedPolicies":[],"Tags":[]}`)
}

func (d Dump) role(i int) {
	fmt.Fprintf(d.w, `{"Path":"/service/","RoleName":"role-%d","RoleId":"AROA%016d","Arn":"arn:aws:iam::111122223333:role/service/role-%d","CreateDate":"2024-01-01T00:00:00+00:00","AssumeRolePolicyDocument":"%s","InstanceProfileList":[],"RolePolicyList":[`, i, i, i, trustDocument)
	d.inline(i)
	of := i % Block % managed
	fmt.Fprintf(d.w, `],"AttachedManagedPolicies":[{"PolicyName":"managed-%d","PolicyArn":"arn:aws:iam::111122223333:policy/managed-%d"}],"Tags":[{"Key":"team","Value":"team-%d"}],"RoleLastUsed":{}}`, of, of, i%40)
}

func (d Dump) inline(i int) {
	if n, ok := inlineOf(i); ok {
		fmt.Fprintf(d.w, `{"PolicyName":"permissions","PolicyDocument":"%s"}`, encoded(document(n)))
	}
}

// inlineOf says which inline document the principal has, if any.
func inlineOf(principal int) (document int, ok bool) {
	block, i := principal/Block, principal%Block
	every := Block / own
	switch {
	case i%every == every-1:
		return block*200 + shared + i/every, true
	case i%10 == 3:
		return 0, false
	}
	return block*200 + i%shared, true
}

var trustDocument = encoded(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)

// document is an identity policy as teams write them.
func document(n int) string {
	if n%reaching == 0 {
		return fmt.Sprintf(TypicalPolicy, n, n)
	}
	return fmt.Sprintf(ElsewherePolicy, n, n, n)
}

// TypicalPolicy reaches CodeArtifact; ElsewherePolicy never touches it.
const (
	TypicalPolicy   = `{"Version":"2012-10-17","Statement":[{"Sid":"Token","Effect":"Allow","Action":"codeartifact:GetAuthorizationToken","Resource":"arn:aws:codeartifact:eu-west-1:111122223333:domain/team-%d"},{"Sid":"Read","Effect":"Allow","Action":["codeartifact:ReadFromRepository","codeartifact:GetRepositoryEndpoint"],"Resource":"arn:aws:codeartifact:eu-west-1:111122223333:repository/team-%d/app"},{"Sid":"Bearer","Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*","Condition":{"StringEquals":{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}}]}`
	ElsewherePolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"Logs","Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/codebuild/%d*"},{"Sid":"Bucket","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::team-artifacts-%d/*"},{"Sid":"Queue","Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:jobs-%d"}]}`
)

// encoded percent-encodes a document as IAM's API does.
func encoded(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}
