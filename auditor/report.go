package auditor

import (
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// Report is the answer of an audit. Its JSON is schema caudit/result/1.
type Report struct {
	Schema     string            `json:"schema"`
	Tool       Tool              `json:"tool"`
	Now        time.Time         `json:"now"`
	Inputs     []inventory.Input `json:"inputs"`
	Coverage   Coverage          `json:"coverage"`
	Findings   []finding.Finding `json:"findings"`
	Suppressed []Suppressed      `json:"suppressed"`
	Exceptions Exceptions        `json:"exceptions"`
	Gaps       []inventory.Gap   `json:"gaps"`
}

// Tool says what made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Data    string `json:"data"` // date of the AWS facts built in
}

// Coverage is what the findings are out of.
type Coverage struct {
	Accounts     int               `json:"accounts"`
	Principals   int               `json:"principals"`
	Policies     int               `json:"policies"`
	Statements   int               `json:"statements"`
	Domains      int               `json:"domains"`
	Repositories int               `json:"repositories"`
	Foreign      int               `json:"foreign"`
	NotEvaluated int               `json:"notEvaluated"`
	Scopes       []inventory.Scope `json:"scopes"`
	Assumptions  []string          `json:"assumptions"`
}

// Suppressed is a finding that an exception of the configuration covers.
type Suppressed struct {
	finding.Finding
	Exception Exception `json:"exception"`
}

// Exception says why a finding is suppressed, who answers for it and until when.
type Exception struct {
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires"` // YYYY-MM-DD
	Ticket  string `json:"ticket,omitempty"`
}

// Exceptions lists entries of the configuration that deserve a look.
type Exceptions struct {
	Unused   []string `json:"unused"`
	Expired  []string `json:"expired"`
	Expiring []string `json:"expiring"`
}
