// Package auditor is the front door: an inventory goes in, a report comes out.
package auditor
