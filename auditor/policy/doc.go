// Package policy reads IAM policy documents: text goes in, statements that know
// their place come out. It knows the IAM language and nothing of any service.
package policy
