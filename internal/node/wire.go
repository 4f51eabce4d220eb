package node

import (
	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// Wire is the agreement with one kind of peer: dialect, framing, and MAC if there is one.
type Wire struct {
	Dialect *iso.Dialect
	Framing iso.Framing
	MAC     mac.Code
}
