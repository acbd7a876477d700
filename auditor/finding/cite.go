package finding

import "github.com/codeartifact-auditor/codeartifact-auditor/auditor/access"

// GrantOf writes an element of a policy out with its place and what it does.
func GrantOf(e access.Element, says string) Grant {
	document := e.Policy.Document
	from, to := document.Parsed.Position(e.Place.Start), document.Parsed.Position(e.Place.End)
	return Grant{
		Policy: Policy{Kind: e.Policy.Kind.String(), Name: e.Policy.Name, ID: e.Policy.ID, Version: e.Policy.Version},
		Sid:    e.Statement.Sid, Pointer: document.Parsed.Pointer(e.Place), Path: e.Policy.Path,
		Line: from.Line, Column: from.Column, EndLine: to.Line, EndColumn: to.Column,
		Says: says, Text: document.Text,
	}
}
