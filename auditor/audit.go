package auditor

import (
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Options are the inputs of an audit beside the inventory.
type Options struct {
	Config  *config.Config // nil for the default
	Now     time.Time      // conditions on time and exceptions are judged at it
	Version string         // version of the tool, for the report
}

// Audit judges everything in the inventory. It is pure: the same inventory and
// options give the same report, byte for byte.
func Audit(inv *inventory.Inventory, opt Options) *Report {
	return &Report{Schema: "caudit/result/1", Tool: Tool{Name: "caudit", Version: opt.Version}, Now: opt.Now, Inputs: inv.Inputs, Gaps: inv.Gaps}
}
