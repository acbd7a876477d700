package chaos

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// audits remembers reports. A world that is played five thousand times shows the
// same few inventories again and again, and an audit depends on nothing else.
var audits sync.Map

// audit is auditor.Audit, once for each inventory, configuration, version and day.
func audit(inv *inventory.Inventory, opt auditor.Options) *auditor.Report {
	var key bytes.Buffer
	for _, account := range inv.Accounts {
		timeless := *account
		timeless.Collected = time.Time{}
		if err := inventory.Write(&key, []*inventory.Account{&timeless}); err != nil {
			panic(err)
		}
	}
	configured := []byte("none")
	if opt.Config != nil {
		var err error
		if configured, err = opt.Config.Encode(); err != nil {
			panic(err)
		}
	}
	fmt.Fprintf(&key, "%s %s %s %v", configured, opt.Version, opt.Now.Format(time.DateOnly), inv.Gaps)
	known, ok := audits.Load(key.String())
	if !ok {
		known, _ = audits.LoadOrStore(key.String(), auditor.Audit(inv, opt))
	}
	report := *known.(*auditor.Report)
	report.Gaps = slices.Clone(report.Gaps)
	return &report
}
