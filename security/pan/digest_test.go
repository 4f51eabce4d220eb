package pan

import (
	"bytes"
	"testing"
)

// digests are two keyed hashes as a vault has them, without a database.
func digests(t testing.TB) *Vault {
	t.Helper()
	root := bytes.Repeat([]byte{7}, keySize)
	token, err := deriveHash(root, "token")
	if err != nil {
		t.Fatal(err)
	}
	digest, err := deriveHash(root, "digest")
	if err != nil {
		t.Fatal(err)
	}
	return &Vault{token: token, digest: digest}
}

func TestDigestSeparatesParts(t *testing.T) {
	vault := digests(t)
	lists := [][]string{{}, {""}, {"", ""}, {"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"},
		{"a", "b"}, {"a\x00\x00\x00\x00b"}, {"a\x00\x00\x00\x01b"}}
	seen := map[[16]byte][]string{}
	for _, list := range lists {
		value := vault.Digest(list...)
		if other, found := seen[value]; found {
			t.Errorf("%q and %q have one digest", list, other)
		}
		seen[value] = list
		if vault.Digest(list...) != value {
			t.Errorf("%q has two digests", list)
		}
	}
}

func TestTokenIsNotDigest(t *testing.T) {
	vault := digests(t)
	one, two := card(t, "6037990000000014"), card(t, "6037990000000022")
	first := vault.Token(one)
	if first == vault.Token(two) || first != vault.Token(one) {
		t.Fatal("tokens do not name cards")
	}
	if vault.Token(one) == vault.Digest(one.Reveal()) {
		t.Fatal("token and digest share a key")
	}
}

// TestSealAllocatesOnce covers Seal alone: the digests' pool is emptied at random
// under the race detector.
func TestSealAllocatesOnce(t *testing.T) {
	vault, _, _ := newVault(t)
	p := card(t, "6037990000000014")
	seal(t, vault, day, p, payment)
	if n := testing.AllocsPerRun(200, func() { _, _ = vault.Seal(t.Context(), day, p, payment) }); n > 1 {
		t.Errorf("Seal allocates %v times", n)
	}
}

func BenchmarkSeal(b *testing.B) {
	vault, _, _ := newVault(b)
	p := card(b, "6037990000000014")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vault.Seal(b.Context(), day, p, payment); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToken(b *testing.B) {
	vault := digests(b)
	p := card(b, "6037990000000014")
	b.ReportAllocs()
	for b.Loop() {
		vault.Token(p)
	}
}

func TestAdditionalDataNamesDayAndBind(t *testing.T) {
	base := appendBind(nil, day, payment)
	if bytes.Equal(base, appendBind(nil, nextDay, payment)) || bytes.Equal(base, appendBind(nil, day, otherPay)) {
		t.Fatal("two days or payments have the same additional data")
	}
	if base[0] != sealVersion || len(base) != bindHead+len(payment) {
		t.Errorf("additional data %x does not begin with the version", base)
	}
	if bytes.Equal(wrapData(daily, day), wrapData(daily, nextDay)) ||
		bytes.Equal(wrapData(daily, day), wrapData(permanent, day)) {
		t.Fatal("two rows have the same additional data")
	}
}
