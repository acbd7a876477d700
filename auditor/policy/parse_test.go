package policy

import (
	"os"
	"testing"
)

func TestParseReadsEveryElement(t *testing.T) {
	data, err := os.ReadFile("testdata/accept/every-element.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range doc.Problems {
		t.Errorf("%v: %s", doc.Position(p.Start), p.Message)
	}
	if doc.Version != Version2012 || doc.ID != "all" || len(doc.Statements) != 5 {
		t.Errorf("got version %s, id %q, %d statements", doc.Version, doc.ID, len(doc.Statements))
	}
}
