package auditor_test

import (
	"bytes"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/dump"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/source"
)

var judgedAt = time.Date(2026, 9, 26, 0, 0, 0, 0, time.UTC)

// audit goes from bytes to the report.
func audit(tb testing.TB, file []byte) *auditor.Report {
	read := source.ReadFrom("input.json", bytes.NewReader(file), source.Options{})
	if len(read.Errors) > 0 {
		tb.Fatal(read.Errors[0])
	}
	return auditor.Audit(read.Inventory, auditor.Options{Now: judgedAt})
}

func benchmarkFile(b *testing.B, text string) {
	file := []byte(text)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		audit(b, file)
	}
}

// BenchmarkPolicy is one identity policy that reaches CodeArtifact.
func BenchmarkPolicy(b *testing.B) {
	benchmarkFile(b, strings.ReplaceAll(indented(b, dump.TypicalPolicy), "%d", "1"))
}

// BenchmarkPolicyElsewhere is one identity policy that never touches CodeArtifact.
func BenchmarkPolicyElsewhere(b *testing.B) {
	benchmarkFile(b, strings.ReplaceAll(indented(b, dump.ElsewherePolicy), "%d", "1"))
}

// indented lays a policy out as people write it: 1 to 2 kB.
func indented(tb testing.TB, document string) string {
	value := jsontext.Value(document)
	if err := value.Indent(jsontext.WithIndent("  ")); err != nil {
		tb.Fatal(err)
	}
	return string(value)
}

// benchmarkPrincipals is the size of the account that is measured.
const benchmarkPrincipals = 10_000

func accountDump(tb testing.TB, principals int) []byte {
	var file bytes.Buffer
	if err := (dump.Dump{Principals: principals}).Write(&file); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

// BenchmarkWalk is the least an audit of a dump can cost: the decoder reads every
// token of it and does nothing with them.
func BenchmarkWalk(b *testing.B) {
	file := accountDump(b, benchmarkPrincipals)
	perPrincipal(b, len(file), func() {
		dec := jsontext.NewDecoder(bytes.NewReader(file), jsontext.AllowDuplicateNames(true))
		for {
			if _, err := dec.ReadToken(); err == io.EOF {
				return
			} else if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRead reads the dump of an account and does not judge it.
func BenchmarkRead(b *testing.B) {
	file := accountDump(b, benchmarkPrincipals)
	perPrincipal(b, len(file), func() { source.ReadFrom("input.json", bytes.NewReader(file), source.Options{}) })
}

// BenchmarkAccount audits an account from the bytes of its dump to the report.
func BenchmarkAccount(b *testing.B) {
	file := accountDump(b, benchmarkPrincipals)
	perPrincipal(b, len(file), func() { audit(b, file) })
}

// BenchmarkAudit does it for accounts of several sizes: what a principal costs
// is the same in all.
func BenchmarkAudit(b *testing.B) {
	for _, principals := range []int{1_000, 10_000, 100_000} {
		file := accountDump(b, principals)
		b.Run(strconv.Itoa(principals), func(b *testing.B) {
			perPrincipalOf(b, principals, len(file), func() { audit(b, file) })
		})
	}
}

// perPrincipal reports time and memory for each principal of the dump.
func perPrincipal(b *testing.B, size int, run func()) {
	perPrincipalOf(b, benchmarkPrincipals, size, run)
}

func perPrincipalOf(b *testing.B, count, size int, run func()) {
	b.ReportAllocs()
	b.SetBytes(int64(size))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		run()
	}
	runtime.ReadMemStats(&after)
	principals := float64(b.N) * float64(count)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/principals, "ns/principal")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/principals, "B/principal")
}
