package pan

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

const sampleKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// writeKey writes a master key file with the permissions given.
func writeKey(t *testing.T, text string, perm os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, perm); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadMasterKey(t *testing.T) {
	tests := []struct {
		name string
		text string
		perm os.FileMode
		kind fault.Kind
		says string
	}{
		{"good", sampleKey, 0o600, fault.None, ""},
		{"line end", sampleKey + "\n", 0o600, fault.None, ""},
		{"Windows line end, capitals", strings.ToUpper(sampleKey) + "\r\n", 0o600, fault.None, ""},
		{"read-only", sampleKey, 0o400, fault.None, ""},
		{"group may read", sampleKey, 0o640, fault.Denied, "chmod 600"},
		{"others may read", sampleKey, 0o604, fault.Denied, "chmod 600"},
		{"empty", "", 0o600, fault.Invalid, "openssl rand -hex 32"},
		{"short", sampleKey[:62], 0o600, fault.Invalid, "openssl rand -hex 32"},
		{"long", sampleKey + "00", 0o600, fault.Invalid, "openssl rand -hex 32"},
		{"two line ends", sampleKey + "\n\n", 0o600, fault.Invalid, "openssl rand -hex 32"},
		{"not hex", "zz" + sampleKey[2:], 0o600, fault.Invalid, "hex digits"},
		{"only zeros", strings.Repeat("0", 64), 0o600, fault.Invalid, "zeros"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := writeKey(t, test.text, test.perm)
			key, err := LoadMasterKey(path)
			if fault.KindOf(err) != test.kind {
				t.Fatalf("error %v is %v, want %v", err, fault.KindOf(err), test.kind)
			}
			if err == nil {
				if got := hex.EncodeToString(key.reveal()[:]); got != sampleKey {
					t.Fatal("another key came out")
				}
				return
			}
			if !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
				t.Fatalf("error %q does not say %q and the path", err, test.says)
			}
			if test.text != "" && strings.Contains(err.Error(), test.text[2:20]) {
				t.Fatalf("error %q repeats the file", err)
			}
			if !key.IsZero() {
				t.Fatal("a key came with the error")
			}
		})
	}
}

func TestLoadMasterKeyMissing(t *testing.T) {
	_, err := LoadMasterKey(filepath.Join(t.TempDir(), "none"))
	if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "openssl rand -hex 32") {
		t.Fatalf("error %v", err)
	}
	if _, err := LoadMasterKey(t.TempDir()); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a folder: %v", err)
	}
}

func TestCreateMasterKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	made, err := CreateMasterKey(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("file %v, %v", info.Mode(), err)
	}
	loaded, err := LoadMasterKey(path)
	if err != nil || *loaded.reveal() != *made.reveal() {
		t.Fatalf("loading what was made: %v", err)
	}
	if _, err := CreateMasterKey(path); !fault.Is(err, fault.Conflict) {
		t.Fatalf("second create: %v", err)
	}
	again, err := LoadMasterKey(path)
	if err != nil || *again.reveal() != *made.reveal() {
		t.Fatal("the second create changed the file")
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Fatalf("files left over: %v, %v", names, err)
	}
}

func TestKeysAreMasked(t *testing.T) {
	key, err := LoadMasterKey(writeKey(t, sampleKey, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	hash, err := deriveHash(key.reveal()[:], "test")
	if err != nil {
		t.Fatal(err)
	}
	vault := &Vault{masterID: []byte("publicid"), token: hash, digest: hash}
	type holder struct {
		Key   MasterKey
		key   MasterKey
		Vault *Vault
		vault *Vault
	}
	values := []any{key, &key, holder{key, key, vault, vault}, &holder{key, key, vault, vault}, []MasterKey{key}, vault}
	var out bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%p", "%c", "%U"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
			slog.New(handler).Info("m", "value", value)
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	// The key in hex, as decimal bytes, as raw bytes and as hex bytes of a dump.
	leaks := []string{sampleKey[:16], "0 1 2 3 4 5 6", "\x00\x01\x02\x03\x04", "0x0, 0x1, 0x2", "1e1f", "29 30 31"}
	for _, leak := range leaks {
		if strings.Contains(strings.ToLower(out.String()), leak) {
			at := strings.Index(strings.ToLower(out.String()), leak)
			t.Fatalf("a key leaked as %q in %q", leak, out.String()[max(0, at-80):at+80])
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb+" "+verb, key, vault); got != mask+" "+vaultMask {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}
