// Package policy reads IAM policy documents: text goes in, statements that know
// their place come out. It knows the IAM language and nothing of any service.
//
// Parse is the only way in. A Document holds what the text says in types that
// cannot say anything else: an Action and its NotAction are one Clause, Only or
// AllBut, and a statement with both, or with neither, is no Statement. It also
// holds what the text says wrongly: a Problem is Lost when nobody can know what
// was meant, and then costs its statement and is a gap to whoever judges; it is
// tolerated when IAM is known to read it one way, and then the document says it
// that way.
//
// Every element knows its Place, the bytes it came from; Position and Pointer
// turn that into line and column and into a JSON pointer when somebody asks.
// Print writes a document in one layout, Canonical in the form that all documents
// share which say the same.
package policy
