package dynamo

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/finding"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

// Kept is how long a resolved finding is remembered after it was resolved.
// After that, should it come back, it is new, and its edges count from 1 again.
const Kept = 400 * 24 * time.Hour

// inline is the largest JSON of a finding that is stored as text, which people
// can read in the console; most findings are smaller.
const inline = 4 << 10

// largest is the most that a finding takes of the 400 KB that an item may have.
// What is beside it is names and ids, none over 2 KB.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const largest = 360 << 10

// spell returns the item of a finding.
func spell(account string, item history.Item) (attributes, error) {
	edge := item.Edge
	trigger, err := json.Marshal(item.Trigger)
	if err != nil {
		return nil, err
	}
	out := key(accountPrefix+account, findingPrefix+edge.Finding.ID)
	out["schema"] = number(history.Schema)
	out["edge"] = number(edge.Number)
	out["status"], out["change"] = text(string(edge.Status)), text(string(edge.Change))
	if edge.Cause != "" {
		out["cause"] = text(string(edge.Cause))
	}
	out["provisional"], out["pending"] = flag(edge.Provisional), flag(item.Pending)
	out["firstSeen"], out["lastSeen"], out["observed"] = instant(edge.FirstSeen), instant(edge.LastSeen), instant(item.Observed)
	out["document"], out["told"], out["trigger"] = text(item.Document), text(item.Told), text(string(trigger))
	if edge.Status == finding.Closed {
		out["expires"] = &types.AttributeValueMemberN{Value: fmt.Sprint(item.Observed.Add(Kept).Unix())}
	}
	out["finding"], err = packFinding(edge.Finding)
	return out, err
}

// packFinding packs a finding. One that is too large loses what a reader misses
// least; what was said of it is compared by history.Item.Told, so nothing else
// notices.
func packFinding(f finding.Finding) (types.AttributeValue, error) {
	value, err := pack(f)
	for i := 0; errors.Is(err, errLarge) && i < len(cuts); i++ {
		f = cuts[i](f)
		value, err = pack(f)
	}
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", f.ID, err)
	}
	return value, nil
}

// packSeen packs what a sweep saw, of a long list of gaps and assumptions only
// the first.
func packSeen(seen history.Seen) (types.AttributeValue, error) {
	value, err := pack(seen)
	for n := 1000; errors.Is(err, errLarge) && n > 0; n /= 10 {
		seen.Gaps = seen.Gaps[:min(n, len(seen.Gaps))]
		seen.Coverage.Assumptions = seen.Coverage.Assumptions[:min(n, len(seen.Coverage.Assumptions))]
		seen.Coverage.Scopes = seen.Coverage.Scopes[:min(n, len(seen.Coverage.Scopes))]
		value, err = pack(seen)
	}
	return value, err
}

var errLarge = errors.New("larger than an item may be, however it is cut")

// pack returns a value's JSON as text or, if it is large, deflated.
func pack(value any) (types.AttributeValue, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if len(plain) <= inline {
		return text(string(plain)), nil
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if packed.Len() > largest {
		return nil, errLarge
	}
	return &types.AttributeValueMemberB{Value: packed.Bytes()}, nil
}

// cuts make a finding smaller, the mildest first.
var cuts = []func(finding.Finding) finding.Finding{
	func(f finding.Finding) finding.Finding { f.Fixes = []finding.Fix{}; return f },
	func(f finding.Finding) finding.Finding {
		f.Affected, f.Grants = f.Affected[:min(1000, len(f.Affected))], f.Grants[:min(100, len(f.Grants))]
		return f
	},
	func(f finding.Finding) finding.Finding { f.Witness = f.Witness[:min(1, len(f.Witness))]; return f },
	func(f finding.Finding) finding.Finding {
		f.Affected, f.Grants = f.Affected[:min(50, len(f.Affected))], f.Grants[:min(1, len(f.Grants))]
		return f
	},
	func(f finding.Finding) finding.Finding {
		f.Witness, f.Grants, f.Message = []finding.Request{}, []finding.Grant{}, f.Message[:min(2000, len(f.Message))]
		return f
	},
}

// unpack reads what pack made of the attribute with that name.
func unpack(name string, value types.AttributeValue, into any) error {
	var plain []byte
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		plain = []byte(v.Value)
	case *types.AttributeValueMemberB:
		var err error
		if plain, err = io.ReadAll(flate.NewReader(bytes.NewReader(v.Value))); err != nil {
			return fmt.Errorf("attribute %q: inflate: %w", name, err)
		}
	default:
		return fmt.Errorf("attribute %q (expected a string or binary)", name)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("attribute %q: %w", name, err)
	}
	return nil
}

// read returns what the item of a finding says.
func read(item attributes) (history.Item, error) {
	r := reader{item: item}
	out := history.Item{
		Edge: finding.Edge{
			Status: finding.Status(r.text("status")), Change: finding.Change(r.text("change")), Number: r.number("edge"),
			Provisional: r.flag("provisional"), FirstSeen: r.instant("firstSeen"), LastSeen: r.instant("lastSeen"),
		},
		Pending: r.flag("pending"), Observed: r.instant("observed"), Document: r.text("document"), Told: r.text("told"),
	}
	if _, resolved := item["cause"]; resolved {
		out.Edge.Cause = finding.Cause(r.text("cause"))
	}
	trigger := r.text("trigger")
	if r.err != nil {
		return out, r.err
	}
	if err := json.Unmarshal([]byte(trigger), &out.Trigger); err != nil {
		return out, fmt.Errorf("trigger: %w", err)
	}
	return out, unpack("finding", item["finding"], &out.Edge.Finding)
}
