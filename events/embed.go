// Package events holds the sample account and recorded payloads: what the
// functions are tried with, and what the demonstration shows.
package events

import _ "embed"

// Account is an inventory file, schema caudit/inventory/1, of an account as a
// company has them: mostly decent, with the mistakes that the auditor is for.
//
//go:embed account.json
var Account []byte
