package pgserver

import "testing"

func TestMajor(t *testing.T) {
	for version, want := range map[string]int{
		"postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n": 15,
		"postgres (PostgreSQL) 17beta1":                          17,
		"postgres (EnterpriseDB) 9":                              0,
		"postgres (PostgreSQL) ":                                 0,
		"":                                                       0,
	} {
		if got := parseMajor(version); got != want {
			t.Errorf("%q: version %d, want %d", version, got, want)
		}
	}
	if (binaries{major: oldestMajor - 1}).check() == nil {
		t.Error("a version older than the oldest was taken")
	}
}
