package main

import (
	"strings"
	"testing"
)

// TestAddressOfANodeIsHostAndPort, and a URL is refused with a sentence that says so.
func TestAddressOfANodeIsHostAndPort(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:9464", "http://node", "127.0.0.1", "node:port", "node:65536", ""} {
		for _, c := range []string{"top", "links"} {
			code, _, problem := command(t, c, "--admin", address)
			if code != exitMisused || !strings.Contains(problem, "without http:// before it") {
				t.Errorf("%s --admin %q: exit code %d: %s", c, address, code, problem)
			}
		}
	}
	for _, address := range []adminAddress{"127.0.0.1:9464", "[::1]:9464", "node-1:80"} {
		var a adminAddress
		if err := a.UnmarshalText([]byte(address)); err != nil || a != address {
			t.Errorf("%q is read as %q: %v", address, a, err)
		}
	}
}
