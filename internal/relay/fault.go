package relay

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Hold keeps the bytes of connections back, those of new ones too, until Release. Both ends still see them taken, as when
// the other program hangs.
func (r *Relay) Hold(of Of, way Way) { r.change(func() { r.held[of] |= way }) }

// Waiting counts the ways on which bytes are held back now.
func (r *Relay) Waiting() int { return int(r.waiting.Load()) }

// Release lets go what was held, by traps too.
func (r *Relay) Release() {
	r.change(func() {
		r.held = map[Of]Way{}
		for c := range r.conns {
			c.muted = 0
		}
	})
}

// Refuse resets new connections, or takes them again.
func (r *Relay) Refuse(yes bool) { r.change(func() { r.refusing = yes }) }

// Cut ends the connections in order, as a program that ends does.
func (r *Relay) Cut(of Of) { r.each(of, func(c *conn) { c.end(false) }) }

// Reset ends the connections at once, as a host that has started anew does.
func (r *Relay) Reset(of Of) { r.each(of, func(c *conn) { c.end(true) }) }

// Vanish leaves the connections that there are to themselves: nothing that either side sends arrives any more, nor is
// acknowledged, as when the other host has lost its power or the network between is down. New connections are served.
func (r *Relay) Vanish(of Of) error {
	var failed error
	r.each(of, func(c *conn) {
		if err := c.vanish(); err != nil {
			failed = err
		}
	})
	return failed
}

// Bury ends the connections that have vanished, as when the other host is there again and knows nothing of them.
func (r *Relay) Bury() {
	r.each(All, func(c *conn) {
		c.relay.mu.Lock()
		gone := c.vanished
		c.relay.mu.Unlock()
		if gone {
			c.end(true)
		}
	})
}

// Return brings back what has vanished, as when the network is up again: what was sent meanwhile arrives late.
func (r *Relay) Return() error {
	var failed error
	r.each(All, func(c *conn) {
		if err := c.deafen(false); err != nil {
			failed = err
		}
		r.change(func() { c.vanished = false })
	})
	return failed
}

// Trap waits for the next moment of a transaction on the connections that are meant, and then does a deed. Another trap takes
// its place. The channel is closed when it has sprung.
func (r *Relay) Trap(of Of, at Moment, having string, do Deed) <-chan struct{} {
	t := &trap{of: of, at: at, having: having, do: do, sprung: make(chan struct{})}
	r.change(func() { r.trap = t })
	return t.sprung
}

// Disarm takes the trap away.
func (r *Relay) Disarm() { r.change(func() { r.trap = nil }) }

// take takes the trap if the moment is its own. One that waits for the server's confirmation springs with that.
func (r *Relay) take(c *conn, at Moment) (do Deed, taken bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.trap
	if t == nil || t.at != at || !t.of.has(c.name) || t.having != "" && !c.bound[t.having] {
		return 0, false
	}
	r.trap = nil
	if at == AtCommit && t.do.afterwards() {
		c.awaiting = t
		return 0, false
	}
	close(t.sprung)
	return t.do, true
}

// confirmed springs the trap that waits for the confirmation.
func (r *Relay) confirmed(c *conn) (do Deed, sprung bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := c.awaiting
	if t == nil {
		return 0, false
	}
	c.awaiting = nil
	close(t.sprung)
	return t.do, true
}

// nobody is a socket filter (BPF) that drops every packet that comes in, acknowledgements and probes too.
var nobody = []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}

// deafen has the kernel drop whatever the two sides send, or take it again. A connection that has ended meanwhile needs nothing.
func (c *conn) deafen(yes bool) error {
	for _, side := range []net.Conn{c.client, c.server} {
		raw, err := side.(syscall.Conn).SyscallConn()
		if err != nil {
			continue
		}
		var failed error
		err = raw.Control(func(fd uintptr) {
			if !yes {
				failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
				return
			}
			program := unix.SockFprog{Len: uint16(len(nobody)), Filter: &nobody[0]}
			failed = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program)
		})
		if err == nil && failed != nil && !errors.Is(failed, unix.ENOENT) {
			return fmt.Errorf("relay: have a connection vanish, or return: %w", failed)
		}
	}
	return nil
}

// vanish leaves the connection to itself.
func (c *conn) vanish() error {
	c.relay.change(func() { c.vanished = true })
	return c.deafen(true)
}
