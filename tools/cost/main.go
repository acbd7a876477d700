// Command cost writes the table of docs/cost.md: what a month of the stack costs
// by the prices of prices.csv, from how many requests it makes.
//
//	go run -C tools ./cost ../docs/cost.md
package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// pricesOf is when the prices were looked up: us-east-1, on demand, arm64, in US
// dollars, the first tier, no free tier taken off.
const pricesOf = "December 2026"

//go:embed prices.csv
var pricesCSV []byte

// What an account does in a day, and how large its things are. They are
// assumptions, and the page says so; put your own here.
const (
	changesADay  = 20  // calls that change IAM or CodeArtifact
	sweepsADay   = 7   // the daily one, and one for each burst of changes
	edgesADay    = 3   // news about findings
	scanSeconds  = 15  // 500 policies and 13 Regions
	findings     = 20  // in the table
	open         = 10  // of them; each sweep notes that it saw them
	edgeKB       = 3   // an item of a finding, and its event
	watchKB      = 25  // the fingerprints of 500 documents
	recordKB     = 3   // what the last sweep saw
	endKB        = 5   // the event Completed
	changeLogKB  = 2   // with the lines that Lambda adds
	sweepLogKB   = 3   // the same, with metrics
	changeSecond = 0.2 // of change, an event
)

// What the stack has and does whatever happens.
const (
	daysAMonth = 30
	// Lambda asks each of the two queues with five connections, each for twenty
	// seconds: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
	pollsAMonth = 5 * daysAMonth * 24 * 3600 / 20
	metrics     = 13 // eight of one value, and Findings of five severities
	alarms      = 13
)

// line is one row: what a month needs of something that has a price.
type line struct {
	title string
	costs map[string]float64 // amounts, by item of prices.csv
}

// month returns the rows for that many accounts.
func month(accounts float64) []line {
	changes, sweeps, edges := accounts*changesADay*daysAMonth, accounts*sweepsADay*daysAMonth, accounts*edgesADay*daysAMonth
	forwarded := 0.0 // the auditor's own account sends nothing over a bus
	if accounts > 1 {
		forwarded = changes
	}
	const million = 1e6 // kilobytes in a gigabyte
	stored := accounts * (findings*edgeKB + watchKB + recordKB) / million
	return []line{
		{"Lambda", map[string]float64{
			"lambda-request":         changes + sweeps + daysAMonth,
			"lambda-gigabyte-second": changes*changeSecond*0.25 + sweeps*scanSeconds*1 + daysAMonth*0.25*(2+accounts*0.03),
		}},
		{"SQS, asking for messages", map[string]float64{"sqs-standard": pollsAMonth, "sqs-fifo": pollsAMonth}},
		{"SQS, messages", map[string]float64{"sqs-standard": 3 * changes, "sqs-fifo": 3*changes + 2*sweeps}},
		{"EventBridge", map[string]float64{
			"event":            forwarded + edges + sweeps,
			"archive-gigabyte": (edges*edgeKB + sweeps*endKB) / million,
		}},
		{"DynamoDB", map[string]float64{
			"dynamodb-write":                   changes + 2*edges*edgeKB + sweeps*(watchKB+recordKB+open*edgeKB),
			"dynamodb-read":                    changes*3 + sweeps*((findings*edgeKB+watchKB+recordKB)/4+3),
			"dynamodb-gigabyte-month":          stored,
			"dynamodb-recovery-gigabyte-month": stored,
		}},
		{"CloudWatch logs", map[string]float64{"logs-gigabyte": (changes*changeLogKB + sweeps*sweepLogKB) / million}},
		{"CloudWatch metrics, alarms, dashboard", map[string]float64{"metric-month": metrics, "alarm-month": alarms, "dashboard-month": 1}},
	}
}

// readPrices returns the price of one of each item.
func readPrices(text []byte) (map[string]float64, error) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	prices := make(map[string]float64)
	for _, row := range rows[1:] {
		dollars, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row[0], err)
		}
		per, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row[0], err)
		}
		prices[row[0]] = dollars / per
	}
	return prices, nil
}

// table returns the rows of the page.
func table(prices map[string]float64, sizes []float64) (string, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "US dollars a month, prices of %s:\n\n| ", pricesOf)
	for _, accounts := range sizes {
		fmt.Fprintf(&text, "| %s ", plural(accounts))
	}
	text.WriteString("|\n|---" + strings.Repeat("|---:", len(sizes)) + "|\n")
	totals := make([]float64, len(sizes))
	for i, row := range month(sizes[0]) {
		fmt.Fprintf(&text, "| %s ", row.title)
		for k, accounts := range sizes {
			sum := 0.0
			for item, amount := range month(accounts)[i].costs {
				price, known := prices[item]
				if !known {
					return "", fmt.Errorf("no price of %s", item)
				}
				sum += amount * price
			}
			totals[k] += sum
			fmt.Fprintf(&text, "| %.2f ", sum)
		}
		text.WriteString("|\n")
	}
	text.WriteString("| **all** ")
	for _, sum := range totals {
		fmt.Fprintf(&text, "| **%.2f** ", sum)
	}
	text.WriteString("|\n")
	return text.String(), nil
}

func plural(accounts float64) string {
	if accounts == 1 {
		return "1 account"
	}
	return fmt.Sprintf("%.0f accounts", accounts)
}

const begin, end = "<!-- figures -->\n", "<!-- /figures -->\n"

// renewed returns the page with the table of today.
func renewed(page string) (string, error) {
	prices, err := readPrices(pricesCSV)
	if err != nil {
		return "", fmt.Errorf("prices.csv: %w", err)
	}
	before, rest, opened := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return "", fmt.Errorf("no %s…%s on the page", begin, end)
	}
	figures, err := table(prices, []float64{1, 50, 1000, 10000})
	return before + begin + figures + end + after, err
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: cost PAGE")
	}
	page, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	text, err := renewed(string(page))
	if err != nil {
		return err
	}
	return os.WriteFile(arguments[0], []byte(text), 0o644)
}
