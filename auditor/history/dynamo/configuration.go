package dynamo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/config"
	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/history"
)

// The key of the configuration.
const (
	configurationKey  = "configuration" // pk
	configurationItem = "current"       // sk
)

// Configuration is a caudit.yaml as it was put into the table.
type Configuration struct {
	Version int    // counts from 1; 0 when none was ever put
	YAML    string // as its author wrote it
	By      string // ARN of who put it
	At      time.Time
	Config  *config.Config // what it means; nil when there is none
}

// maxYAML keeps the item, which holds the text and its meaning, below the 400 KB
// that DynamoDB takes.
const maxYAML = 150 << 10

// ErrPushed says that somebody else has put another configuration in between.
var ErrPushed = errors.New("another configuration was pushed in between")

// Configuration returns what is configured, as it is now. An item that is not
// whole, or of a later version, is an error: without it an exception might be
// missed.
func (t *Table) Configuration(ctx context.Context) (Configuration, error) {
	item, err := t.get(ctx, configurationKey, configurationItem)
	if err != nil || item == nil {
		return Configuration{}, err
	}
	if schema := schemaOf(item); schema > history.Schema {
		return Configuration{}, newer(t.name, schema)
	}
	r := reader{item: item}
	c := Configuration{Version: r.number("version"), YAML: r.text("yaml"), By: r.text("by"), At: r.instant("at")}
	meaning, sum := r.text("config"), r.text("sha256")
	if r.err != nil {
		return Configuration{}, fmt.Errorf("table %s: configuration: %w", t.name, r.err)
	}
	if sum != checksum(c.YAML, meaning) {
		return Configuration{}, fmt.Errorf("table %s: configuration: it is not what its checksum says: push it again", t.name)
	}
	if c.Config, err = config.Decode([]byte(meaning)); err != nil {
		return Configuration{}, fmt.Errorf("table %s: %w", t.name, err)
	}
	return c, nil
}

// Version returns the version of the configuration in the table, whatever it
// says, 0 for none: one that is not whole can be replaced. One of a later schema
// is an error.
func (t *Table) Version(ctx context.Context) (int, error) {
	item, err := t.get(ctx, configurationKey, configurationItem)
	if err != nil || item == nil {
		return 0, err
	}
	r := reader{item: item}
	version := r.number("version")
	switch schema := schemaOf(item); {
	case schema > history.Schema:
		return 0, newer(t.name, schema)
	case r.err != nil:
		return 0, fmt.Errorf("table %s: configuration: %w", t.name, r.err)
	}
	return version, nil
}

func newer(table string, schema int) error {
	return fmt.Errorf("table %s: configuration has schema %d (expected at most %d): a later version pushed it", table, schema, history.Schema)
}

// Configure returns what is configured, nil for nothing.
func (t *Table) Configure(ctx context.Context) (*config.Config, error) {
	c, err := t.Configuration(ctx)
	return c.Config, err
}

// PushConfiguration puts a validated configuration in the place of the one with
// the version before, 0 for none. The error is ErrPushed when that is no longer
// the current one.
func (t *Table) PushConfiguration(ctx context.Context, c Configuration, before int) error {
	if len(c.YAML) > maxYAML {
		return fmt.Errorf("configuration of %d bytes (expected at most %d)", len(c.YAML), maxYAML)
	}
	meaning, err := c.Config.Encode()
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	item := key(configurationKey, configurationItem)
	item["schema"], item["version"] = number(history.Schema), number(before+1)
	item["yaml"], item["config"], item["sha256"] = text(c.YAML), text(string(meaning)), text(checksum(c.YAML, string(meaning)))
	item["by"], item["at"] = text(c.By), instant(c.At)
	in := &dynamodb.PutItemInput{TableName: &t.name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if before > 0 {
		in.ConditionExpression = aws.String("version = :before AND " + notNewer)
		in.ExpressionAttributeNames = schemaName()
		in.ExpressionAttributeValues = attributes{":before": number(before), ":schema": number(history.Schema)}
	}
	_, err = t.client.PutItem(ctx, in)
	switch {
	case refused(err):
		return ErrPushed
	case err != nil:
		return fmt.Errorf("table %s: put configuration: %w", t.name, err)
	}
	return nil
}

func checksum(yaml, meaning string) string {
	sum := sha256.Sum256([]byte(yaml + "\x00" + meaning))
	return hex.EncodeToString(sum[:])
}
