package auditor_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/dump"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

// allocated counts the allocations and bytes of one audit of a dump.
func allocated(t *testing.T, principals int) (mallocs, size float64) {
	file := accountDump(t, principals)
	audit(t, file) // what is made once in the life of the program
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	report := audit(t, file)
	runtime.ReadMemStats(&after)
	if report.Coverage.Principals != principals || len(report.Gaps) > 0 {
		t.Fatalf("%d principals and %d gaps, want %d and none", report.Coverage.Principals, len(report.Gaps), principals)
	}
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// A principal costs the same in an account of any size: the cost that depends on
// distinct documents is the same for every ten thousand.
func TestCostOfAPrincipalIsFlat(t *testing.T) {
	few, fewBytes := allocated(t, dump.Block)
	many, manyBytes := allocated(t, 4*dump.Block)
	if ratio := many / few / 4; ratio > 1.1 || ratio < 0.9 {
		t.Errorf("an account four times as large takes %.2f times the allocations a principal (expected 0.9 to 1.1)", ratio)
	}
	if ratio := manyBytes / fewBytes / 4; ratio > 1.1 || ratio < 0.9 {
		t.Errorf("an account four times as large takes %.2f times the memory a principal (expected 0.9 to 1.1)", ratio)
	}
	if each := few / dump.Block; each > 10 {
		t.Errorf("a principal takes %.1f allocations (expected fewer than 10)", each)
	}
}

// A document that many principals carry is parsed once.
func TestDistinctDocumentsAreParsedOnce(t *testing.T) {
	d := dump.Dump{Principals: 2000}
	read := source.ReadFrom("input.json", bytes.NewReader(accountDump(t, d.Principals)), source.Options{})
	distinct := map[*inventory.Document]bool{}
	texts := map[string]bool{}
	for _, h := range read.Inventory.Accounts[0].Held() {
		distinct[h.Document], texts[h.Document.Text] = true, true
	}
	if len(distinct) != d.Documents() || len(texts) != d.Documents() {
		t.Errorf("%d documents with %d texts, want %d", len(distinct), len(texts), d.Documents())
	}
}
