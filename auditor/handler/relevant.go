package handler

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Why a relevant event gives nothing to judge.
var (
	errLatent     = errors.New("the version is not the default one, so it is not in force")
	errNoDocument = errors.New("the call carries no policy document")
)

// exhibit is a record and the account, of which nothing else is known, that
// its document is put into.
type exhibit struct {
	record
	holds  *inventory.Account
	intern func(text string) *inventory.Document
}

// judging puts the document of a record into the account. Its error says why
// there is nothing to judge.
type judging func(exhibit) error

// relevant are the calls that change who may do what, by event source and
// name. Those without a judging carry no document that is in force after the
// call: the sweep tells what they did. The rules of template.yaml pass exactly
// these.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html,
// https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_Operations.html
var relevant = map[string]map[string]judging{
	"iam.amazonaws.com": {
		"AddUserToGroup":                nil,
		"AttachGroupPolicy":             nil,
		"AttachRolePolicy":              nil,
		"AttachUserPolicy":              nil,
		"CreateGroup":                   nil,
		"CreatePolicy":                  createPolicy,
		"CreatePolicyVersion":           createPolicyVersion,
		"CreateRole":                    createRole,
		"CreateServiceLinkedRole":       nil,
		"CreateUser":                    nil,
		"DeleteGroup":                   nil,
		"DeleteGroupPolicy":             nil,
		"DeletePolicy":                  nil,
		"DeletePolicyVersion":           nil,
		"DeleteRole":                    nil,
		"DeleteRolePermissionsBoundary": nil,
		"DeleteRolePolicy":              nil,
		"DeleteServiceLinkedRole":       nil,
		"DeleteUser":                    nil,
		"DeleteUserPermissionsBoundary": nil,
		"DeleteUserPolicy":              nil,
		"DetachGroupPolicy":             nil,
		"DetachRolePolicy":              nil,
		"DetachUserPolicy":              nil,
		"PutGroupPolicy":                putGroupPolicy,
		"PutRolePermissionsBoundary":    nil,
		"PutRolePolicy":                 putRolePolicy,
		"PutUserPermissionsBoundary":    nil,
		"PutUserPolicy":                 putUserPolicy,
		"RemoveUserFromGroup":           nil,
		"SetDefaultPolicyVersion":       nil,
		"TagRole":                       nil,
		"TagUser":                       nil,
		"UntagRole":                     nil,
		"UntagUser":                     nil,
		"UpdateAssumeRolePolicy":        updateAssumeRolePolicy,
		"UpdateGroup":                   nil,
		"UpdateRole":                    nil,
		"UpdateUser":                    nil,
	},
	"codeartifact.amazonaws.com": {
		"CreateDomain":                      nil,
		"CreateRepository":                  nil,
		"DeleteDomain":                      nil,
		"DeleteDomainPermissionsPolicy":     nil,
		"DeleteRepository":                  nil,
		"DeleteRepositoryPermissionsPolicy": nil,
		"PutDomainPermissionsPolicy":        putDomainPermissionsPolicy,
		"PutRepositoryPermissionsPolicy":    putRepositoryPermissionsPolicy,
	},
}

// exhibited returns the inventory that holds the document of the record, and
// nothing else of the account. The error says why there is nothing to judge;
// for a call without a document it is errNoDocument.
func exhibited(r record) (*inventory.Inventory, error) {
	judge := relevant[r.source][r.name]
	if judge == nil {
		return nil, errNoDocument
	}
	var builder inventory.Builder
	account := &inventory.Account{ID: r.account, Partial: true}
	if err := judge(exhibit{record: r, holds: account, intern: builder.Intern}); err != nil {
		return nil, err
	}
	builder.AddAccount(account)
	builder.AddInput(inventory.Input{Path: r.name + " " + r.id, Kind: "live", Policies: 1})
	return builder.Inventory(), nil
}

// irrelevant returns why the record asks for nothing, or "". It never asks who
// made the call: the auditor's own calls only read, and are passed over like
// every read; a write made in its name deserves a look.
func irrelevant(r record) string {
	names, known := relevant[r.source]
	switch {
	case !known:
		return "event source " + strconv.Quote(r.source) + " grants no access to CodeArtifact"
	case r.errorCode != "":
		return "the call failed with " + strconv.Quote(r.errorCode)
	case r.readOnly:
		return "the call only read"
	}
	if _, listed := names[r.name]; !listed {
		return "event " + strconv.Quote(r.name) + " changes no access"
	}
	return ""
}

// Relevant returns the names of the calls that change who may do what, sorted,
// by event source.
func Relevant() map[string][]string {
	names := make(map[string][]string, len(relevant))
	for source, calls := range relevant {
		names[source] = slices.Sorted(maps.Keys(calls))
	}
	return names
}
