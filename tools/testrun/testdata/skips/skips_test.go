package skips

import "testing"

func TestRuns(t *testing.T) { t.Log("ran") }

func TestSkips(t *testing.T) { t.Skip("not on this machine") }
