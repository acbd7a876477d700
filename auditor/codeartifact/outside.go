package codeartifact

import "strings"

// Outside says what a condition key can be for a principal of an account that
// the policy's author does not control. Whoever controls an account arranges most
// of what [Control] calls settled: the names of users, tags, source identities.
// The zero value is invalid.
type Outside uint8

// The answers.
const (
	_ Outside = iota
	// Chosen: whatever that account's owner wants it to be.
	Chosen
	// OwnARN: an ARN of that account.
	OwnARN
	// Assigned: an id that AWS hands out, of that account or of what is in it.
	Assigned
	// Issued: what another provider says of its users: nothing that the policy
	// describes.
	Issued
	// Located: a public address. It lies in none of the ranges that are narrow
	// enough to be somebody's.
	Located
	// Attached: a tag of what the request is made to. The resource's owner sets it.
	Attached
)

var outsideNames = [...]string{
	Chosen: "chosen", OwnARN: "own ARN", Assigned: "assigned", Issued: "issued", Located: "located", Attached: "attached",
}

// String returns the answer in words.
func (o Outside) String() string {
	if int(o) < len(outsideNames) && outsideNames[o] != "" {
		return outsideNames[o]
	}
	return "invalid answer"
}

// NarrowIPv4 and NarrowIPv6 are the shortest prefixes of address ranges that hold
// strangers off: AWS calls a bucket public whose policy lets in wider ones.
//
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
const (
	NarrowIPv4 = 8
	NarrowIPv6 = 32
)

// outside holds the keys whose value another account's owner does not choose, in
// lower case. A private address (aws:VpcSourceIp) is not among them: AWS advises
// to test it together with the VPC, as every VPC can have it.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var outside = map[string]Outside{
	"aws:sourceip": Located,

	"aws:principalorgid":                 Assigned,
	"aws:principalorgpaths":              Assigned,
	"aws:userid":                         Assigned, // but for the session's name behind the colon
	"aws:sourcevpc":                      Assigned,
	"aws:sourcevpce":                     Assigned,
	"aws:vpceaccount":                    Assigned,
	"aws:vpceorgid":                      Assigned,
	"aws:vpceorgpaths":                   Assigned,
	"aws:ec2instancesourcevpc":           Assigned,
	"cognito-identity.amazonaws.com:aud": Assigned,
	"cognito-identity.amazonaws.com:sub": Assigned,

	"aws:sourcevpcarn":         OwnARN,
	"aws:chatbotsourcearn":     OwnARN,
	"aws:signinsessionarn":     OwnARN,
	"codebuild:buildarn":       OwnARN,
	"codebuild:projectarn":     OwnARN,
	"ec2:sourceinstancearn":    OwnARN,
	"lambda:sourcefunctionarn": OwnARN,
	"ssm:sourceinstancearn":    OwnARN,

	"${oidcprovider}:sub":       Issued,
	"accounts.google.com:sub":   Issued,
	"accounts.google.com:aud":   Issued,
	"graph.facebook.com:app_id": Issued,
	"graph.facebook.com:id":     Issued,
	"www.amazon.com:app_id":     Issued,
	"www.amazon.com:user_id":    Issued,
	"identitystore:userid":      Issued,
	"saml:namequalifier":        Issued,

	"aws:resourcetag/${tagkey}": Attached,
}

// Outside says what k can be for a principal of an account that the policy's
// author does not control.
func (k *KeyInfo) Outside() Outside {
	if o, known := outside[strings.ToLower(k.Name)]; known {
		return o
	}
	return Chosen
}
