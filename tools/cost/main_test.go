package main

import (
	"math"
	"os"
	"strings"
	"testing"
)

func TestPageIsUpToDate(t *testing.T) {
	page, err := os.ReadFile("../../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := renewed(string(page))
	if err != nil {
		t.Fatal(err)
	}
	if text != string(page) {
		t.Error("docs/cost.md has other figures than the script makes: go run -C tools ./cost ../docs/cost.md")
	}
}

// The stack has the alarms and metrics that are paid for.
func TestStackHasWhatIsPaidFor(t *testing.T) {
	template, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(template)
	if n := strings.Count(text, "Type: AWS::CloudWatch::Alarm\n"); n != alarms {
		t.Errorf("%d alarms in the template, %d paid for", n, alarms)
	}
	if n := strings.Count(text, "Type: AWS::CloudWatch::Dashboard\n"); n != 1 {
		t.Errorf("%d dashboards", n)
	}
	source, err := os.ReadFile("../../auditor/handler/emf/emf.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(source), "const (\n")
	names, _, _ := strings.Cut(rest, ")\n")
	if n := strings.Count(names, " = \""); n+4 != metrics { // Findings is one of each severity
		t.Errorf("%d names of metrics, %d paid for", n, metrics)
	}
}

func TestPrices(t *testing.T) {
	prices, err := readPrices([]byte("item,dollars,per,source\na,0.50,1000000,x\n"))
	if err != nil || math.Abs(prices["a"]-5e-7) > 1e-15 {
		t.Errorf("%v, %v", prices, err)
	}
	if _, err := readPrices([]byte("item,dollars,per,source\na,cheap,1,x\n")); err == nil {
		t.Error("no error for a price that is no number")
	}
	if _, err := table(map[string]float64{}, []float64{1}); err == nil {
		t.Error("no error for an item without a price")
	}
}
