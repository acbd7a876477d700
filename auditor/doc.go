// Package auditor is the front door: an inventory goes in, a report comes out.
//
// The flow of the whole product, and where each part lives:
//
//		source / collect ─► inventory ─► access ─► rules ─► finding ─► history ─► publish / render
//
//	  - source reads files, collect reads AWS; both fill an [inventory.Inventory]:
//	    accounts with their principals, domains, repositories and policies, bare
//	    policy files, and the gaps where something could not be read.
//	  - policy knows the IAM language and nothing of any service: text becomes
//	    statements that know their place.
//	  - access resolves the inventory: who can do what, as sets of requests, with
//	    the statements that prove it. It decides exactly; what is not known is
//	    bounded, sure on one side and possible on the other.
//	  - rules ask questions of access, one file a rule, and say what is wrong as a
//	    [finding.Finding]: subject, message, grants, witness, verified fixes.
//	  - history compares a report with what was known and says what is new;
//	    publish sends that as events, render shows a report to people.
//	  - handler is the sequence of these steps for one payload; the Lambdas under
//	    functions/ and the command under cmd/ only wire it.
//
// Everything between collecting and publishing is pure: the time of the audit is
// an input, and nothing reads a clock, the network or the environment. The same
// input gives the same report, byte for byte.
package auditor
