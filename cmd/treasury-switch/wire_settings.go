package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// wireSettings are the agreement with one kind of peer: dialect, framing, and MAC if there is one.
type wireSettings struct {
	Dialect    string `env:"DIALECT" placeholder:"FILE" help:"Dialect file instead of the one that ships with the product."`
	Framing    string `env:"FRAMING" enum:"dialect,length2,ascii4,length2-tpdu" default:"dialect" help:"Framing of messages: ${enum}."`
	MAC        string `name:"mac" env:"MAC" enum:"none,des-cbc-mac,retail-mac,aes-cmac" default:"none" help:"Message authentication: ${enum}."`
	MACKeyFile string `name:"mac-key-file" env:"MAC_KEY_FILE" placeholder:"FILE" help:"File of the MAC key in hexadecimal, readable by its owner only."`
}

// open reads the files that the settings name.
func (s wireSettings) open(dialect *iso.Dialect) (node.Wire, error) {
	w := node.Wire{Dialect: dialect}
	if s.Dialect != "" {
		text, err := os.ReadFile(s.Dialect)
		if err != nil {
			return w, fault.New(fault.NotFound, "read the dialect: %w", err)
		}
		if w.Dialect, err = iso.Load(filepath.Base(s.Dialect), text); err != nil {
			return w, err
		}
	}
	w.Framing = w.Dialect.Framing()
	if s.Framing != "dialect" && s.Framing != "" {
		kind, err := iso.ParseFraming(s.Framing)
		if err != nil {
			return w, fault.New(fault.Invalid, "%w", err)
		}
		w.Framing.Kind = kind
	}
	if s.MAC == "none" || s.MAC == "" {
		return w, nil
	}
	key, err := readMACKey(s.MACKeyFile)
	if err != nil {
		return w, err
	}
	w.MAC, err = mac.New(mac.Algorithm(s.MAC), key)
	return w, err
}

// readMACKey reads a key that nobody but its owner can read.
func readMACKey(path string) (mac.Key, error) {
	if path == "" {
		return mac.Key{}, fault.New(fault.Invalid, "a MAC needs its key: name the file that holds it in hexadecimal (..._MAC_KEY_FILE)")
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return mac.Key{}, fault.New(fault.NotFound, "there is no MAC key file %s", path)
	}
	if err != nil {
		return mac.Key{}, fault.New(fault.Unavailable, "read the MAC key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return mac.Key{}, fault.New(fault.Denied, "MAC key file %s can be read by others: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return mac.Key{}, fault.New(fault.Unavailable, "read the MAC key: %w", err)
	}
	key, err := mac.ParseKey(strings.TrimSpace(string(text)))
	if err != nil {
		return mac.Key{}, fault.New(fault.Invalid, "MAC key file %s: %w", path, err)
	}
	return key, nil
}
