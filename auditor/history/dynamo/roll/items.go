package roll

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/inventory"
)

// The roll is one partition of the table: an item for the organization, one for
// each account, one for the policies above it, and one for each policy.
const (
	rollKey        = "organization"
	rollItem       = "organization"
	accountPrefix  = "account#"
	guardsPrefix   = "guards#"
	policyPrefix   = "policy#"
	rollSchema     = 1
	timeOfRollItem = time.RFC3339
)

type attributes = map[string]types.AttributeValue

// spell returns the items of a roll by sort key.
func spell(roll history.Roll) map[string]attributes {
	items := map[string]attributes{}
	put := func(sk string, item attributes) {
		maps.Copy(item, key(sk))
		items[sk] = item
	}
	if !roll.Listed.IsZero() {
		organization := attributes{
			"schema": number(rollSchema), "id": text(roll.Organization), "management": text(roll.Management), "listed": moment(roll.Listed),
		}
		if !roll.Read.IsZero() {
			organization["read"] = moment(roll.Read)
		}
		put(rollItem, organization)
	}
	for account, entry := range roll.Entries {
		item := attributes{"state": text(entry.State)}
		if entry.Missing > 0 {
			item["missing"], item["missed"], item["listed"] = number(entry.Missing), moment(entry.Missed), moment(entry.Listed)
		}
		put(accountPrefix+account, item)
		if entry.Guards != nil {
			put(guardsPrefix+account, attributes{"levels": jsonText(entry.Guards)})
		}
	}
	for id, p := range roll.Policies {
		put(policyPrefix+id, attributes{"name": text(p.Name), "kind": text(p.Kind.String()), "content": text(p.Content)})
	}
	return items
}

// take puts an item into the roll.
func take(roll *history.Roll, item attributes) error {
	kind, of, _ := strings.Cut(textOf(item, "sk"), "#")
	switch kind + "#" {
	case rollItem + "#":
		return takeOrganization(roll, item)
	case accountPrefix:
		entry := roll.Entries[of]
		err := takeEntry(&entry, item)
		roll.Entries[of] = entry
		return err
	case guardsPrefix:
		entry := roll.Entries[of]
		var err error
		entry.Guards, err = levels(item)
		roll.Entries[of] = entry
		return err
	case policyPrefix:
		p, err := controlPolicy(of, item)
		roll.Policies[of] = p
		return err
	}
	return nil // of a later version
}

func takeOrganization(roll *history.Roll, item attributes) error {
	if schema := numberOf(item, "schema"); schema > rollSchema {
		return fmt.Errorf("schema %d (expected at most %d): a later version of the auditor wrote it", schema, rollSchema)
	}
	roll.Organization, roll.Management = textOf(item, "id"), textOf(item, "management")
	var err error
	if roll.Listed, err = momentOf(item, "listed"); err != nil {
		return err
	}
	roll.Read, err = momentOf(item, "read")
	return err
}

func takeEntry(entry *history.Entry, item attributes) error {
	entry.State, entry.Missing = textOf(item, "state"), numberOf(item, "missing")
	var err error
	if entry.Missed, err = momentOf(item, "missed"); err != nil {
		return err
	}
	entry.Listed, err = momentOf(item, "listed")
	return err
}

func levels(item attributes) ([][]string, error) {
	guards := [][]string{}
	if err := json.Unmarshal([]byte(textOf(item, "levels")), &guards); err != nil {
		return nil, fmt.Errorf("levels: %w", err)
	}
	return guards, nil
}

func controlPolicy(id string, item attributes) (inventory.ControlPolicy, error) {
	kind, known := inventory.ParseKind(textOf(item, "kind"))
	if !known {
		return inventory.ControlPolicy{}, fmt.Errorf("unknown kind %q", textOf(item, "kind"))
	}
	return inventory.ControlPolicy{ID: id, Name: textOf(item, "name"), Kind: kind, Content: textOf(item, "content")}, nil
}

func key(sk string) attributes { return attributes{"pk": text(rollKey), "sk": text(sk)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

func moment(t time.Time) types.AttributeValue { return text(t.UTC().Format(timeOfRollItem)) }

func jsonText(levels [][]string) types.AttributeValue {
	spelled, _ := json.Marshal(levels) // lists of strings always have a spelling
	return text(string(spelled))
}

func textOf(item attributes, name string) string {
	value, _ := item[name].(*types.AttributeValueMemberS)
	if value == nil {
		return ""
	}
	return value.Value
}

func numberOf(item attributes, name string) int {
	value, _ := item[name].(*types.AttributeValueMemberN)
	if value == nil {
		return 0
	}
	n, _ := strconv.Atoi(value.Value)
	return n
}

// momentOf returns the zero time where there is none.
func momentOf(item attributes, name string) (time.Time, error) {
	written := textOf(item, name)
	if written == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(timeOfRollItem, written)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %q is no time", name, written)
	}
	return t, nil
}
