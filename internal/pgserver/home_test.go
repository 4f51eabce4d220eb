package pgserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHomeIsInTheFolderWhereItCanBe(t *testing.T) {
	dir := folder(t)
	h, err := locate(filepath.Join(dir, "var"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "var", "postgres"); h.dir != want || h.notice != "" {
		t.Errorf("home %s (%s), want %s without a notice", h.dir, h.notice, want)
	}
}

// Only root is in need of another place: an ordinary user runs the server as itself.
func TestHomeOfAClosedFolder(t *testing.T) {
	dir := folder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	h, err := locate(filepath.Join(dir, "var"))
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		if h.dir != filepath.Join(dir, "var", "postgres") || h.cred != nil {
			t.Errorf("an ordinary user's home is %s", h.dir)
		}
		return
	}
	t.Cleanup(func() { _ = os.RemoveAll(h.dir) })
	if filepath.Dir(h.dir) != sharedHomes {
		t.Errorf("home %s, want one in %s", h.dir, sharedHomes)
	}
	if !strings.Contains(h.notice, h.dir) {
		t.Errorf("the notice does not name the place: %q", h.notice)
	}
	again, err := locate(filepath.Join(dir, "var"))
	if err != nil || again.dir != h.dir {
		t.Errorf("the next command looks in %s (%v), the first in %s", again.dir, err, h.dir)
	}
}
