package house

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestNoticeIsCurrent holds NOTICE against what the command and the functions link.
func TestNoticeIsCurrent(t *testing.T) {
	cmd := exec.Command("go", "run", "./licences", "-dir", "..", "-check")
	cmd.Dir = filepath.Join(root(t), "tools")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
