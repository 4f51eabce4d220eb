package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"
)

// How soon a peer is noticed that has vanished without a word: an idle connection is probed after keepIdle, and is dead when keepCount probes
// keepInterval apart are not answered; what was sent must be acknowledged within userTimeout. The same holds on both sides: the server
// learns it as settings of the session, and lets go of the locks of a client that has lost its power.
const (
	keepIdle     = 5 * time.Second
	keepInterval = 3 * time.Second
	keepCount    = 3
	userTimeout  = 10 * time.Second
)

// tcpUserTimeout is the socket option TCP_USER_TIMEOUT of Linux (tcp(7), RFC 5482), which package syscall does not name.
const tcpUserTimeout = 18

// dial connects as every connection to a database does.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepIdle, Interval: keepInterval, Count: keepCount},
		Control:         limitSilence,
	}
	return dialer.DialContext(ctx, network, address)
}

// limitSilence bounds how long what was sent may stay without acknowledgement.
func limitSilence(network, _ string, socket syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var refused error
	err := socket.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(userTimeout.Milliseconds()))
	})
	return errors.Join(err, refused)
}
