// Package source turns files into an inventory. It recognises what a file is by
// its content, never by its name: a bare policy document, what
// GetAccountAuthorizationDetails returned, an inventory file, or CodeArtifact's
// answer to get-domain-permissions-policy and its sibling.
//
// Account details and inventories are read as a stream, one entity in memory at a
// time; accounts that several files describe are merged, and every bare policy is
// a world of its own. What cannot be read is never silent: it is an InputError
// where a file was named and nothing of it could be read, else a gap of the
// inventory.
//
// The package opens the paths it is given and nothing else: no environment, no
// working directory, no clock.
package source
