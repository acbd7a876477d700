package functions

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkStart starts each function and hello in turn, from the process to the
// first request for an invocation, and reports the medians: of hello in
// milliseconds, of each function as a multiple of that. Turn by turn, so that
// whatever else the machine does slows all of them.
func BenchmarkStart(b *testing.B) {
	hello := binaries + "/hello"
	if err := compile("./testdata/hello", hello+"/bootstrap"); err != nil {
		b.Fatal(err)
	}
	// What a deployed function does at its start but for the calls over the
	// network, which depend on the network.
	environments := map[string]map[string]string{
		"hello": {}, "change": {"STACK_NAME": stackName, "TABLE_NAME": "state", "SWEEP_QUEUE_URL": "http://127.0.0.1:1/sweeps.fifo"},
		"dispatch": {"ACCOUNT": account, "TABLE_NAME": "state", "SWEEP_QUEUE_URL": "http://127.0.0.1:1/sweeps.fifo"},
		"scan":     {"ACCOUNT": account, "STACK_NAME": stackName, "TABLE_NAME": "state"},
	}
	took := make(map[string][]time.Duration)
	for b.Loop() {
		for name, environment := range environments {
			began := time.Now()
			f := start(b, name, environment)
			if err := f.Ready(30 * time.Second); err != nil {
				b.Fatal(err)
			}
			took[name] = append(took[name], time.Since(began))
			if _, err := f.Stop(time.Second); err != nil {
				b.Fatal(err)
			}
		}
	}
	median := func(name string) time.Duration {
		all := slices.Sorted(slices.Values(took[name]))
		return all[len(all)/2]
	}
	base := median("hello")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(base.Microseconds())/1000, "hello-ms")
	for _, name := range []string{"change", "dispatch", "scan"} {
		b.ReportMetric(float64(median(name))/float64(base), fmt.Sprintf("%s/hello", name))
	}
}
